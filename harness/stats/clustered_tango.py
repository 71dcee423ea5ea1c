"""Paired right/wrong answers that come in clusters: a score interval at the effective sample size.

A t interval on cluster means claims certainty where few answers differ: two systems with equal verdicts on 28 rows would be
"equal, give or take nothing". The score interval does not, because its variance is that under the difference tested.
"""

from dataclasses import dataclass
from functools import cached_property
from math import isnan, nan, sqrt

import numpy as np
import numpy.typing as npt

from harness.stats._checks import Codes, Floats, cluster_codes, is_constant, open_unit, vector
from harness.stats.pairs import invert_score, score_statistic

FEW_CLUSTERS = 10


@dataclass(frozen=True)
class ClusteredDifference:
    """Share right of the first system minus that of the second, mean over units, in [-1, 1].

    ``p`` is two-sided against no difference. ``effective_n`` is the number of independent pairs that the data are worth,
    ``freedom`` the degrees of freedom of the variance behind it, ``discordance`` the share of pairs that differ;
    ``error`` is the standard error of a difference of scores other than 0 and 1, else nan.
    """

    diff: float
    p: float
    effective_n: float
    freedom: float
    discordance: float
    clusters: int
    alpha: float
    error: float = nan

    @property
    def low(self) -> float:
        """Lower limit of the interval of level 1 - ``alpha``; nan for one cluster."""
        return self._interval[0]

    @property
    def high(self) -> float:
        """Upper limit of the interval of level 1 - ``alpha``; nan for one cluster."""
        return self._interval[1]

    def inferiority_p(self, margin: float) -> float:
        """One-sided p that the first system is worse by ``margin`` (a share in [0, 1)) or more; small: it is not."""
        from scipy.special import stdtr

        if self.clusters < 2:
            return 1.0
        if not isnan(self.error):
            if self.error == 0:
                return 2.0 ** (1 - self.clusters) if self.diff > -margin else 1.0
            return float(stdtr(self.freedom, -(self.diff + margin) / self.error))
        return float(stdtr(self.freedom, -score_statistic(*self._counts, self.effective_n, -margin)))

    def worse_p(self) -> float:
        """One-sided p that the first system is not worse; small: it is worse."""
        return self.p / 2 if self.diff < 0 else 1 - self.p / 2

    @cached_property
    def _counts(self) -> tuple[float, float]:
        first = (self.discordance + self.diff) / 2 * self.effective_n
        return first, self.discordance * self.effective_n - first

    @cached_property
    def _interval(self) -> tuple[float, float]:
        from scipy.special import stdtrit

        if self.clusters < 2:
            return nan, nan
        quantile = float(stdtrit(self.freedom, 1 - self.alpha / 2))
        if isnan(self.error):
            return invert_score(*self._counts, self.effective_n, quantile)
        return max(self.diff - quantile * self.error, -1.0), min(self.diff + quantile * self.error, 1.0)


def clustered_tango(
    delta: npt.ArrayLike, unit: npt.ArrayLike, cluster: npt.ArrayLike | None = None, alpha: float = 0.05
) -> ClusteredDifference:
    """Interval for a paired difference, clustered; level 1 - ``alpha``.

    ``delta`` [rows] of -1, 0, 1 (first right alone: 1); ``unit`` [rows] labels of what counts once, such as the intent;
    ``cluster`` [rows] labels of what is independent, each a union of units (default: the unit). The difference is the mean
    of unit means. Its variance is CR2 over clusters, its freedom Satterthwaite's; the pairs are worth
    (discordance - diff^2) / variance, at most the rows, and where the variance is 0 the number of clusters, which is also the
    most that they are worth where fewer than 10 clusters differ at all. The interval
    holds every difference whose score statistic at that size stays within the t quantile.
    One cluster: nan limits and p = 1. Raises ValueError for bad input.
    Source: Tango (1998), Stat Med 17, 891-908; effective size: Korn & Graubard (1998), Survey Methodology 24, 193-201;
    CR2 and freedom: Bell & McCaffrey (2002), Survey Methodology 28, 169-181.
    """
    values = vector(delta, "delta")
    if not np.isin(values, (-1, 0, 1)).all():
        raise ValueError("delta must hold -1, 0 and 1 only")
    from scipy.special import stdtr

    open_unit(alpha, "alpha")
    units, unit_count = cluster_codes(unit, values.size)
    sizes = np.bincount(units)
    means = np.bincount(units, weights=values) / sizes
    discordance = float((np.bincount(units, weights=np.abs(values)) / sizes).mean())
    groups, count = _groups(units, unit_count, cluster)
    diff = float(means.mean())
    if count < 2:
        return ClusteredDifference(diff, 1.0, float(count), 0.0, discordance, count, alpha)
    variance, freedom = cr2(means, groups, count)
    spread = discordance - diff * diff
    effective = min(spread / variance, float(values.size)) if variance > 0 and spread > 0 else float(count)
    differing = np.bincount(groups[units], weights=np.abs(values), minlength=count) > 0
    if differing.sum() < FEW_CLUSTERS:  # too few to tell how alike the rows of a cluster are: take them as one each
        effective = min(effective, float(count))
    first = (discordance + diff) / 2 * effective
    z = score_statistic(first, discordance * effective - first, effective, 0.0)
    p = 2 * float(stdtr(freedom, -abs(z)))
    return ClusteredDifference(diff, p, effective, freedom, discordance, count, alpha)


