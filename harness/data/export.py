"""Rows into a file of another format."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness.errors import InputError

FORMATS = (".json", ".jsonl", ".parquet", ".pkl")
Row = dict[str, Any]


def export(rows: Sequence[Row], target: Path) -> None:
    """Write ``rows`` in the format of ``target``'s ending. Raises `InputError` for another ending, or where the file exists.

    A pickle holds a list of dictionaries of plain values; it is written for others, and never read here.
    """
    suffix = target.suffix.lower()
    if suffix not in FORMATS:
        raise InputError(f"{target}: no format {suffix or 'without an ending'}; known: {', '.join(FORMATS)}")
    write_new(target, _content(rows, suffix))


def write_new(target: Path, content: bytes) -> None:
    """Write a file that is not there yet. Raises `InputError`."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            file.write(content)
    except FileExistsError:
        raise InputError(f"{target}: is there already; choose another name or remove it") from None
    except OSError as error:
        raise InputError(f"{target}: cannot be written ({error.strerror})") from None


def json_lines(rows: Sequence[Row]) -> bytes:
    """One object a line."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def _content(rows: Sequence[Row], suffix: str) -> bytes:
    if suffix == ".jsonl":
        return json_lines(rows)
    if suffix == ".json":
        return (json.dumps(list(rows), indent=1, ensure_ascii=False) + "\n").encode()
    if suffix == ".pkl":
        import pickle

        return pickle.dumps(list(rows))
    return _parquet(rows)


def _parquet(rows: Sequence[Row]) -> bytes:
    """A column of text, numbers, lists of text or lists of chat messages is stored as it is.

    Any other is stored as JSON text: Parquet has one type a column.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise InputError("writing Parquet needs pyarrow; run: pip install 'harness[data]'") from None
    chats = {name for name in (rows[0] if rows else ()) if all(_is_chat(row.get(name)) for row in rows)}
    nested = {name for row in rows for name, value in row.items() if not _is_flat(value)} - chats
    flat = [
        {name: json.dumps(value, ensure_ascii=False) if name in nested else value for name, value in row.items()}
        for row in rows
    ]
    columns = list(dict.fromkeys(name for row in flat for name in row))
    table = pyarrow.table({name: [row.get(name) for row in flat] for name in columns})
    sink = pyarrow.BufferOutputStream()
    pyarrow.parquet.write_table(table, sink)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _is_flat(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return all(isinstance(part, str) for part in value)
    return not isinstance(value, dict)


def _is_chat(value: Any) -> bool:
    """Whether a value is a list of objects with the same keys and text alone, as chat messages are."""
    return isinstance(value, (list, tuple)) and all(
        isinstance(part, dict)
        and part.keys() == value[0].keys()
        and all(isinstance(text, str) for text in part.values())
        for part in value
    )
