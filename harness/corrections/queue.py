"""Refused corrections as a queue of `harness review`, and what people made of them.

The queue is a review outside any random sample (of kind ``import``): its labels name the teacher as candidate and no run, so
that nobody takes them for labels of a run's answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.corrections.checks import LASTING, Checks
from harness.corrections.dataset import Dataset
from harness.corrections.record import Correction, Refusal, Rewrite, add_line, tagged
from harness.hashing import sha256_json
from harness.labels.people import person_labels
from harness.labels.records import Arm, NewTask, Review, Reviewer
from harness.labels.store import LabelStore, add_task, answer_digest, now
from harness.scoring.completion import parse
from harness.suite.item import Item, Split
from harness.suite.suite import Suite

PASSED_BY_PEOPLE = "labels by people"


def review_id(dataset: str, lock: str) -> str:
    """Id of the review that holds a dataset's queue under one lock."""
    return sha256_json(["corrections", dataset, lock])[:16]


def open_refusals(dataset: Dataset, lock: str) -> list[Refusal]:
    """Refusals under this lock in whose place no correction has entered."""
    entered = {each.key for each in dataset.corrections()}
    return [each for each in dataset.refusals() if each.lock == lock and each.key not in entered]


def enqueue(store: LabelStore, dataset: Dataset, suite: str, lock: str) -> int:
    """Put every open refusal that is not queued yet into the dataset's review; returns how many tasks were added.

    One completion of one item is one task, however many runs it was written for.
    """
    refused = open_refusals(dataset, lock)
    if not refused:
        return 0
    review = Review(
        id=review_id(dataset.name, lock), kind="import", suite=suite, split=Split.FEEDBACK, lock=lock, items=0, double=0,
        seed=0, created=now(),
    )  # fmt: skip
    row = review.model_dump()
    with store.transaction() as connection:
        connection.execute(f"INSERT OR IGNORE INTO reviews VALUES ({', '.join(f':{name}' for name in row)})", row)
        held = connection.execute("SELECT item, answer FROM tasks WHERE review = ?", (review.id,)).fetchall()
        queued, before = {(each["item"], each["answer"]) for each in held}, len(held)
        for each in refused:
            place = (each.item, answer_digest(each.completion))
            if place not in queued:
                arm = Arm(run=each.teacher_sha256, candidate=each.teacher, stratum="corrections", probability=None)
                new = NewTask(item=each.item, retrieved=each.knowledge, completion=each.completion, arms=(arm,))
                add_task(connection, review.id, len(queued), new)
                queued.add(place)
        connection.execute("UPDATE reviews SET items = ? WHERE id = ?", (len(queued), review.id))
    return len(queued) - before


class Queue:
    """What the review page needs of a dataset: why an attempt was refused, and a place for what is written instead."""

    def __init__(self, dataset: Dataset, refused: Sequence[Refusal]) -> None:
        self._path = dataset.rewrites_path
        self._why = {(each.item, each.completion): each.reasons for each in refused}
        self._latest = {(each.task, each.reviewer): each for each in dataset.rewrites()}

    def why(self, item: str, completion: str) -> tuple[str, ...]:
        """Why it was refused."""
        return self._why.get((item, completion), ())

    def text(self, task: int, completion: str, reviewer: Reviewer) -> tuple[str, str]:
        """Reasoning and answer to be edited: as this reviewer left them, else as the teacher wrote them."""
        mine = self._latest.get((task, reviewer.name))
        if mine is not None:
            return mine.think, mine.output
        parsed = parse(completion)
        return parsed.reasoning or "", parsed.whole

    def save(self, task: int, completion: str, reviewer: Reviewer, think: str, output: str) -> None:
        """Store what the reviewer wrote, where it differs from what stands there; on the disk when this returns."""
        if (think, output) == self.text(task, completion, reviewer):
            return
        made = Rewrite(
            task=task,
            think=think,
            output=output,
            reviewer=reviewer.name,
            author_kind=reviewer.author_kind,
            created=now(),
        )
        add_line(self._path, made)
        self._latest[task, reviewer.name] = made


@dataclass(frozen=True, slots=True)
class Collected:
    """What came back from the queue; ``still`` are rewritten answers that fail a check, as (item, reviewer, reasons)."""

    rewritten: int
    passed: int
    still: tuple[tuple[str, str, tuple[str, ...]], ...]
    waiting: int


def collect(store: LabelStore, dataset: Dataset, suite: Suite, lock: str) -> Collected:
    """Enter what reviewers rewrote, and what people called correct as it stands.

    A rewritten answer must pass every check. A person's settled verdict ``correct`` on an answer that was not rewritten sets
    failed scorers aside, which is recorded; it never sets aside form, leakage or canary.
    """
    items = {item.id: item for item in suite.items(Split.FEEDBACK)}
    review, checks = review_id(dataset.name, lock), Checks(suite)
    with store.reading() as connection:
        rows = connection.execute("SELECT id, item, answer FROM tasks WHERE review = ?", (review,)).fetchall()
    tasks = {(row["item"], row["answer"]): int(row["id"]) for row in rows}
    live = {(each.task, each.reviewer) for each in store.readings(review) if each.role == "reading"}
    right = {
        (label.item, label.answer_sha256)
        for label in person_labels(store, lock)
        if label.review == review and label.verdict == "correct"
    }
    rewrites: dict[int, dict[str, Rewrite]] = {}
    for each in dataset.rewrites():
        if (each.task, each.reviewer) in live:
            rewrites.setdefault(each.task, {})[each.reviewer] = each
    rewritten = passed = waiting = 0
    still: list[tuple[str, str, tuple[str, ...]]] = []
    with dataset.locked():
        for refusal in open_refusals(dataset, lock):
            place = (refusal.item, answer_digest(refusal.completion))
            mine = _chosen(refusal, rewrites.get(tasks.get(place, -1), {}))
            item = items[refusal.item]
            if mine is not None:
                made, reasons = _rewritten(refusal, mine, item, checks)
                if reasons:
                    still.append((refusal.item, mine.reviewer, reasons))
                else:
                    add_line(dataset.path, made)
                    rewritten += 1
            elif place in right and not any(reason.startswith(LASTING) for reason in refusal.reasons):
                add_line(dataset.path, _passed(refusal))
                passed += 1
            else:
                waiting += 1
    return Collected(rewritten, passed, tuple(still), waiting)


def _chosen(refusal: Refusal, by_reviewer: dict[str, Rewrite]) -> Rewrite | None:
    """The last rewrite that differs from what the teacher wrote, a person's before a model's."""
    found = [each for each in by_reviewer.values() if (each.think, each.output) != (refusal.think, refusal.output)]
    return max(found, key=lambda each: (each.author_kind == "person", each.created), default=None)


def _rewritten(refusal: Refusal, mine: Rewrite, item: Item, checks: Checks) -> tuple[Correction, tuple[str, ...]]:
    completion = tagged(mine.think, mine.output)
    changed = {
        "think": mine.think, "output": mine.output, "completion": completion, "author_kind": mine.author_kind,
        "author": mine.reviewer, "created": mine.created,
    }  # fmt: skip
    made = Correction(**{**refusal.model_dump(exclude={"reasons"}), **changed})
    return made, checks.reasons(completion, item)


def _passed(refusal: Refusal) -> Correction:
    instruments = tuple(dict.fromkeys((*refusal.instruments, PASSED_BY_PEOPLE)))
    known = refusal.model_dump(exclude={"reasons", "instruments"})
    return Correction(**known, instruments=instruments, overruled=refusal.reasons)
