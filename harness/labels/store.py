"""The label store: SQLite with a write-ahead log, safe under several processes, flushed before a label is acknowledged.

Nothing is deleted: a label taken back is marked as undone, and triggers refuse any other change. A killed process loses no
acknowledged label, because a transaction is on the disk (``synchronous = FULL``) before the reader sees the next task.
"""

import fcntl
import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from harness.errors import HarnessError, InputError, IntegrityError
from harness.hashing import sha256_text
from harness.labels.records import Judgement, Kind, Label, NewTask, Reading, Review, Reviewer, Role, Task
from harness.suite.item import AuthorKind

VERSION = 1
WAIT_SECONDS = 30
_SCHEMA = Path(__file__).with_name("schema.sql")
_READING = "id, task, role, verdict, politeness, conciseness, clarity, comment, reviewer, author_kind, seconds"
_TASK = """SELECT t.id, t.item, t.retrieved, a.completion, b.completion AS other, t.readers FROM tasks t
JOIN answers a ON a.sha256 = t.answer LEFT JOIN answers b ON b.sha256 = t.other WHERE t.id = ?"""
_LABELS = """SELECT l.*, r.id AS review, r.suite, r.split, r.lock, t.item, t.readers, t.answer AS answer_sha256,
t.other AS other_sha256, m.candidate, m.run, m.stratum, m.probability, o.candidate AS other_candidate, o.run AS other_run
FROM labels l JOIN tasks t ON t.id = l.task JOIN reviews r ON r.id = t.review
JOIN arms m ON m.task = t.id AND m.side = 1 LEFT JOIN arms o ON o.task = t.id AND o.side = 2
ORDER BY l.id, m.candidate"""


