"""Values that an answer may compute: from what the question, the gold, the item's facts and the answer itself state.

Two packages cost the sum of their prices, twenty photos at 20 seconds take 400 seconds, which are 6 minutes and 40 seconds.
One step only, sum, difference of counts, or product with a count, so that few values become computable: an invented price is
seldom the sum of two that were named.
"""

from collections.abc import Set
from decimal import Decimal

_SECONDS = {"second": 1, "minute": 60, "hour": 3600}


def computable(unit: str, value: Decimal, operands: Set[tuple[str, Decimal]], counts: Set[Decimal]) -> bool:
    """Whether ``value`` in ``unit`` follows from ``operands`` (unit and value) in one step; ``counts`` may multiply."""
    if unit in _SECONDS:
        return _duration(unit, value, operands, counts)
    same = {other for kind, other in operands if kind == unit}
    if any(first + second == value for first in same for second in same):
        return True
    if any(first * count == value for first in same for count in counts):
        return True
    return unit == "photo" and any(first - second == value for first in same | counts for second in same | counts)


def _duration(unit: str, value: Decimal, operands: Set[tuple[str, Decimal]], counts: Set[Decimal]) -> bool:
    """A whole duration, its minutes (also rounded up), or the seconds that are left beside them."""
    single = {other * _SECONDS[kind] for kind, other in operands if kind in _SECONDS}
    totals = {first * count for first in single for count in counts}
    totals |= {first + second for first in single for second in single} | single
    for total in totals:
        minutes, rest = divmod(total, 60)
        if value * _SECONDS[unit] == total or (unit == "second" and value == rest):
            return True
        if unit == "minute" and value in (minutes, minutes + (rest > 0)):
            return True
    return False
