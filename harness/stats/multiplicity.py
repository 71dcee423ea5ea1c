"""Many comparisons at once: adjusted p values that may be read against the ordinary level."""

import numpy as np
import numpy.typing as npt

from harness.stats._checks import Floats, cluster_codes, cluster_sums, matrix, vector, whole
from harness.stats.resampling import flip_share, sign_patterns


def holm(p: npt.ArrayLike) -> Floats:
    """P values [m] adjusted for the chance of any false claim among them, in the order given.

    Every p in [0, 1], at least one; raises ValueError otherwise. Source: Holm (1979), Scand J Stat 6, 65-70.
    """
    values = _p_values(p)
    order = np.argsort(values, kind="stable")
    stepped = np.maximum.accumulate(values[order] * np.arange(values.size, 0, -1))
    return _in_place(np.minimum(stepped, 1.0), order)


def benjamini_hochberg(p: npt.ArrayLike) -> Floats:
    """P values [m] adjusted for the expected share of false claims, in the order given.

    Every p in [0, 1], at least one; raises ValueError otherwise.
    Source: Benjamini & Hochberg (1995), JRSS B 57, 289-300.
    """
    values = _p_values(p)
    order = np.argsort(values, kind="stable")
    scaled = values[order] * values.size / np.arange(1, values.size + 1)
    stepped = np.minimum.accumulate(scaled[::-1])[::-1]
    return _in_place(np.minimum(stepped, 1.0), order)


def max_t(deltas: npt.ArrayLike, cluster: npt.ArrayLike, samples: int = 9999, seed: int = 0) -> Floats:
    """Two-sided adjusted p values [candidates] for differences of several candidates from one baseline.

    ``deltas`` [rows, candidates], ``cluster`` [rows] labels. Step-down maxT: whole clusters flip sign in all
    candidates together, so their correlation, which Holm ignores, is used. Each statistic is the sum of cluster
    sums over the root of their sum of squares. Exact up to 15 clusters with a nonzero sum, else ``samples``
    random flips from ``seed``; with one candidate it equals ``sign_flip``. A column of zeros gets 1.
    Raises ValueError for bad input. Source: Westfall & Young (1993), Resampling-Based Multiple Testing.
    """
    values = matrix(deltas, "deltas")
    codes, _ = cluster_codes(cluster, values.shape[0])
    whole(samples, "samples", least=1)
    sums = np.stack([cluster_sums(column, codes) for column in values.T], axis=1)
    sums = sums[(sums != 0).any(axis=1)]
    norm = np.sqrt((sums**2).sum(axis=0))
    scaled = sums / np.where(norm > 0, norm, 1.0)
    observed = np.abs(scaled.sum(axis=0))
    order = np.argsort(-observed, kind="stable")
    # Patterns equal to the observed one must not be lost to rounding.
    bar = observed[order] - 1e-9 * np.abs(scaled).sum(axis=0)[order]
    hits = np.zeros(values.shape[1], dtype=np.int64)
    for signs in sign_patterns(len(sums), samples, seed):
        null = np.abs(signs @ scaled)[:, order]
        largest_left = np.maximum.accumulate(null[:, ::-1], axis=1)[:, ::-1]
        hits += (largest_left >= bar).sum(axis=0)
    p = np.array([flip_share(int(hit), len(sums), samples) for hit in hits])
    return _in_place(np.maximum.accumulate(p), order)


def _p_values(p: npt.ArrayLike) -> Floats:
    values = vector(p, "p")
    if values.min() < 0 or values.max() > 1:
        raise ValueError("p values must lie in [0, 1]")
    return values


def _in_place(ordered: Floats, order: npt.NDArray[np.intp]) -> Floats:
    """Undo the sorting."""
    result = np.empty_like(ordered)
    result[order] = ordered
    return result
