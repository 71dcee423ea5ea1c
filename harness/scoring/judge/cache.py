"""Every reply that was paid for, by content, in SQLite: safe under several processes, and after a kill at any moment.

::

    replies   request and reply verbatim, by key and try; at most one of a key is ``usable``
    spent     tokens and dollars a judge has used or reserved; a call reserves the most it can cost before it is made
    batches   what was handed to the Batch API and not collected yet

A killed call leaves its reservation behind: it may have been billed, so it stays counted at its most.
"""

import fcntl
import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from harness.errors import HarnessError

_TABLES = """
CREATE TABLE IF NOT EXISTS replies (
    key TEXT NOT NULL, attempt INTEGER NOT NULL, judge TEXT NOT NULL, usable INTEGER NOT NULL,
    request TEXT NOT NULL, reply TEXT NOT NULL, tokens_in INTEGER NOT NULL, tokens_out INTEGER NOT NULL,
    dollars REAL, seconds REAL NOT NULL, created TEXT NOT NULL, PRIMARY KEY (key, attempt)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS spent (judge TEXT PRIMARY KEY, tokens INTEGER NOT NULL, dollars REAL NOT NULL);
CREATE TABLE IF NOT EXISTS batches (
    name TEXT PRIMARY KEY, judge TEXT NOT NULL, id TEXT, keys TEXT NOT NULL, tokens INTEGER NOT NULL, dollars REAL NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """Tokens and dollars; dollars are 0 where no prices are known."""

    tokens: int
    dollars: float


@dataclass(frozen=True, slots=True)
class StoredReply:
    """A reply and what it took; ``dollars`` is ``None`` where no prices were known."""

    body: str
    tokens_in: int
    tokens_out: int
    dollars: float | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch handed in under ``name``; ``id`` is the server's, ``None`` where a kill came between asking and hearing it."""

    name: str
    id: str | None
    keys: tuple[str, ...]
    reserved: Cost


class Replies(Protocol):
    """What asking needs of the store, wherever it lies."""

    def reply(self, key: str, usable: bool = True) -> StoredReply | None:
        """As `Cache.reply`."""

    def keep(
        self,
        key: str,
        judge: str,
        request: Mapping[str, Any],
        body: str,
        usable: bool,
        used: tuple[int, int, float | None],
        seconds: float,
    ) -> None:
        """As `Cache.keep`."""

    def reserve(self, judge: str, most: Cost, tokens: int | None, dollars: float | None) -> bool:
        """As `Cache.reserve`."""

    def settle(self, judge: str, reserved: Cost, used: Cost) -> None:
        """As `Cache.settle`."""


class Cache:
    """The store of one project; any number of processes may have it open."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.with_suffix(".lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)  # switching to WAL does not wait for other connections
                self._db = sqlite3.connect(path, timeout=60.0, isolation_level=None)
                self._db.execute("PRAGMA journal_mode=WAL")
                self._db.execute("PRAGMA synchronous=NORMAL")
                self._db.executescript(_TABLES)
        except (OSError, sqlite3.Error) as error:
            raise HarnessError(f"{path}: the judge's store cannot be used ({error}); remove or repair it") from None

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _execute(self, statement: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> sqlite3.Cursor:
        """Raises `HarnessError` where the disk is full or the file damaged."""
        try:
            return self._db.execute(statement, values)
        except sqlite3.Error as error:
            raise HarnessError(
                f"{self.path}: {error}; replies stored before are kept, make room or repair it"
            ) from None

    def reply(self, key: str, usable: bool = True) -> StoredReply | None:
        """The usable reply of a key (or else the last, whatever it was), with the cost of every try that led to it."""
        row = self._execute(
            "SELECT reply, SUM(tokens_in) OVER (), SUM(tokens_out) OVER (), SUM(dollars) OVER (), seconds, usable "
            "FROM replies WHERE key = ? ORDER BY usable DESC, attempt DESC",
            (key,),
        ).fetchone()
        return StoredReply(*row[:5]) if row is not None and row[5] >= usable else None

    def has(self, keys: Iterable[str]) -> set[str]:
        """Those of ``keys`` that have a usable reply."""
        return {
            key for key in keys if self._execute("SELECT 1 FROM replies WHERE key = ? AND usable", (key,)).fetchone()
        }

    def keep(
        self,
        key: str,
        judge: str,
        request: Mapping[str, Any],
        body: str,
        usable: bool,
        used: tuple[int, int, float | None],
        seconds: float,
    ) -> None:
        """Store a reply that came; ``used`` are tokens in, tokens out and dollars. A second usable one is dropped."""
        self._execute(
            "INSERT INTO replies SELECT ?1, (SELECT COUNT(*) FROM replies WHERE key = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10 "
            "WHERE NOT (?3 AND EXISTS (SELECT 1 FROM replies WHERE key = ?1 AND usable))",
            (key, judge, usable, json.dumps(request, ensure_ascii=False), body, *used, round(seconds, 3),
             datetime.now(UTC).isoformat(timespec="seconds")),
        )  # fmt: skip

    def reserve(self, judge: str, most: Cost, tokens: int | None, dollars: float | None) -> bool:
        """Count ``most`` as spent unless that would pass a budget. One statement: no two processes pass it together."""
        done = self._execute(
            "INSERT INTO spent SELECT :judge, :t, :d "
            "WHERE (:tokens IS NULL OR :t <= :tokens) AND (:dollars IS NULL OR :d <= :dollars + 1e-12) "
            "ON CONFLICT DO UPDATE SET tokens = tokens + :t, dollars = dollars + :d "
            "WHERE (:tokens IS NULL OR tokens + :t <= :tokens) AND (:dollars IS NULL OR dollars + :d <= :dollars + 1e-12)",
            {"t": most.tokens, "d": most.dollars, "judge": judge, "tokens": tokens, "dollars": dollars},
        )
        return done.rowcount == 1

    def settle(self, judge: str, reserved: Cost, used: Cost) -> None:
        """Put what a call used in the place of what it had reserved."""
        self._execute(
            "UPDATE spent SET tokens = MAX(0, tokens + ?), dollars = MAX(0, dollars + ?) WHERE judge = ?",
            (used.tokens - reserved.tokens, used.dollars - reserved.dollars, judge),
        )

    def spent(self, judge: str) -> Cost:
        """What a judge has used in this store, calls that were lost at their most."""
        row = self._execute("SELECT tokens, dollars FROM spent WHERE judge = ?", (judge,)).fetchone()
        return Cost(*row) if row else Cost(0, 0.0)

    def batches(self, judge: str) -> list[Batch]:
        """Batches handed in and not collected."""
        rows = self._execute("SELECT name, id, keys, tokens, dollars FROM batches WHERE judge = ?", (judge,))
        return [Batch(name, found, tuple(json.loads(keys)), Cost(t, d)) for name, found, keys, t, d in rows.fetchall()]

    def put_batch(self, judge: str, batch: Batch) -> None:
        """Remember a batch, or the id it was given."""
        self._execute(
            "INSERT OR REPLACE INTO batches VALUES (?, ?, ?, ?, ?, ?)",
            (batch.name, judge, batch.id, json.dumps(batch.keys), batch.reserved.tokens, batch.reserved.dollars),
        )

    def drop_batch(self, name: str) -> None:
        """Forget a batch that was collected."""
        self._execute("DELETE FROM batches WHERE name = ?", (name,))
