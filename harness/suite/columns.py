"""A split's items as columns: what a comparison needs of a million items without a million objects.

DuckDB reads them from the files of a *locked* suite: `harness suite lock` held every row against the suite, and whoever
compares verifies the lock first, so rows are not held against the suite a second time.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from harness.database import connect, json_lines
from harness.errors import InputError
from harness.suite.item import IN_SCOPE, main_fact
from harness.suite.novelty import tested_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Codes = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]
GROUPS = ("domain", "language", "register")
_CODED = ("intent", "fact", *GROUPS)
_BATCH = 10_000


@dataclass(frozen=True, slots=True)
class Texts:
    """What a report shows of one item."""

    id: str
    domain: str
    language: str
    problem: str
    expected_answer: str


@dataclass(frozen=True)
class ItemColumns:
    """Columns [rows] of a split's items, in the order of `Suite.items`; ids and texts stay with DuckDB until asked for.

    ``intents`` and ``facts`` (each item's main fact) are codes in the order of their labels, ``groups`` labels and codes;
    ``tested`` says which of ``tested_sets`` holds the facts whose training decides a row's novelty.
    """

    paths: tuple[Path, ...]
    database: "DuckDBPyConnection"
    intents: Codes
    facts: Codes
    groups: dict[str, tuple[tuple[str, ...], Codes]]
    answerable: Mask
    tested: Codes
    tested_sets: tuple[frozenset[str], ...]

    def __len__(self) -> int:
        return int(self.intents.size)

    def id(self, row: int) -> str:
        """Id of one row."""
        return str(self.database.execute("SELECT id FROM ids WHERE row = ?", [row]).fetchall()[0][0])

    def ids(self) -> list[str]:
        """Id of every row."""
        return [found for (found,) in self.database.execute("SELECT id FROM ids ORDER BY row").fetchall()]

    def rows(self, ids: Sequence[str]) -> Codes:
        """The rows of some ids, in no order; ids that are not there are left out."""
        found = self.database.execute(
            "SELECT row FROM ids SEMI JOIN (SELECT unnest(?::VARCHAR[]) AS id) USING (id)", [ids]
        )
        return np.asarray(found.fetchnumpy()["row"], dtype=np.intp)

    def texts(self, rows: Codes) -> list[Texts]:
        """What is shown of some rows, in the order of rows."""
        wanted = "SELECT id, row FROM ids SEMI JOIN (SELECT unnest(?::BIGINT[]) AS row) USING (row)"
        columns = dict.fromkeys(("id", "domain", "language", "problem", "expected_answer"), "VARCHAR")
        found = self.database.execute(
            f"SELECT * EXCLUDE row FROM {json_lines(self.paths, **columns)} JOIN ({wanted}) USING (id) ORDER BY row",
            [rows.tolist()],
        )
        return [Texts(*row) for row in found.fetchall()]

    def questions(self, size: int) -> Iterator[list[tuple[str, str]]]:
        """(id, message) of every row, in order, ``size`` at a time."""
        return read_questions(self.paths, size)


def read_questions(paths: Sequence[Path], size: int = _BATCH) -> Iterator[list[tuple[str, str]]]:
    """(id, message) of the items in suite files, ``size`` at a time. Raises `InputError` where they cannot be read."""
    import duckdb

    try:
        found = connect().execute(f"SELECT id, problem FROM {json_lines(paths, id='VARCHAR', problem='VARCHAR')}")
        while rows := found.fetchmany(size):
            yield rows
    except duckdb.Error as error:
        raise _unreadable(paths, error) from None


def read_columns(paths: Sequence[Path]) -> ItemColumns:
    """The items in suite files as columns. Raises `InputError` where they cannot be read."""
    import duckdb

    database = connect()
    members = dict.fromkeys(
        ("id", "intent", *GROUPS, "answerable", "facts_required", "knowledge"), "VARCHAR"
    )  # lists come as their JSON
    try:
        database.execute(
            "CREATE TABLE items AS SELECT row_number() OVER () - 1 AS row, * REPLACE (coalesce(knowledge, '[]') AS knowledge) "
            f"FROM {json_lines(paths, **members)}"
        )
    except duckdb.Error as error:
        raise _unreadable(paths, error) from None
    tested_sets = _combine_facts(database)
    for name in _CODED:
        database.execute(
            f"CREATE TABLE labels_{name} AS SELECT {name}, row_number() OVER (ORDER BY {name}) - 1 AS code "
            f"FROM (SELECT DISTINCT {name} FROM coded)"
        )
    codes = ", ".join(f"labels_{name}.code::INTEGER AS {name}" for name in _CODED)
    joins = " ".join(f"JOIN labels_{name} USING ({name})" for name in _CODED)
    columns = database.execute(
        f"SELECT row, answerable = '{IN_SCOPE}' AS answerable, tested, {codes} FROM coded {joins}"
    ).fetchnumpy()
    order = np.argsort(columns.pop("row"))
    columns = {name: np.asarray(values)[order] for name, values in columns.items()}
    labels = {name: _labels(database, name) for name in GROUPS}
    database.execute("CREATE TABLE ids AS SELECT row, id FROM coded ORDER BY row")
    for name in ("items", "coded", "combinations", *(f"labels_{name}" for name in _CODED)):
        database.execute(f"DROP TABLE {name}")
    return ItemColumns(
        paths=tuple(paths),
        database=database,
        intents=columns["intent"].astype(np.intp),
        facts=columns["fact"].astype(np.intp),
        groups={name: (labels[name], columns[name].astype(np.intp)) for name in GROUPS},
        answerable=columns["answerable"].astype(bool),
        tested=columns["tested"].astype(np.intp),
        tested_sets=tested_sets,
    )


def _combine_facts(database: "DuckDBPyConnection") -> tuple[frozenset[str], ...]:
    """Make the table ``coded``: items with their main fact and the number of the set of facts they test; return the sets.

    Items share few combinations of facts, so each combination is looked at once.
    """
    database.execute(
        "CREATE TABLE combinations (facts_required VARCHAR, knowledge VARCHAR, main VARCHAR, tested INTEGER)"
    )
    numbers: dict[frozenset[str], int] = {}
    distinct = database.cursor().execute("SELECT DISTINCT facts_required, knowledge FROM items")
    while rows := distinct.fetchmany(_BATCH):
        mains, tested = [], []
        for row in rows:
            required, knowledge = map(json.loads, row)
            mains.append(main_fact(required, knowledge))
            tested.append(numbers.setdefault(tested_of(required, knowledge), len(numbers)))
        given: list[Any] = [*map(list, zip(*rows, strict=True)), mains, tested]
        database.execute(
            "INSERT INTO combinations SELECT unnest(?::VARCHAR[]), unnest(?::VARCHAR[]), unnest(?::VARCHAR[]), "
            "unnest(?::INTEGER[])",
            given,
        )
    database.execute(
        "CREATE TABLE coded AS SELECT items.* EXCLUDE (facts_required, knowledge), coalesce(main, intent) AS fact, tested "
        "FROM items JOIN combinations USING (facts_required, knowledge)"
    )
    return tuple(numbers)


def _labels(database: "DuckDBPyConnection", name: str) -> tuple[str, ...]:
    return tuple(label for (label,) in database.execute(f"SELECT {name} FROM labels_{name} ORDER BY code").fetchall())


def _unreadable(paths: Sequence[Path], error: Exception) -> InputError:
    from harness.suite.suite import read_jsonl

    for path in paths:
        for _ in read_jsonl(path):  # says file and line
            pass
    return InputError(f"{paths[0].parent}: not readable as items ({str(error).splitlines()[0]}); restore the files")
