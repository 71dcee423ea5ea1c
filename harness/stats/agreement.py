"""How far people, or a judge and people, agree beyond chance."""

from dataclasses import dataclass
from math import nan, sqrt
from typing import Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt

from harness.stats._checks import Floats, matrix

Level: TypeAlias = Literal["nominal", "ordinal", "interval", "ratio"]


@dataclass(frozen=True)
class Kappa:
    """Cohen's kappa, at most 1, and its large-sample standard error."""

    kappa: float
    se: float


def cohen_kappa(table: npt.ArrayLike) -> Kappa:
    """Agreement of two raters on named categories.

    ``table`` [k, k] counts, rows the first rater and columns the second in the same category order, not all 0.
    Both values are nan where chance agreement is complete: both raters used one and the same category.
    Raises ValueError for bad input. Source: Cohen (1960), Educ Psychol Meas 20, 37-46;
    error: Fleiss, Cohen & Everitt (1969), Psychol Bull 72, 323-327.
    """
    counts = matrix(table, "table")
    if counts.shape[0] != counts.shape[1]:
        raise ValueError(f"table must be square, got shape {counts.shape}")
    n = float(counts.sum())
    if counts.min() < 0 or n == 0:
        raise ValueError("table must hold counts of at least 0, not all 0")
    shares = counts / n
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    observed, chance = float(np.trace(shares)), float(rows @ columns)
    if chance >= 1 - 1e-12:
        return Kappa(nan, nan)
    kappa = (observed - chance) / (1 - chance)
    weight = (rows[None, :] + columns[:, None]) * (1 - kappa)
    on = float((np.diag(shares) * (1 - np.diag(weight)) ** 2).sum())
    off = float((shares * weight**2).sum() - (np.diag(shares) * np.diag(weight) ** 2).sum())
    variance = (on + off - (kappa - chance * (1 - kappa)) ** 2) / (n * (1 - chance) ** 2)
    return Kappa(kappa, sqrt(max(variance, 0.0)))


def krippendorff_alpha(ratings: npt.ArrayLike, level: Level = "nominal") -> float:
    """Agreement of any number of raters, with gaps, at most 1.

    ``ratings`` [raters, units] numbers, nan where a rater gave none; units with fewer than two ratings do not count.
    ``level`` says what a difference of values means. nan where all values are the same.
    Raises ValueError if no unit has two ratings, for infinite values, an unknown level, or, at ratio level,
    negative values. Source: Krippendorff (2011), Computing Krippendorff's Alpha-Reliability.
    """
    values = np.asarray(ratings, dtype=np.float64)
    if level not in get_args(Level):
        raise ValueError(f"level must be one of {', '.join(get_args(Level))}, got {level!r}")
    if values.ndim != 2 or np.isinf(values).any():
        raise ValueError("ratings must be two-dimensional, [raters, units], and hold finite numbers or nan")
    values = values[:, (~np.isnan(values)).sum(axis=0) >= 2]
    if values.size == 0:
        raise ValueError("ratings need at least one unit with two ratings")
    domain = np.unique(values[~np.isnan(values)])
    if level == "ratio" and domain[0] < 0:
        raise ValueError("ratings at ratio level must not be negative")
    if domain.size == 1:
        return nan
    # How often each unit received each value: [units, values].
    given = (values.T[:, :, None] == domain).sum(axis=1).astype(np.float64)
    weights = 1 / (given.sum(axis=1) - 1)
    together = (given * weights[:, None]).T @ given - np.diag(weights @ given)
    totals = together.sum(axis=1)
    distance = _distance(domain, totals, level)
    observed = float((together * distance).sum())
    expected = float(totals @ distance @ totals) / (float(totals.sum()) - 1)
    return 1 - observed / expected


def _distance(domain: Floats, totals: Floats, level: Level) -> Floats:
    """Squared differences [values, values] between values at the given level of measurement."""
    one, two = domain[:, None], domain[None, :]
    if level == "nominal":
        return np.asarray(one != two, dtype=np.float64)
    if level == "ordinal":
        # Ranks: the ratings between two values, and half of those at either end.
        middle = np.cumsum(totals) - totals / 2
        return np.asarray((middle[:, None] - middle[None, :]) ** 2)
    if level == "interval":
        return np.asarray((one - two) ** 2)
    both = one + two
    return np.asarray(((one - two) / np.where(both == 0, 1.0, both)) ** 2)
