"""Intervals for one proportion of independent trials."""

from dataclasses import dataclass
from math import sqrt

from harness.stats._checks import open_unit, successes


@dataclass(frozen=True)
class Interval:
    """A two-sided confidence interval."""

    low: float
    high: float


def wilson(x: float, n: float, alpha: float = 0.05) -> Interval:
    """Score interval for a proportion.

    ``x`` successes in ``n`` independent trials, 0 <= x <= n, n > 0; level 1 - ``alpha``.
    Limits lie in [0, 1]. Raises ValueError outside these ranges.
    Source: Wilson (1927), JASA 22, 209-212.
    """
    from scipy.special import ndtri

    successes(x, n)
    z = float(ndtri(1 - open_unit(alpha, "alpha") / 2))
    p = x / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    # At 0 and n the limit is exact; rounding must not put it a hair inside.
    return Interval(0.0 if x == 0 else middle - half, 1.0 if x == n else middle + half)


def clopper_pearson(x: float, n: float, alpha: float = 0.05) -> Interval:
    """Exact interval for a proportion; never covers less than 1 - ``alpha``.

    ``x`` and ``n`` may be fractions, for an effective sample size: 0 <= x <= n, n > 0.
    Limits lie in [0, 1]. Raises ValueError outside these ranges.
    Source: Clopper & Pearson (1934), Biometrika 26, 404-413, through beta quantiles.
    """
    from scipy.special import betaincinv

    successes(x, n)
    open_unit(alpha, "alpha")
    low = 0.0 if x == 0 else float(betaincinv(x, n - x + 1, alpha / 2))
    high = 1.0 if x == n else float(betaincinv(x + 1, n - x, 1 - alpha / 2))
    return Interval(low, high)