def cr2(values: Floats, codes: Codes, count: int) -> tuple[float, float]:
    """Variance of the mean of ``values`` [units] under clusters ``codes`` [units] of 0..count-1, and its freedom.

    CR2: each cluster's residual sum over the root of 1 less its share of the units. Freedom by Satterthwaite under equal,
    independent errors; units that are their own clusters give the sample variance over n and n - 1.
    At least two clusters. Source: Bell & McCaffrey (2002), Survey Methodology 28, 169-181.
    """
    n = values.size
    if is_constant(values):
        return 0.0, float(count - 1)
    sizes = np.bincount(codes, minlength=count).astype(np.float64)
    share = sizes / n
    adjusted = np.bincount(codes, weights=values - values.mean(), minlength=count) / np.sqrt(1 - share)
    scaled = sizes / np.sqrt(1 - share)
    # Covariances of the adjusted sums are -scaled_g scaled_h / n off the diagonal, and the sizes on it.
    off = (float((scaled**2).sum()) ** 2 - float((scaled**4).sum())) / n**2
    freedom = n**2 / (float((sizes**2).sum()) + off)
    return float(adjusted @ adjusted) / n**2, freedom


def clustered_difference(
    delta: npt.ArrayLike, unit: npt.ArrayLike, cluster: npt.ArrayLike | None = None, alpha: float = 0.05
) -> ClusteredDifference:
    """Interval for a paired difference of any scores in [0, 1]: mean of unit means, CR2, t. Arguments as `clustered_tango`.

    ``discordance`` is the mean absolute difference and ``effective_n`` the number of clusters: neither has a meaning of its
    own here. Unit means all equal give no width and p as `clustered_pairs` does. Raises ValueError for bad input.
    """
    from scipy.special import stdtr

    open_unit(alpha, "alpha")
    values = vector(delta, "delta")
    units, unit_count = cluster_codes(unit, values.size)
    means = np.asarray(np.bincount(units, weights=values) / np.bincount(units))
    groups, count = _groups(units, unit_count, cluster)
    diff, size = float(means.mean()), float(np.abs(values).mean())
    if count < 2:
        return ClusteredDifference(diff, 1.0, float(count), 0.0, size, count, alpha)
    variance, freedom = cr2(means, groups, count)
    if variance == 0:
        p = 1.0 if diff == 0 else 2.0 ** (1 - count)
    else:
        p = 2 * float(stdtr(freedom, -abs(diff) / sqrt(variance)))
    return ClusteredDifference(diff, p, float(count), freedom, size, count, alpha, sqrt(variance))


def _groups(units: Codes, unit_count: int, cluster: npt.ArrayLike | None) -> tuple[Codes, int]:
    """Cluster code of each unit. Raises ValueError where a unit lies in two clusters."""
    if cluster is None:
        return np.arange(unit_count), unit_count
    rows, count = cluster_codes(cluster, units.size)
    groups = np.zeros(unit_count, dtype=np.intp)
    groups[units] = rows
    if (groups[units] != rows).any():
        raise ValueError("each unit must lie in one cluster")
    return groups, count
