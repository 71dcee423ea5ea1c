"""Labels made in a spreadsheet: CSV, or XLSX through openpyxl. All rows are stored, or none."""

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from harness.errors import InputError, error_line
from harness.hashing import sha256_file, sha256_json
from harness.labels.records import SCALES, Arm, Judgement, NewTask, Review
from harness.labels.sampling import stratum_of
from harness.labels.store import LabelStore, add_label, add_task, answer_digest, enter, now
from harness.suggest import nearest
from harness.suite.item import AuthorKind, Item, Split

COLUMNS = ("item", "candidate", "verdict", *SCALES, "comment", "reviewer", "seconds", "answer_sha256")
REQUIRED = ("item", "verdict")
_WORDS = {"benar": "correct", "salah": "incorrect", "ragu": "unsure"}

Lookup = Callable[[str, Split], tuple[str, Mapping[str, str]]]
"""Run key and completions by item id of a candidate on a split; raises `InputError` where there is none."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One label of a sheet and the place it stands in."""

    where: str
    item: Item
    split: Split
    candidate: str
    run: str
    completion: str
    reviewer: str
    judgement: Judgement
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Imported:
    """Labels stored, and how many of them are of answers drawn at random by a review."""

    labels: int
    sampled: int
    author_kind: AuthorKind


