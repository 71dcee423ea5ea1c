"""Tests and intervals by resampling: cluster sign flips and the BCa bootstrap."""

from collections.abc import Callable, Iterator
from math import nan

import numpy as np
import numpy.typing as npt

from harness.stats._checks import Floats, cluster_codes, cluster_sums, open_unit, vector, whole
from harness.stats.intervals import Interval

EXACT_CLUSTERS = 15
_BLOCK = 1024
_SIGNS_AT_ONCE = 2**23  # 64 MiB of them


def sign_flip(d: npt.ArrayLike, cluster: npt.ArrayLike, samples: int = 9999, seed: int = 0) -> float:
    """Two-sided p that paired differences are symmetric about 0, flipping whole clusters.

    ``d`` [rows] differences, ``cluster`` [rows] labels. The statistic is the sum over clusters of cluster sums.
    With at most 15 nonzero cluster sums all sign patterns are enumerated and p is exact; with more,
    ``samples`` random patterns from ``seed`` give (b + 1) / (samples + 1). No nonzero sum: p = 1.
    Raises ValueError for bad input. Source: Fisher (1935); Phipson & Smyth (2010), SAGMB 9:39, for the + 1.
    """
    values = vector(d, "d")
    codes, _ = cluster_codes(cluster, values.size)
    whole(samples, "samples", least=1)
    sums = cluster_sums(values, codes)
    sums = sums[sums != 0]
    if sums.size == 0:
        return 1.0
    # Patterns equal to the observed one must not be lost to rounding.
    observed = abs(float(sums.sum())) - 1e-9 * float(np.abs(sums).sum())
    hits = sum(int((np.abs(signs @ sums) >= observed).sum()) for signs in sign_patterns(sums.size, samples, seed))
    return flip_share(hits, sums.size, samples)


def sign_patterns(clusters: int, samples: int, seed: int) -> Iterator[Floats]:
    """Blocks [patterns, clusters] of +1 and -1: all 2^clusters of them up to 15 clusters, else random ones.

    The patterns do not depend on how many stand in a block.
    """
    if clusters <= EXACT_CLUSTERS:
        bits = np.arange(2**clusters)[:, None] >> np.arange(clusters)
        yield (1 - 2 * (bits & 1)).astype(np.float64)
        return
    rng = np.random.default_rng(seed)
    block = max(1, min(_BLOCK, _SIGNS_AT_ONCE // clusters))
    for start in range(0, samples, block):
        bits = rng.integers(0, 2, (min(block, samples - start), clusters))
        yield (1 - 2 * bits).astype(np.float64)


def flip_share(hits: int, clusters: int, samples: int) -> float:
    """P value from the patterns at least as extreme as the observed one."""
    return hits / 2**clusters if clusters <= EXACT_CLUSTERS else (hits + 1) / (samples + 1)


def bca(
    x: npt.ArrayLike,
    statistic: Callable[[Floats], float],
    confidence: float = 0.95,
    resamples: int = 9999,
    seed: int = 0,
) -> Interval:
    """Bias-corrected and accelerated bootstrap interval for ``statistic`` of independent values.

    ``x`` [n], at least 2 finite values: cluster means where rows are clustered. ``confidence`` in (0, 1).
    Both limits are nan where the bootstrap says nothing: the statistic never varies, or lies outside all of
    its resamples. Raises ValueError for bad input. Source: Efron (1987), JASA 82, 171-185.
    """
    from scipy.special import ndtr, ndtri

    values = vector(x, "x", least=2)
    tail = (1 - open_unit(confidence, "confidence")) / 2
    whole(resamples, "resamples", least=100)
    rng = np.random.default_rng(seed)
    observed = float(statistic(values))
    draws = np.array([statistic(values[rng.integers(0, values.size, values.size)]) for _ in range(resamples)])
    below = float((draws < observed).mean() + (draws <= observed).mean()) / 2
    if not 0 < below < 1 or np.ptp(draws) == 0:
        return Interval(nan, nan)
    bias = float(ndtri(below))
    left_out = np.array([statistic(np.delete(values, i)) for i in range(values.size)])
    pull = left_out.mean() - left_out
    spread = float((pull**2).sum())
    acceleration = float((pull**3).sum()) / (6 * spread**1.5) if spread > 0 else 0.0
    shifted = bias + ndtri([tail, 1 - tail])
    low, high = np.quantile(draws, ndtr(bias + shifted / (1 - acceleration * shifted)))
    return Interval(float(low), float(high))
