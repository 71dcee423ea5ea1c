"""Means over rows that come in clusters: phrasings and languages of one intent are not independent.

``clustered_se`` keeps the row mean; the others average cluster means, so that every cluster counts once.
"""

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
import numpy.typing as npt

from harness.stats._checks import Floats, cluster_codes, cluster_sums, is_constant, open_unit, vector
from harness.stats.intervals import clopper_pearson


@dataclass(frozen=True)
class ClusteredSE:
    """Row mean and its standard error, taking rows as independent (iid) or clusters as independent (cr0, cr1)."""

    mean: float
    iid: float
    cr0: float
    cr1: float


@dataclass(frozen=True)
class ClusteredMean:
    """Mean of cluster means, its interval, and the number of clusters behind it."""

    mean: float
    low: float
    high: float
    clusters: int


@dataclass(frozen=True)
class ClusteredProportion:
    """Mean of cluster means of 0/1 data, its interval, and the independent trials that it is worth."""

    mean: float
    low: float
    high: float
    effective_n: float


@dataclass(frozen=True)
class ClusteredPairs:
    """Mean of cluster means of per-row differences, interval, two-sided p, and the number of clusters."""

    diff: float
    low: float
    high: float
    p: float
    clusters: int


def clustered_se(x: npt.ArrayLike, cluster: npt.ArrayLike) -> ClusteredSE:
    """Standard error of the row mean under clustering.

    ``x`` [rows] finite numbers, ``cluster`` [rows] labels. ``cr0`` is the clustered error of Miller (2024),
    "Adding error bars to evals", arXiv:2411.00640, up to his n - 1 in the diagonal; ``cr1`` multiplies its
    square by G / (G - 1). With one cluster both are nan, with one row ``iid`` is.
    Raises ValueError for empty, not finite or mismatched input. Source: Liang & Zeger (1986), Biometrika 73, 13-22.
    """
    values = vector(x, "x")
    codes, count = cluster_codes(cluster, values.size)
    rows, mean = values.size, float(values.mean())
    iid = sqrt(float(values.var(ddof=1)) / rows) if rows > 1 else nan
    if count == 1:
        return ClusteredSE(mean, iid, nan, nan)
    residual_sums = np.bincount(codes, weights=values - mean)
    cr0 = sqrt(float(residual_sums @ residual_sums)) / rows
    return ClusteredSE(mean, iid, cr0, cr0 * sqrt(count / (count - 1)))


def clustered_mean(x: npt.ArrayLike, cluster: npt.ArrayLike, alpha: float = 0.05) -> ClusteredMean:
    """Mean of cluster means with a t interval on G - 1 degrees of freedom, level 1 - ``alpha``.

    ``x`` [rows] finite numbers, ``cluster`` [rows] labels. One cluster: nan limits.
    Equal cluster means give an interval of no width. Raises ValueError for bad input.
    """
    means = _cluster_means(vector(x, "x"), cluster)
    half = _t_quantile(means.size - 1, alpha) * _error(means)
    mean = float(means.mean())
    return ClusteredMean(mean, mean - half, mean + half, means.size)


def clustered_proportion(x: npt.ArrayLike, cluster: npt.ArrayLike, alpha: float = 0.05) -> ClusteredProportion:
    """Mean of cluster means of 0/1 data with a Clopper-Pearson interval at the effective sample size.

    ``x`` [rows] of 0 and 1, ``cluster`` [rows] labels; level 1 - ``alpha``. The effective size is
    p (1 - p) / variance of p, shrunk by (t[rows - 1] / t[G - 1])^2 for the few clusters behind the variance,
    at most the number of rows. Where cluster means do not vary, or there is one cluster, it is the number of
    clusters: a variance of 0 would otherwise claim certainty. Raises ValueError for bad input.
    Source: Korn & Graubard (1998), Survey Methodology 24, 193-201.
    """
    values = vector(x, "x")
    if not np.isin(values, (0, 1)).all():
        raise ValueError("x must hold 0 and 1 only")
    means = _cluster_means(values, cluster)
    p, rows, count = float(means.mean()), values.size, means.size
    if count == 1 or is_constant(means):
        effective = float(count)
        open_unit(alpha, "alpha")
    else:
        shrink = (_t_quantile(rows - 1, alpha) / _t_quantile(count - 1, alpha)) ** 2
        effective = min(p * (1 - p) / _error(means) ** 2 * shrink, float(rows))
    interval = clopper_pearson(min(p * effective, effective), effective, alpha)
    return ClusteredProportion(p, interval.low, interval.high, effective)


