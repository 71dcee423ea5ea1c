"""How far a review is, by reader, people and models apart."""

from collections import Counter
from dataclasses import dataclass
from statistics import median

from harness.labels.agreement import Agreement, agreement
from harness.labels.queue import disputes
from harness.labels.records import Kind, Reading, Review
from harness.labels.store import LabelStore
from harness.suite.item import AuthorKind


@dataclass(frozen=True, slots=True)
class ReaderStatus:
    """One reader's live labels: how many, by verdict, and the median seconds of one."""

    name: str
    author_kind: AuthorKind
    labels: int
    verdicts: dict[str, int]
    median_seconds: float | None


@dataclass(frozen=True, slots=True)
class KindStatus:
    """Readers of one kind: tasks with all the readers they want, open disagreements, agreement."""

    complete: int
    disputes: int
    agreement: Agreement


@dataclass(frozen=True, slots=True)
class ReviewStatus:
    """One review; ``kinds`` holds only those with labels, people first."""

    review: str
    kind: Kind
    suite: str
    split: str
    lock: str
    created: str
    items: int
    candidates: tuple[str, ...]
    tasks: int
    double_tasks: int
    readers: tuple[ReaderStatus, ...]
    kinds: tuple[KindStatus, ...]


def status(store: LabelStore) -> list[ReviewStatus]:
    """Every review, oldest first."""
    return [_of(store, review) for review in store.reviews()]


def _of(store: LabelStore, review: Review) -> ReviewStatus:
    with store.reading() as connection:
        wanted = dict(connection.execute("SELECT id, readers FROM tasks WHERE review = ?", (review.id,)).fetchall())
        query = "SELECT DISTINCT candidate FROM arms WHERE task IN (SELECT id FROM tasks WHERE review = ?) ORDER BY 1"
        candidates = tuple(row[0] for row in connection.execute(query, (review.id,)))
    readings = store.readings(review.id)
    kinds = [kind for kind in ("person", "model") if any(each.author_kind == kind for each in readings)]
    return ReviewStatus(
        review.id, review.kind, review.suite, review.split, review.lock, review.created, review.items, candidates,
        len(wanted), sum(readers == 2 for readers in wanted.values()), _readers(readings),
        tuple(_of_kind(readings, wanted, kind) for kind in kinds),
    )  # fmt: skip


def _of_kind(readings: list[Reading], wanted: dict[int, int], kind: str) -> KindStatus:
    given = Counter(each.task for each in readings if each.author_kind == kind and each.role == "reading")
    complete = sum(given[task] >= readers for task, readers in wanted.items())
    return KindStatus(complete, len(disputes(readings, kind)), agreement(readings, kind))


def _readers(readings: list[Reading]) -> tuple[ReaderStatus, ...]:
    found = []
    for name, kind in sorted({(each.reviewer, each.author_kind) for each in readings}):
        own = [each for each in readings if each.reviewer == name and each.role == "reading"]
        seconds = [each.seconds for each in own if each.seconds is not None]
        verdicts = dict(Counter(str(each.verdict) for each in own))
        found.append(ReaderStatus(name, kind, len(own), verdicts, median(seconds) if seconds else None))
    return tuple(found)
