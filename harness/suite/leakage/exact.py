"""Jaccard similarity of every pair by a sparse product: nothing is missed, and time grows with the product of both sides."""

from collections.abc import Sequence

import numpy as np

from harness.suite.leakage.grams import Grams

Pairs = dict[tuple[int, int], float]
"""Similarity, 0 to 1, by row of the left side and row of the right side."""

_PAIRS_AT_ONCE = 4_000_000  # some 100 MB


def similar_pairs(left: Sequence[Grams], right: Sequence[Grams], least: float) -> Pairs:
    """Pairs of n-gram sets with a Jaccard similarity of ``least`` or more."""
    step = max(1, _PAIRS_AT_ONCE // len(right))
    pairs: Pairs = {}
    for start in range(0, len(left), step):
        pairs |= _product(left[start : start + step], right, least, start)
    return pairs


def _product(left: Sequence[Grams], right: Sequence[Grams], least: float, start: int) -> Pairs:
    from scipy.sparse import csr_matrix

    grams = [*left, *right]
    sizes = np.array([len(found) for found in grams])
    vocabulary, columns = np.unique(np.concatenate(grams), return_inverse=True)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    rows = csr_matrix((np.ones(len(columns), np.float32), columns, starts), shape=(len(grams), len(vocabulary)))
    shared = (rows[: len(left)] @ rows[len(left) :].T).tocoo()
    similarities = shared.data / (sizes[: len(left)][shared.row] + sizes[len(left) :][shared.col] - shared.data)
    kept = np.flatnonzero(similarities >= least)
    found = zip(shared.row[kept].tolist(), shared.col[kept].tolist(), similarities[kept].tolist(), strict=True)
    return {(start + row, column): similarity for row, column, similarity in found}
