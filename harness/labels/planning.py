"""From drawn items and stored runs to the tasks that readers see."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from harness.hashing import sha256_json
from harness.labels.records import Arm, Kind, NewTask, Review
from harness.labels.sampling import Drawn
from harness.labels.store import now
from harness.suite.item import Item

BLOCK = 10
"""Items whose answers are mixed with each other: whoever stops early has all candidates' answers to nearly the same items."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What one candidate answered in one run: completions by item id."""

    candidate: str
    run: str
    completions: Mapping[str, str]


def make_review(
    kind: Kind, suite: str, split: str, lock: str, arms: Sequence[Answers], items: int, double: float, seed: int
) -> Review:
    """The review of this draw. The same lock, runs, size and seed give the same id, so that a started one goes on."""
    drawn_from = [kind, suite, split, lock, sorted(arm.run for arm in arms), items, double, seed]
    return Review(
        id=sha256_json(drawn_from)[:16], kind=kind, suite=suite, split=split, lock=lock, items=items, double=double,
        seed=seed, created=now(),
    )  # fmt: skip


def plan_tasks(
    drawn: Sequence[Drawn], arms: Sequence[Answers], kind: Kind, retrieve: Callable[[Item], Sequence[str]], seed: int
) -> list[NewTask]:
    """Tasks in the order in which they are handed out: block after block, mixed within each.

    A task shows one answer, or two of different candidates. Candidates that answered in the same words share one task, and
    are never set against each other.
    """
    rng = random.Random(f"tasks of {seed}")
    tasks: list[NewTask] = []
    for start in range(0, len(drawn), BLOCK):
        block = []
        for each in drawn[start : start + BLOCK]:
            retrieved = tuple(retrieve(each.item))
            block += _pairs(each, arms, retrieved, rng) if kind == "pair" else _singles(each, arms, retrieved)
        rng.shuffle(block)
        tasks += block
    return tasks


def _arm(each: Drawn, arm: Answers, side: int = 1) -> Arm:
    stratum = f"{each.stratum}/{arm.candidate}"
    return Arm(
        side=1 if side == 1 else 2, run=arm.run, candidate=arm.candidate, stratum=stratum, probability=each.probability
    )


def _singles(each: Drawn, arms: Sequence[Answers], retrieved: tuple[str, ...]) -> list[NewTask]:
    same: dict[str, list[Arm]] = {}
    for arm in arms:
        same.setdefault(arm.completions[each.item.id], []).append(_arm(each, arm))
    return [
        NewTask(item=each.item.id, retrieved=retrieved, completion=text, readers=each.readers, arms=tuple(found))
        for text, found in same.items()
    ]


def _pairs(each: Drawn, arms: Sequence[Answers], retrieved: tuple[str, ...], rng: random.Random) -> list[NewTask]:
    tasks = []
    for pair in combinations(arms, 2):
        one, two = rng.sample(pair, 2)
        first, second = one.completions[each.item.id], two.completions[each.item.id]
        if first != second:
            tasks.append(
                NewTask(
                    item=each.item.id, retrieved=retrieved, completion=first, other=second, readers=each.readers,
                    arms=(_arm(each, one, 1), _arm(each, two, 2)),
                )
            )  # fmt: skip
    return tasks
