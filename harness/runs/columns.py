"""A stored run as columns, joined to a split's items by DuckDB: what a comparison reads of a million answers.

The run's digests are verified first (`Run.verify`); what is read here are the bytes they stand for.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from harness.database import connect, json_lines, json_objects, quoted
from harness.errors import InputError, IntegrityError
from harness.runs.store import Run
from harness.suite.columns import ItemColumns

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_NUMBERS = {"DOUBLE", "UBIGINT", "BIGINT", "HUGEINT", "BOOLEAN", "NULL"}


def score_columns(run: Run, items: ItemColumns, metrics: Sequence[str]) -> npt.NDArray[np.float64]:
    """[metrics, rows] of one run; nan where a scorer did not decide.

    Raises `InputError` where an item or a metric has no score, `IntegrityError` where the file is not a run's scores or one
    lies outside 0 to 1.
    """
    import duckdb

    path = run.folder / "scores.jsonl"
    again = f"score the run anew: harness runs rescore {run.key[:12]}"
    try:
        absent = _absent_metric(items.database, path, metrics)
        if absent is not None:
            raise InputError(f"{path}: no {absent!r} there; {again}")
        values = ", ".join(f"s.scores.{quoted(metric)} AS v{index}" for index, metric in enumerate(metrics))
        shape = f"STRUCT({', '.join(f'{quoted(metric)} DOUBLE' for metric in metrics)})"
        found = items.database.execute(
            f"SELECT row, {values} FROM {json_lines([path], id='VARCHAR', scores=shape)} s JOIN ids USING (id)"
        ).fetchnumpy()
    except duckdb.Error:
        run.scores()  # names the broken line
        raise IntegrityError(f"{path}: not readable as scores; run the candidate again") from None
    rows = np.asarray(found.pop("row"), dtype=np.intp)
    times = np.bincount(rows, minlength=len(items))
    if (times == 0).any():
        raise InputError(f"{path}: no {items.id(int(np.argmin(times)))!r} there; {again}")
    if (times > 1).any():
        raise IntegrityError(f"{path}: {items.id(int(np.argmax(times)))!r} stands twice; {again}")
    scores = np.empty((len(metrics), len(items)))
    for index in range(len(metrics)):
        scores[index, rows] = np.ma.filled(found.pop(f"v{index}"), np.nan)
    if np.nanmin(scores, initial=0.0) < 0 or np.nanmax(scores, initial=0.0) > 1:
        raise IntegrityError(f"{path}: a score lies outside 0 to 1; rescore the run")
    return scores


def _absent_metric(database: "DuckDBPyConnection", path: Path, metrics: Sequence[str]) -> str | None:
    """The first metric that a line lacks. Raises `duckdb.Error` where a line is no JSON or no record of scores."""
    import duckdb

    shapes = database.execute(f"SELECT DISTINCT json_structure(json) FROM {json_objects([path])}").fetchall()
    for shape in (json.loads(text) for (text,) in shapes):
        if not isinstance(shape, dict) or shape.keys() != {"id", "scores"} or shape["id"] != "VARCHAR":
            raise duckdb.DataError
        scores = shape["scores"]
        if not isinstance(scores, dict) or not _NUMBERS.issuperset(map(str, scores.values())):
            raise duckdb.DataError
        absent = next((metric for metric in metrics if metric not in scores), None)
        if absent is not None:
            return absent
    return None


def same_answers(first: Run, second: Run) -> bool:
    """Whether two runs gave the same answer to every item."""
    sides = (
        f"(SELECT id, sha256(completion) AS said FROM {json_lines([run.folder / 'samples.jsonl'], id='VARCHAR', completion='VARCHAR')})"
        for run in (first, second)
    )
    one, two = sides
    differing = f"SELECT 1 FROM {one} a FULL JOIN {two} b USING (id) WHERE a.said IS DISTINCT FROM b.said LIMIT 1"
    return connect().execute(differing).fetchone() is None


def completions(run: Run, ids: Sequence[str]) -> dict[str, str]:
    """What a run answered to some items, by id."""
    lines = json_lines([run.folder / "samples.jsonl"], id="VARCHAR", completion="VARCHAR")
    wanted = "(SELECT unnest(?::VARCHAR[]) AS id)"
    return dict(
        connect().execute(f"SELECT id, completion FROM {lines} SEMI JOIN {wanted} USING (id)", [list(ids)]).fetchall()
    )
