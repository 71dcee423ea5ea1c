"""What follows in one step from named values, and what does not."""

from decimal import Decimal

import pytest

from harness.scoring.arithmetic import computable

NAMED = {("money", Decimal(10_000)), ("money", Decimal(16_000)), ("money", Decimal(50_000)), ("photo", Decimal(16)), ("photo", Decimal(100)),
         ("photo", Decimal(5)), ("second", Decimal(20))}  # fmt: skip


@pytest.mark.parametrize(
    ("unit", "value", "counts"),
    [
        ("money", 66_000, ()), ("money", 100_000, (2,)), ("money", 100_000, ()), ("photo", 2, (3,)), ("photo", 32, (2,)),
        ("photo", 200, (2,)), ("second", 400, (20,)), ("minute", 6, (20,)), ("minute", 7, (20,)), ("second", 40, (20,)),
    ],
)  # fmt: skip
def test_one_step_follows(unit: str, value: int, counts: tuple[int, ...]) -> None:
    assert computable(unit, Decimal(value), NAMED, frozenset(map(Decimal, counts)))


@pytest.mark.parametrize(
    ("unit", "value", "counts"),
    [
        ("money", 34_000, ()), ("money", 48_000, ()), ("money", 48_000, (2,)), ("photo", 48, (2,)), ("minute", 3, (20,)),
        ("second", 41, (20,)), ("money", 17_000, (2, 5)), ("percent", 10, (2,)),
    ],
)  # fmt: skip
def test_inventions_do_not(unit: str, value: int, counts: tuple[int, ...]) -> None:
    assert not computable(unit, Decimal(value), NAMED, frozenset(map(Decimal, counts)))
