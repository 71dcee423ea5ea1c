"""Which items are labelled: drawn at random within strata, known by nothing but the item itself.

The draw sees items, never scores or a judge's verdict: a set picked by verdict cannot correct that judge. All candidates are
labelled on the same items, so that differences between them are paired.
"""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Literal

from harness.errors import InputError
from harness.suite.item import Item


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawn item: its stratum, its probability of having been drawn (0 to 1), how many readers it gets."""

    item: Item
    stratum: str
    probability: float
    readers: Literal[1, 2]


def stratum_of(item: Item) -> str:
    """Domain, language and answerability; with the candidate's name added, an answer's stratum."""
    return f"{item.domain}/{item.language}/{item.answerable}"


def draw(items: Sequence[Item], count: int, double: float, seed: int) -> list[Drawn]:
    """``count`` items in random order, a share ``double`` of them (rounded up) for two readers.

    Each stratum gets its proportional number, rounded up or down at random so that on average nothing is lost; within a
    stratum every set is equally likely. Every item therefore has probability ``count / len(items)``. Source: proportional
    allocation with systematic rounding, Särndal, Swensson & Wretman (1992), Model Assisted Survey Sampling, ch. 3.
    Raises `InputError` where ``count`` is not between 1 and the number of items.
    """
    if not 1 <= count <= len(items):
        raise InputError(f"--items {count}: the split has {len(items)} items; take 1 to {len(items)}")
    rng = random.Random(seed)
    strata: dict[str, list[Item]] = defaultdict(list)
    for item in sorted(items, key=lambda item: item.id):
        strata[stratum_of(item)].append(item)
    start, passed, taken = rng.random(), 0, 0
    chosen: list[Item] = []
    for name in sorted(strata):
        passed += len(strata[name])
        upto = floor(count * passed / len(items) + start)
        chosen += rng.sample(strata[name], upto - taken)
        taken = upto
    rng.shuffle(chosen)
    twice = set(rng.sample(range(count), ceil(double * count)))
    return [
        Drawn(item, stratum_of(item), count / len(items), 2 if index in twice else 1)
        for index, item in enumerate(chosen)
    ]
