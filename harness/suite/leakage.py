"""Training rows that a test question could have been copied from: equal, equal but for signs and case, or nearly so.

Near-duplicates: Jaccard similarity of character 5-grams, computed exactly for every pair by a sparse product.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

NEAR = 0.6
GRAM = 5


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


def _grams(text: str) -> set[str]:
    text = normalise(text)
    return {text[start : start + GRAM] for start in range(max(1, len(text) - GRAM + 1))}


def find_leaks(train: Sequence[tuple[str, str]], test: Sequence[tuple[str, str]], near: float = NEAR) -> list[Leak]:
    """Pairs of (id, message) from both sides that are equal or nearly equal, most similar first."""
    from scipy.sparse import csr_matrix

    vocabulary: dict[str, int] = {}

    def matrix(rows: Sequence[tuple[str, str]]) -> tuple["csr_matrix", "np.ndarray"]:
        columns, starts = [], [0]
        for _, text in rows:
            columns += [vocabulary.setdefault(gram, len(vocabulary)) for gram in _grams(text)]
            starts.append(len(columns))
        return csr_matrix((np.ones(len(columns), np.float32), columns, starts)), np.diff(starts)

    if not train or not test:
        return []
    left, left_sizes = matrix(train)
    right, right_sizes = matrix(test)
    left.resize(left.shape[0], len(vocabulary))
    right.resize(right.shape[0], len(vocabulary))
    shared = (left @ right.T).tocoo()
    leaks = []
    for row, column, count in zip(shared.row, shared.col, shared.data, strict=True):
        similarity = float(count / (left_sizes[row] + right_sizes[column] - count))
        if similarity < near:
            continue
        (train_id, train_text), (test_id, test_text) = train[row], test[column]
        kind: Literal["exact", "normalised", "near"] = "near"
        if train_text == test_text:
            kind = "exact"
        elif normalise(train_text) == normalise(test_text):
            kind = "normalised"
        leaks.append(Leak(train_id, test_id, kind, similarity))
    return sorted(leaks, key=lambda leak: (-leak.similarity, leak.train_id, leak.test_id))
