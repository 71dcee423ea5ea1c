"""Pairs of a training and a test message that are equal, equal but for signs and case, or nearly so.

Near: a Jaccard similarity of `NEAR` or more, of character 5-grams (a reworded sentence) or of word 3-grams (one long word
replaced in an else equal sentence).
"""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from harness.hashing import sha256_json
from harness.suite.leakage import exact, minhash
from harness.suite.leakage.grams import Grams, character_grams, normalise, word_grams

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

NEAR = 0.6
VERSION = 2  # of what `find_leaks` finds; part of the cache's key

EXACT_AT_MOST = 20_000
"""Rows of the shorter side up to which every pair is computed; above it MinHash proposes the pairs.

Measured on two cores: for a given test split both ways grow with the training rows, and at 960 test rows the sparse product
is four times as fast as MinHash whether there are 5,000 or 100,000 training rows (0.05 against 0.25 seconds a 1,000 rows).
The two meet where the shorter side has some 15,000 to 20,000 rows. Nothing is missed below it, so `harness compare` is exact.
"""

Rows = Sequence[tuple[str, str]]
"""(id, message)."""


Pair = TypeVar("Pair", bound="DataclassInstance")


@dataclass(frozen=True, slots=True)
class Leak:
    """A pair that is too close; similarity from 0 to 1, the larger one of characters and words."""

    train_id: str
    test_id: str
    kind: Literal["exact", "normalised", "near"]
    similarity: float


def find_leaks(train: Rows, test: Rows, near: float = NEAR) -> list[Leak]:
    """Pairs of (id, message) from both sides that are equal or nearly equal, most similar first.

    Raises `InputError` where both sides have more than `EXACT_AT_MOST` rows and datasketch is not installed.
    """
    if not train or not test:
        return []
    similar_pairs = _method(len(train), len(test))
    similarities: dict[tuple[int, int], float] = {}
    for grams in (character_grams, word_grams):
        left, right = ([grams(text) for _, text in side] for side in (train, test))
        for pair, similarity in similar_pairs(left, right, near).items():
            similarities[pair] = max(similarity, similarities.get(pair, 0.0))
    leaks = []
    for (row, column), similarity in similarities.items():
        (train_id, train_text), (test_id, test_text) = train[row], test[column]
        kind: Literal["exact", "normalised", "near"] = "near"
        if train_text == test_text:
            kind = "exact"
        elif normalise(train_text) == normalise(test_text):
            kind = "normalised"
        leaks.append(Leak(train_id, test_id, kind, similarity))
    return sorted(leaks, key=lambda leak: (-leak.similarity, leak.train_id, leak.test_id))


def _method(train: int, test: int) -> Callable[[Sequence[Grams], Sequence[Grams], float], exact.Pairs]:
    """How pairs of this many rows are found."""
    return exact.similar_pairs if min(train, test) <= EXACT_AT_MOST else minhash.similar_pairs


def cached_leaks(train: Rows, test: Rows, cache: Path, near: float = NEAR) -> list[Leak]:
    """`find_leaks`, remembered in the folder ``cache`` under the content of both sides and the settings."""
    path = cache / f"leaks-{sha256_json([VERSION, near, train, test])[:32]}.json"
    leaks = recall(path, Leak)
    if leaks is None:
        leaks = find_leaks(train, test, near)
        remember(path, leaks)
    return leaks


def recall(path: Path, kind: type[Pair]) -> list[Pair] | None:
    """The pairs remembered in a file; ``None`` where there is none, or a kill cut it short."""
    try:
        return [kind(**row) for row in json.loads(path.read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError):
        return None


def remember(path: Path, pairs: Sequence["DataclassInstance"]) -> None:
    """Write pairs for `recall`; a read-only store only costs the time to compute them again."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps([asdict(pair) for pair in pairs]), encoding="utf-8")
