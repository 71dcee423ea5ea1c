"""Who reads what next: each reviewer's own queue, leases, saving, undoing, and the disagreements to be settled."""

import random
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from harness.errors import InputError
from harness.labels.records import OF_ONE, OF_TWO, Judgement, Reading, Reviewer, Role
from harness.labels.store import LabelStore, add_label, kind_of, now

LEASE_SECONDS = 1200
"""How long a task shown to one reviewer is kept from the others."""
FIRST_GUESS_SECONDS = 40
LONGEST_SECONDS = 600
"""A reading longer than this was interrupted; it does not count in the estimate of time."""

_OPEN = """SELECT t.id, mine.opened FROM tasks t
LEFT JOIN leases mine ON mine.task = t.id AND mine.reviewer = :name
WHERE t.review = :review
AND NOT EXISTS (SELECT 1 FROM labels l WHERE l.task = t.id AND l.reviewer = :name AND l.undone IS NULL)
AND t.readers > (SELECT count(*) FROM labels l
    WHERE l.task = t.id AND l.author_kind = :kind AND l.role = 'reading' AND l.undone IS NULL)
  + (SELECT count(*) FROM leases o JOIN reviewers r ON r.name = o.reviewer
    WHERE o.task = t.id AND o.reviewer != :name AND r.author_kind = :kind AND o.seen > :expired
    AND NOT EXISTS (SELECT 1 FROM labels l WHERE l.task = t.id AND l.reviewer = o.reviewer AND l.undone IS NULL))
ORDER BY mine.opened DESC NULLS LAST, t.position"""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a reviewer is: labels given, left for them, and about how many minutes these take."""

    done: int
    left: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Dispute:
    """A task that readers of one kind judged differently."""

    task: int
    readings: tuple[Reading, ...]


def next_task(store: LabelStore, review: str, reviewer: Reviewer) -> int | None:
    """The task this reviewer reads now, kept for them; none where nothing is left. Asking again gives the same one."""
    moment = time.time()
    with store.transaction() as connection:
        row = _open(connection, review, reviewer, moment).fetchone()
        if row is None:
            return None
        connection.execute(
            "INSERT INTO leases VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET seen = excluded.seen",
            (row["id"], reviewer.name, moment, moment),
        )
        return int(row["id"])


def _open(connection: sqlite3.Connection, review: str, reviewer: Reviewer, moment: float) -> sqlite3.Cursor:
    return connection.execute(
        _OPEN,
        {
            "review": review,
            "name": reviewer.name,
            "kind": reviewer.author_kind,
            "expired": moment - LEASE_SECONDS,
        },
    )


def progress(store: LabelStore, review: str, reviewer: Reviewer) -> Progress:
    """How far this reviewer is in their own queue."""
    with store.reading() as connection:
        left = len(_open(connection, review, reviewer, time.time()).fetchall())
    own = [each for each in store.readings(review) if each.reviewer == reviewer.name and each.role == "reading"]
    taken = [each.seconds for each in own if each.seconds is not None and each.seconds <= LONGEST_SECONDS]
    pace = median(taken[-20:]) if taken else FIRST_GUESS_SECONDS
    return Progress(len(own), left, round(left * pace / 60 + 0.5) if left else 0)


def shown_first(task: int, reviewer: Reviewer) -> int:
    """Which of a pair's two answers this reviewer sees first: 1 or 2, at random but the same on every showing."""
    return random.Random(f"{task} {reviewer.name}").choice((1, 2))


def save(
    store: LabelStore,
    review: str,
    task: int,
    reviewer: Reviewer,
    judgement: Judgement,
    role: Role = "reading",
    session: int | None = None,
    guideline: str | None = None,
) -> bool:
    """Store a label; when this returns it is on the disk. False where this reviewer has labelled the task already.

    Raises `InputError` where the task is not of this review or the verdict does not fit it.
    """
    with store.transaction() as connection:
        pair = kind_of(connection, review, task) == "pair"
        if judgement.verdict not in (OF_TWO if pair else OF_ONE):
            raise InputError(f"verdict {judgement.verdict!r} does not fit task {task}")
        opened = connection.execute(
            "SELECT opened FROM leases WHERE task = ? AND reviewer = ?", (task, reviewer.name)
        ).fetchone()
        seconds = round(max(0.0, time.time() - opened[0]), 1) if opened and role == "reading" else None
        first = shown_first(task, reviewer) if pair else None
        stored = add_label(connection, task, reviewer, judgement, role, seconds, session, guideline, first)
        connection.execute("DELETE FROM leases WHERE task = ? AND reviewer = ?", (task, reviewer.name))
    return stored is not None


def undo(store: LabelStore, review: str, reviewer: Reviewer) -> Reading | None:
    """Mark the reviewer's last live label as undone and open its task again; the label taken back, or none."""
    own = [each for each in store.readings(review) if each.reviewer == reviewer.name]
    if not own:
        return None
    last, moment = own[-1], time.time()
    with store.transaction() as connection:
        connection.execute("UPDATE labels SET undone = ? WHERE id = ? AND undone IS NULL", (now(), last.id))
        if last.role == "reading":
            connection.execute(
                "INSERT INTO leases VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET opened = excluded.opened",
                (last.task, reviewer.name, moment, moment),
            )
    return last


def taken_back(store: LabelStore, task: int, reviewer: Reviewer) -> Reading | None:
    """What the reviewer last said of a task before undoing it, to be shown again."""
    columns = "id, task, role, verdict, politeness, conciseness, clarity, comment, reviewer, author_kind, seconds"
    with store.reading() as connection:
        row = connection.execute(
            f"SELECT {columns} FROM labels WHERE task = ? AND reviewer = ? AND role = 'reading' ORDER BY id DESC",
            (task, reviewer.name),
        ).fetchone()
    return Reading(**dict(row)) if row else None


def disputes(readings: Sequence[Reading], author_kind: str) -> list[Dispute]:
    """Tasks that readers of one kind judged differently and nobody of that kind has settled, oldest first."""
    by_task: dict[int, list[Reading]] = {}
    for each in readings:
        if each.author_kind == author_kind:
            by_task.setdefault(each.task, []).append(each)
    return [
        Dispute(task, tuple(found))
        for task, found in by_task.items()
        if len({each.verdict for each in found}) > 1 and all(each.role == "reading" for each in found)
    ]
