"""Where variation comes from: between items or clusters, or within them."""

from dataclasses import dataclass
from math import nan

import numpy as np
import numpy.typing as npt

from harness.stats._checks import cluster_codes, matrix, vector


@dataclass(frozen=True)
class VarianceComponents:
    """Variance of true item scores, and of repeated samples of one item, in squared units of the score."""

    between: float
    within: float


def variance_components(items_by_samples: npt.ArrayLike) -> VarianceComponents:
    """How much of a score's variance is the items', and how much the sampling of answers.

    ``items_by_samples`` [items, samples], at least 2 by 2, finite. One-way random-effects analysis of variance;
    a negative ``between`` is set to 0. A mean over one sample of each item has variance
    (between + within) / items. Raises ValueError for bad input.
    Source: Searle, Casella & McCulloch (1992), Variance Components, chapter 3.
    """
    scores = matrix(items_by_samples, "items_by_samples")
    if min(scores.shape) < 2:
        raise ValueError(f"items_by_samples needs at least 2 items and 2 samples, got shape {scores.shape}")
    within = float(scores.var(axis=1, ddof=1).mean())
    means = scores.mean(axis=1)
    between = float(means.var(ddof=1)) - within / scores.shape[1]
    return VarianceComponents(max(between, 0.0), within)


def intraclass_correlation(x: npt.ArrayLike, cluster: npt.ArrayLike) -> float:
    """Correlation of two rows of one cluster: the analysis-of-variance ICC(1), in [-1, 1].

    ``x`` [rows] finite numbers, ``cluster`` [rows] labels, clusters of any sizes. The design effect of clusters
    of m rows is 1 + (m - 1) ICC. nan where it is not defined: one cluster, no cluster with two rows, or no
    variance at all. Raises ValueError for bad input. Source: Donner (1986), Int Stat Rev 54, 67-82.
    """
    values = vector(x, "x")
    codes, count = cluster_codes(cluster, values.size)
    rows, sizes = values.size, np.bincount(codes)
    if count == 1 or count == rows or np.ptp(values) == 0:
        return nan
    means = np.bincount(codes, weights=values) / sizes
    within = float(((values - means[codes]) ** 2).sum()) / (rows - count)
    between = float((sizes * (means - values.mean()) ** 2).sum()) / (count - 1)
    typical = (rows - float((sizes**2).sum()) / rows) / (count - 1)
    return (between - within) / (between + (typical - 1) * within)