def weighted_proportion(
    x: npt.ArrayLike, cluster: npt.ArrayLike, stratum: npt.ArrayLike, weights: npt.ArrayLike, alpha: float = 0.05
) -> ClusteredProportion:
    """Weighted mean of strata's clustered proportions, with a Clopper-Pearson interval at its effective sample size.

    ``x`` [rows] in [0, 1], ``cluster`` [rows] labels within a stratum, ``stratum`` [rows] codes 0..S-1, ``weights`` [S] of at
    least 0, scaled to sum to 1. A stratum of one cluster, or whose cluster means do not vary, counts with the variance of
    one of its size at the overall proportion. Raises ValueError for bad input.
    Source: Korn & Graubard (1998), Survey Methodology 24, 193-201.
    """
    values, shares = vector(x, "x"), vector(weights, "weights")
    strata = np.asarray(stratum, dtype=np.intp)
    if values.min() < 0 or values.max() > 1 or shares.min() < 0 or shares.sum() <= 0:
        raise ValueError("x must lie in [0, 1], weights must be at least 0 and not all 0")
    shares = shares / shares.sum()
    labels = np.asarray(cluster)
    groups = [_cluster_means(values[strata == code], labels[strata == code]) for code in range(shares.size)]
    mean = float(shares @ np.array([group.mean() for group in groups]))
    pooled = mean * (1 - mean) or 0.25 / values.size
    errors = [pooled / group.size if is_constant(group) else _error(group) ** 2 for group in groups]
    variance = float(shares**2 @ np.array(errors))
    effective = min(max(mean * (1 - mean), 0.0) / variance or float(len({*labels.tolist()})), float(values.size))
    interval = clopper_pearson(min(mean * effective, effective), effective, alpha)
    return ClusteredProportion(mean, interval.low, interval.high, effective)


def clustered_pairs(delta: npt.ArrayLike, cluster: npt.ArrayLike, alpha: float = 0.05) -> ClusteredPairs:
    """Paired difference between two systems: mean of cluster means of ``delta``, t test and interval on G - 1.

    ``delta`` [rows] differences on the same row, ``cluster`` [rows] labels; level 1 - ``alpha``.
    Degenerate cases: one cluster gives nan limits and p = 1; deltas all 0 give diff, low and high 0 and p = 1;
    equal cluster means other than 0 give no width and p = 2^(1 - G), the least that an exact sign-flip test
    can give, since a t test would claim p = 0 from two clusters. Raises ValueError for bad input.
    """
    means = _cluster_means(vector(delta, "delta"), cluster)
    diff, count = float(means.mean()), means.size
    quantile = _t_quantile(count - 1, alpha)
    if count == 1:
        return ClusteredPairs(diff, nan, nan, 1.0, 1)
    if is_constant(means):
        return ClusteredPairs(diff, diff, diff, 1.0 if diff == 0 else 2.0 ** (1 - count), count)
    from scipy.special import stdtr

    error = _error(means)
    p = 2 * float(stdtr(count - 1, -abs(diff) / error))
    return ClusteredPairs(diff, diff - quantile * error, diff + quantile * error, p, count)


def _cluster_means(values: Floats, cluster: npt.ArrayLike) -> Floats:
    codes, _ = cluster_codes(cluster, values.size)
    return np.asarray(cluster_sums(values, codes) / np.bincount(codes))


def _error(means: Floats) -> float:
    """Standard error of the mean of cluster means; nan for one cluster, 0 where they are equal."""
    if means.size == 1:
        return nan
    return 0.0 if is_constant(means) else sqrt(float(means.var(ddof=1)) / means.size)


def _t_quantile(freedom: int, alpha: float) -> float:
    """Two-sided t quantile; nan without a degree of freedom."""
    from scipy.special import stdtrit

    open_unit(alpha, "alpha")
    return float(stdtrit(freedom, 1 - alpha / 2)) if freedom > 0 else nan