def now() -> str:
    """This moment in UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class LabelStore:
    """Labels in one SQLite file; a connection lives no longer than a transaction."""

    def __init__(self, path: Path) -> None:
        """Open or make the file. Raises `IntegrityError` where it is no label store of this version."""
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.with_suffix(".lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)  # switching to WAL does not wait for other connections
                with closing(self._connect()) as connection:
                    (version,) = connection.execute("PRAGMA user_version").fetchone()
                    if version == 0:
                        connection.execute("PRAGMA journal_mode = WAL")
                        connection.executescript(f"BEGIN;\n{_SCHEMA.read_text(encoding='utf-8')}\nCOMMIT;")
        except OSError as error:
            raise InputError(f"{path}: cannot be written ({error.strerror})") from None
        except sqlite3.DatabaseError as error:
            raise IntegrityError(f"{path}: not a label store ({error}); restore it or move it away") from None
        if version not in (0, VERSION):
            raise IntegrityError(
                f"{path}: label store version {version}, this harness reads {VERSION}; update the harness"
            )

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=WAIT_SECONDS, isolation_level=None)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One writer at a time; on the disk when the block ends, gone where it raises."""
        with closing(self._connect()) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            except sqlite3.OperationalError as error:
                raise HarnessError(f"{self.path}: cannot write ({error}); labels stored before are kept") from None

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A view of one moment."""
        with closing(self._connect()) as connection:
            connection.execute("BEGIN")
            yield connection

    def add_review(self, review: Review, tasks: Sequence[NewTask]) -> bool:
        """Store a review with its tasks, in order; say whether it is new. A review with the same id is the same one."""
        with self.transaction() as connection:
            if connection.execute("SELECT 1 FROM reviews WHERE id = ?", (review.id,)).fetchone():
                return False
            row = review.model_dump()
            connection.execute(f"INSERT INTO reviews VALUES ({', '.join(f':{name}' for name in row)})", row)
            for position, task in enumerate(tasks):
                add_task(connection, review.id, position, task)
        return True

    def reviews(self) -> list[Review]:
        """Every review, oldest first."""
        with self.reading() as connection:
            rows = connection.execute("SELECT * FROM reviews ORDER BY created, id").fetchall()
        return [Review(**row) for row in map(dict, rows)]

    def task(self, task_id: int) -> Task:
        """A task by its id. Raises `InputError` where there is none."""
        with self.reading() as connection:
            row = connection.execute(_TASK, (task_id,)).fetchone()
        if row is None:
            raise InputError(f"{self.path}: no task {task_id}")
        return Task(**{**dict(row), "retrieved": tuple(json.loads(row["retrieved"]))})

    def tasks(self, review: str) -> list[Task]:
        """The tasks of a review in their order."""
        with self.reading() as connection:
            rows = connection.execute("SELECT id FROM tasks WHERE review = ? ORDER BY position", (review,)).fetchall()
        return [self.task(row["id"]) for row in rows]

    def drawn(self, lock: str) -> dict[tuple[str, str], str]:
        """By item and digest of its answer: a candidate that gave the answer, where a review of ``lock`` drew it."""
        with self.reading() as connection:
            rows = connection.execute(
                "SELECT t.item, t.answer, MIN(m.candidate) AS candidate FROM reviews r JOIN tasks t ON t.review = r.id "
                "JOIN arms m ON m.task = t.id WHERE r.lock = ? AND r.kind = 'single' GROUP BY t.item, t.answer",
                (lock,),
            ).fetchall()
        return {(row["item"], row["answer"]): row["candidate"] for row in rows}

    def completion(self, sha256: str) -> str:
        """A stored completion, word for word."""
        with self.reading() as connection:
            return str(connection.execute("SELECT completion FROM answers WHERE sha256 = ?", (sha256,)).fetchone()[0])

    def enter(self, name: str, author_kind: AuthorKind) -> Reviewer:
        """The reviewer of this name, made where it is new. Raises `InputError` where the name is of the other kind."""
        with self.transaction() as connection:
            return enter(connection, name, author_kind)

    def open_session(self, reviewer: Reviewer, secret: str) -> int:
        """Number of a new session; only the digest of its secret is kept."""
        with self.transaction() as connection:
            row = (sha256_text(secret), reviewer.name, now())
            cursor = connection.execute("INSERT INTO sessions (secret_sha256, reviewer, created) VALUES (?, ?, ?)", row)
            return int(cursor.lastrowid or 0)

    def session(self, secret: str) -> tuple[int, Reviewer] | None:
        """Number and reviewer of the session with this secret."""
        with self.reading() as connection:
            row = connection.execute(
                "SELECT s.id, r.name, r.author_kind FROM sessions s JOIN reviewers r ON r.name = s.reviewer "
                "WHERE s.secret_sha256 = ?",
                (sha256_text(secret),),
            ).fetchone()
        return (row["id"], Reviewer(name=row["name"], author_kind=row["author_kind"])) if row else None

    def readings(self, review: str) -> list[Reading]:
        """Live labels of a review, oldest first."""
        with self.reading() as connection:
            rows = connection.execute(
                f"SELECT {_READING} FROM labels WHERE undone IS NULL "
                "AND task IN (SELECT id FROM tasks WHERE review = ?) ORDER BY id",
                (review,),
            ).fetchall()
        return [Reading(**row) for row in map(dict, rows)]

    def labels(self, undone: bool = False) -> list[Label]:
        """Every live label, one for each candidate that gave its answer; with ``undone`` those taken back as well."""
        with self.reading() as connection:
            rows = connection.execute(_LABELS).fetchall()
        return [Label(**row) for row in map(dict, rows) if undone or row["undone"] is None]


def add_task(connection: sqlite3.Connection, review: str, position: int, task: NewTask) -> int:
    """Store one task with its answers and arms; return its id."""
    digests: list[str | None] = []
    for completion in (task.completion, task.other):
        digests.append(None if completion is None else answer_digest(completion))
        if completion is not None:
            connection.execute("INSERT OR IGNORE INTO answers VALUES (?, ?)", (digests[-1], completion))
    row = (review, position, task.item, json.dumps(task.retrieved), *digests, task.readers)
    columns = "review, position, item, retrieved, answer, other, readers"
    task_id = connection.execute(f"INSERT INTO tasks ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)", row).lastrowid
    for arm in task.arms:
        values = (task_id, arm.side, arm.run, arm.candidate, arm.stratum, arm.probability)
        connection.execute("INSERT INTO arms VALUES (?, ?, ?, ?, ?, ?)", values)
    return int(task_id or 0)


def answer_digest(completion: str) -> str:
    """SHA-256 of a completion as the candidate wrote it, tags and reasoning included; the key other instruments join by."""
    return sha256_text(completion)


def enter(connection: sqlite3.Connection, name: str, author_kind: AuthorKind) -> Reviewer:
    """The reviewer of this name, made where it is new. Raises `InputError` where the name is of the other kind."""
    connection.execute("INSERT OR IGNORE INTO reviewers VALUES (?, ?, ?)", (name, author_kind, now()))
    row = connection.execute("SELECT name, author_kind FROM reviewers WHERE name = ?", (name,)).fetchone()
    if row["author_kind"] != author_kind:
        raise InputError(
            f"{name} is stored as a {row['author_kind']}'s name; use another name for a {author_kind}'s labels"
        )
    return Reviewer(name=row["name"], author_kind=row["author_kind"])


def add_label(
    connection: sqlite3.Connection,
    task: int,
    reviewer: Reviewer,
    judgement: Judgement,
    role: Role = "reading",
    seconds: float | None = None,
    session: int | None = None,
    guideline: str | None = None,
    shown_first: int | None = None,
) -> int | None:
    """Store a label; its id, or none where a live label of this reviewer and role stands there already."""
    row = {
        "task": task, "role": role, **judgement.model_dump(), "reviewer": reviewer.name,
        "author_kind": reviewer.author_kind, "seconds": seconds, "guideline": guideline,
        "shown_first": shown_first, "session": session, "created": now(),
    }  # fmt: skip
    statement = (
        f"INSERT INTO labels ({', '.join(row)}) VALUES ({', '.join(f':{name}' for name in row)}) ON CONFLICT DO NOTHING"
    )
    cursor = connection.execute(statement, row)
    return cursor.lastrowid if cursor.rowcount else None


def kind_of(connection: sqlite3.Connection, review: str, task: int) -> Kind:
    """Kind of a review that holds ``task``. Raises `InputError` where it does not."""
    query = "SELECT r.kind FROM tasks t JOIN reviews r ON r.id = t.review WHERE t.id = ? AND r.id = ?"
    row = connection.execute(query, (task, review)).fetchone()
    if row is None:
        raise InputError(f"no task {task} in review {review}")
    kind: Kind = row["kind"]
    return kind
