"""Candidate pairs by MinHash and locality-sensitive hashing, confirmed by their exact Jaccard similarity.

Broder (1997), "On the resemblance and containment of documents"; bands as in Leskovec, Rajaraman and Ullman, "Mining of
Massive Datasets", chapter 3. With 42 bands of 3 rows a pair of similarity 0.6 is missed once in 27,000 times
((1 - 0.6³)⁴²), one of 0.8 practically never; the many false candidates only cost their confirmation.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from harness.errors import InputError
from harness.suite.leakage.exact import Pairs
from harness.suite.leakage.grams import Grams

BANDS, ROWS = 42, 3


def similar_pairs(left: Sequence[Grams], right: Sequence[Grams], least: float) -> Pairs:
    """As `harness.suite.leakage.exact.similar_pairs`, in time that grows with the sum of both sides.

    The right side is indexed, so it should be the shorter one. Raises `InputError` where datasketch is not installed.
    """
    try:
        from datasketch import MinHashLSH
    except ImportError:
        raise InputError(
            "so many rows on both sides are compared through MinHash; run: pip install 'harness[leakage]'"
        ) from None
    index = MinHashLSH(num_perm=BANDS * ROWS, params=(BANDS, ROWS))
    seed = _empty()
    for column, grams in enumerate(right):
        index.insert(column, _sketch(seed, grams))
    pairs: Pairs = {}
    for row, grams in enumerate(left):
        for column in index.query(_sketch(seed, grams)):
            shared = len(np.intersect1d(grams, right[column], assume_unique=True))
            similarity = shared / (len(grams) + len(right[column]) - shared)
            if similarity >= least:
                pairs[row, column] = similarity
    return pairs


def _empty() -> Any:
    from datasketch import MinHash

    return MinHash(num_perm=BANDS * ROWS, seed=1, hashfunc=int, scheme="affine64")


def _sketch(empty: Any, grams: Grams) -> Any:
    sketch = empty.copy()
    sketch.update_batch(grams.tolist())
    return sketch
