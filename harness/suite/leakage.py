"""Training rows that a test question could have been copied from: equal, equal but for signs and case, or nearly so.

Near-duplicates: Jaccard similarity of character 5-grams, computed exactly for every pair by a sparse product.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

NEAR = 0.6
GRAM = 5
_POWERS = np.uint64(1_000_003) ** np.arange(GRAM, dtype=np.uint64)  # polynomial hash, wrapping at 64 bits


@dataclass(frozen=True, slots=True)
class Leak:
    """A pair that is too close; similarity from 0 to 1."""

    train_id: str
    test_id: str
    kind: Literal["exact", "normalised", "near"]
    similarity: float


def normalise(text: str) -> str:
    """Lower case, letters and digits only, single spaces."""
    return re.sub(r"[\W_]+", " ", text.lower()).strip()


def _grams(text: str) -> npt.NDArray[np.uint64]:
    """Hashes of the distinct character n-grams of ``text``."""
    codes = np.frombuffer(normalise(text).ljust(GRAM).encode("utf-32-le"), np.uint32).astype(np.uint64)
    windows = np.lib.stride_tricks.sliding_window_view(codes, GRAM)
    return np.unique(windows @ _POWERS)


def find_leaks(train: Sequence[tuple[str, str]], test: Sequence[tuple[str, str]], near: float = NEAR) -> list[Leak]:
    """Pairs of (id, message) from both sides that are equal or nearly equal, most similar first."""
    from scipy.sparse import csr_matrix

    if not train or not test:
        return []
    grams = [_grams(text) for _, text in (*train, *test)]
    sizes = np.array([len(found) for found in grams])
    vocabulary, columns = np.unique(np.concatenate(grams), return_inverse=True)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    rows = csr_matrix((np.ones(len(columns), np.float32), columns, starts), shape=(len(grams), len(vocabulary)))
    left, right = rows[: len(train)], rows[len(train) :]
    left_sizes, right_sizes = sizes[: len(train)], sizes[len(train) :]
    shared = (left @ right.T).tocoo()
    similarities = shared.data / (left_sizes[shared.row] + right_sizes[shared.col] - shared.data)
    leaks = []
    for pair in np.flatnonzero(similarities >= near):
        row, column, similarity = shared.row[pair], shared.col[pair], float(similarities[pair])
        (train_id, train_text), (test_id, test_text) = train[row], test[column]
        kind: Literal["exact", "normalised", "near"] = "near"
        if train_text == test_text:
            kind = "exact"
        elif normalise(train_text) == normalise(test_text):
            kind = "normalised"
        leaks.append(Leak(train_id, test_id, kind, similarity))
    return sorted(leaks, key=lambda leak: (-leak.similarity, leak.train_id, leak.test_id))
