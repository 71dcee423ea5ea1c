"""Two systems answering the same independent items, right or wrong: tests and intervals on the 2x2 table.

Everywhere the difference is *first minus second*: put the candidate first and the baseline second.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import comb, inf, sqrt

from harness.stats._checks import open_unit, successes, whole
from harness.stats.intervals import wilson


@dataclass(frozen=True)
class Pairs:
    """How many items both systems had right, only one had, or neither had. Whole numbers, not all 0."""

    both_right: int
    only_first: int
    only_second: int
    both_wrong: int

    def __post_init__(self) -> None:
        for name in ("both_right", "only_first", "only_second", "both_wrong"):
            whole(getattr(self, name), name)
        if self.n == 0:
            raise ValueError("no pairs")

    @property
    def n(self) -> int:
        """Number of pairs."""
        return self.both_right + self.only_first + self.only_second + self.both_wrong


@dataclass(frozen=True)
class McNemar:
    """P values of McNemar's test; the one-sided alternative is that the first system is better."""

    exact: float
    midp: float
    exact_one_sided: float


@dataclass(frozen=True)
class Difference:
    """Share right of the first system minus that of the second, in [-1, 1], with its interval."""

    diff: float
    low: float
    high: float


@dataclass(frozen=True)
class NonInferiority:
    """Score statistic and one-sided p value against the margin."""

    z: float
    p: float


def mcnemar(pairs: Pairs) -> McNemar:
    """Conditional test that both systems are right equally often.

    Without discordant pairs every p value is 1. Source: McNemar (1947), Psychometrika 12, 153-157;
    mid-p: Fagerland, Lydersen & Laake (2013), BMC Med Res Methodol 13:91.
    """
    from scipy.special import bdtr, bdtrc

    first, second = pairs.only_first, pairs.only_second
    discordant, fewer = first + second, min(first, second)
    if discordant == 0:
        return McNemar(1.0, 1.0, 1.0)
    tail = float(bdtr(fewer, discordant, 0.5))
    point = comb(discordant, fewer) / 2**discordant
    # At a tie both tails hold the same point, so only half of it may be taken away.
    midp = 1 - point / 2 if first == second else 2 * tail - point
    one_sided = 1.0 if first == 0 else float(bdtrc(first - 1, discordant, 0.5))
    return McNemar(exact=min(1.0, 2 * tail), midp=midp, exact_one_sided=one_sided)


def newcombe_paired(pairs: Pairs, alpha: float = 0.05) -> Difference:
    """Interval for the difference from two Wilson intervals and the correlation of the pairs.

    Level 1 - ``alpha``. Source: Newcombe (1998), Stat Med 17, 2635-2650, method 10.
    """
    e, f, g, h = pairs.both_right, pairs.only_first, pairs.only_second, pairs.both_wrong
    n = pairs.n
    p1, p2 = (e + f) / n, (e + g) / n
    one, two = wilson(e + f, n, alpha), wilson(e + g, n, alpha)
    margins = (e + f) * (g + h) * (e + g) * (f + h)
    surplus: float = e * h - f * g
    if surplus > 0:
        # Newcombe's continuity correction, for positive correlation only.
        surplus = max(surplus - n / 2, 0.0)
    phi = surplus / sqrt(margins) if margins else 0.0
    down1, up1, down2, up2 = p1 - one.low, one.high - p1, p2 - two.low, two.high - p2
    below = sqrt(max(down1**2 - 2 * phi * down1 * up2 + up2**2, 0.0))
    above = sqrt(max(down2**2 - 2 * phi * down2 * up1 + up1**2, 0.0))
    diff = (f - g) / n
    return Difference(diff, max(diff - below, -1.0), min(diff + above, 1.0))


def tango(pairs: Pairs, alpha: float = 0.05) -> Difference:
    """Score interval for the difference: all values that the score test does not reject at ``alpha``.

    Works with empty discordant cells. Source: Tango (1998), Stat Med 17, 891-908.
    """
    from scipy.special import ndtri

    z = float(ndtri(1 - open_unit(alpha, "alpha") / 2))
    first, second, n = pairs.only_first, pairs.only_second, pairs.n
    return Difference((first - second) / n, *invert_score(first, second, n, z))


def tango_noninferiority(n: int, only_old: int, only_new: int, margin: float) -> NonInferiority:
    """Score test that the new system is worse by ``margin`` or more (null) against less (alternative).

    ``n`` pairs, of which ``only_old`` and ``only_new`` were right in one system alone;
    ``margin`` is a share, 0 <= margin < 1. A small p says not inferior. ``margin`` 0 gives McNemar's z.
    Raises ValueError for impossible counts. Source: Tango (1998), Stat Med 17, 891-908.
    """
    from scipy.special import ndtr

    n = whole(n, "n", least=1)
    old, new = whole(only_old, "only_old"), whole(only_new, "only_new")
    successes(old + new, n, "discordant pairs")
    if not 0 <= margin < 1:
        raise ValueError(f"margin must lie in [0, 1), got {margin}")
    z = score_statistic(new, old, n, -margin)
    return NonInferiority(z, float(ndtr(-z)))


def score_statistic(first: float, second: float, n: float, delta: float) -> float:
    """Tango's statistic for a true difference ``delta``; it falls as ``delta`` grows.

    ``first`` and ``second`` are the pairs right in one system alone, of ``n``; they may be fractions, at an effective size.
    """
    b = (2 * n - first + second) * delta - first - second
    c = -second * delta * (1 - delta)
    # Share right in the second alone, by maximum likelihood under the given difference.
    share = (sqrt(max(b * b - 8 * n * c, 0.0)) - b) / (4 * n)
    variance = n * (2 * share + delta * (1 - delta))
    distance = first - second - n * delta
    if variance <= 0:
        return 0.0 if distance == 0 else (inf if distance > 0 else -inf)
    return distance / sqrt(variance)


def invert_score(first: float, second: float, n: float, quantile: float) -> tuple[float, float]:
    """The least and the greatest difference whose statistic stays within +-``quantile``."""
    diff = (first - second) / n
    low = _root(lambda delta: score_statistic(first, second, n, delta) - quantile, -1.0, diff)
    high = _root(lambda delta: score_statistic(first, second, n, delta) + quantile, diff, 1.0)
    return low, high


def _root(falling: Callable[[float], float], low: float, high: float) -> float:
    """Where a falling function crosses 0, by bisection to twelve digits."""
    while high - low > 1e-12:
        middle = (low + high) / 2
        if falling(middle) > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2