def read_cells(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Line (in XLSX: row) numbers and cells by column. Raises `InputError` on unknown or missing columns."""
    lines = _xlsx(path) if path.suffix.lower() == ".xlsx" else _csv(path)
    first = next(lines, None)
    if first is None:
        raise InputError(f"{path}: the sheet is empty")
    heading = [cell.strip().lower() for cell in first[1]]
    for name in REQUIRED:
        if name not in heading:
            raise InputError(
                f"{path}:{first[0]}: no column {name!r}{nearest(name, heading)}; wanted: {', '.join(COLUMNS)}"
            )
    for number, cells in lines:
        row = dict(zip(heading, (cell.strip() for cell in cells), strict=False))
        if any(row.values()):
            yield number, row


def _csv(path: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise InputError(f"{path}:{line}: not UTF-8; save the sheet as CSV UTF-8") from None
    heading = text.partition("\n")[0]
    reader = csv.reader(text.splitlines(keepends=True), delimiter=max(",;\t", key=heading.count))
    number = 1
    for cells in reader:
        yield number, [cell[1:] if cell.startswith("'") else cell for cell in cells]
        number = reader.line_num + 1


def _xlsx(path: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        from openpyxl import load_workbook
    except ImportError:
        raise InputError(
            f"{path}: XLSX needs the extra: pip install 'harness[review]'; or save the sheet as CSV"
        ) from None
    try:
        book = load_workbook(path, read_only=True, data_only=True)
        rows = [[_text(cell) for cell in cells] for cells in book.worksheets[0].iter_rows(values_only=True)]
    except Exception as error:  # zip, zlib, XML and openpyxl raise a dozen kinds for a broken file
        raise InputError(f"{path}: cannot be read as XLSX ({error_line(error)}); save it again, or as CSV") from None
    yield from enumerate(rows, 1)


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def read_sheet(
    path: Path,
    items: Mapping[str, tuple[Split, Item]],
    lookup: Lookup,
    reviewer: str | None,
    drawn: Mapping[tuple[str, str], str],
) -> list[SheetRow]:
    """Every label of a sheet. ``reviewer`` names who labelled where the sheet has no such column.

    A row without a candidate is about the answer of its ``answer_sha256``; ``drawn`` has the candidates by item and digest.
    Raises `InputError` with the line of the first bad row, and says how many more there are.
    """
    rows, errors = [], []
    for number, cells in read_cells(path):
        try:
            rows.append(_row(f"{path}:{number}", cells, items, lookup, reviewer, drawn))
        except InputError as error:
            errors.append(str(error))
    if errors:
        more = f" (and {len(errors) - 1} more bad rows)" if len(errors) > 1 else ""
        raise InputError(f"{errors[0]}{more}")
    return rows


def _row(
    where: str,
    cells: Mapping[str, str],
    items: Mapping[str, tuple[Split, Item]],
    lookup: Lookup,
    reviewer: str | None,
    drawn: Mapping[tuple[str, str], str],
) -> SheetRow:
    item_id, digest = cells.get("item", ""), cells.get("answer_sha256", "")
    if item_id not in items:
        raise InputError(f"{where}: no item {item_id!r} in the suite{nearest(item_id, items)}")
    split, item = items[item_id]
    candidate = cells.get("candidate") or drawn.get((item_id, digest))
    if not candidate:
        raise InputError(
            f"{where}: whose answer? Fill the column candidate, or answer_sha256 with that of an answer that a review drew"
        )
    try:
        run, completions = lookup(candidate, split)
    except InputError as error:
        raise InputError(f"{where}: {error}") from None
    completion = completions[item_id]
    if digest and digest != answer_digest(completion):
        raise InputError(
            f"{where}: {candidate} now has another answer to {item_id}; the label belongs to one no longer stored"
        )
    name = cells.get("reviewer") or reviewer
    if not name:
        raise InputError(f"{where}: who labelled? Fill the column reviewer, or give --reviewer")
    verdict = cells.get("verdict", "").lower()
    given: dict[str, Any] = {scale: cells.get(scale) or None for scale in SCALES}
    try:
        judgement = Judgement.model_validate(
            {"verdict": _WORDS.get(verdict, verdict), "comment": cells.get("comment", ""), **given}
        )
        seconds = float(cells["seconds"]) if cells.get("seconds") else None
        if seconds is not None and not 0 <= seconds < 1e6:
            raise ValueError
    except ValidationError as error:
        field = str(error.errors()[0]["loc"][0])
        wanted = {"verdict": "correct, incorrect or unsure", "comment": "at most 4000 characters"}
        raise InputError(
            f"{where}: {field} {cells.get(field, '')!r}: {wanted.get(field, '1 to 5, or empty')}"
        ) from None
    except ValueError:
        raise InputError(f"{where}: seconds {cells['seconds']!r}: a number of seconds, 0 or more") from None
    if judgement.verdict not in ("correct", "incorrect", "unsure"):
        raise InputError(f"{where}: verdict {verdict!r}: correct, incorrect or unsure")
    return SheetRow(where, item, split, candidate, run, completion, name, judgement, seconds)


def store_sheet(
    store: LabelStore, path: Path, rows: list[SheetRow], suite: str, lock: str, author_kind: AuthorKind
) -> Imported:
    """Store labels, on the tasks of a review where it drew the answer, else outside any sample. All or none.

    Raises `InputError` where a reviewer has labelled an answer already or is stored with another ``author_kind``.
    """
    identity = sha256_json(["import", lock, sha256_file(path), author_kind])[:16]
    given: dict[tuple[int, str], Judgement] = {}
    sampled = added = 0
    with store.transaction() as connection:
        for row in rows:
            found = connection.execute(
                "SELECT t.id, r.kind FROM tasks t JOIN reviews r ON r.id = t.review WHERE r.lock = ? AND t.item = ? "
                "AND t.answer = ? AND t.other IS NULL ORDER BY r.kind = 'import', r.created DESC",
                (lock, row.item.id, answer_digest(row.completion)),
            ).fetchone()
            if found:
                task, drawn = int(found["id"]), found["kind"] != "import"
                mine = (task, row.run, row.candidate, f"{stratum_of(row.item)}/{row.candidate}")
                connection.execute("INSERT OR IGNORE INTO arms VALUES (?, 1, ?, ?, ?, NULL)", mine)
            else:
                review = Review(
                    id=identity, kind="import", suite=suite, split=row.split, lock=lock, items=len(rows), double=0, seed=0,
                    created=now(),
                )  # fmt: skip
                values = review.model_dump()
                names = ", ".join(f":{name}" for name in values)
                connection.execute(f"INSERT OR IGNORE INTO reviews VALUES ({names})", values)
                arm = Arm(
                    run=row.run,
                    candidate=row.candidate,
                    stratum=f"{stratum_of(row.item)}/{row.candidate}",
                    probability=None,
                )
                new = NewTask(item=row.item.id, retrieved=(), completion=row.completion, arms=(arm,))
                task, drawn = add_task(connection, identity, added, new), False
                added += 1
            try:
                reviewer = enter(connection, row.reviewer, author_kind)
            except InputError as error:
                raise InputError(f"{row.where}: {error}") from None
            if given.get((task, reviewer.name)) == row.judgement:
                continue  # one answer of two candidates: an export names it twice
            if add_label(connection, task, reviewer, row.judgement, seconds=row.seconds) is None:
                raise InputError(f"{row.where}: {row.reviewer} has labelled this answer already; nothing was imported")
            given[task, reviewer.name] = row.judgement
            sampled += drawn
    return Imported(len(given), sampled, author_kind)
