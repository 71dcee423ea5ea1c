"""Records from CSV, JSON, JSON Lines, Parquet and Hugging Face datasets."""

import csv
import json
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from harness.data.record import Record, decoded, record_of
from harness.errors import InputError
from harness.parsing import parse_json
from harness.suite.suite import read_jsonl

Mapped = Mapping[str, str]


def read_csv(path: Path, mapping: Mapped) -> Iterator[Record]:
    """Rows of a CSV file with a header line; the separator is the commonest of comma, semicolon and tab in the header."""
    text = decoded(path)
    header = text.partition("\n")[0]
    separator = max(",;\t", key=header.count)
    reader = csv.DictReader(StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 2
    try:
        for row in reader:
            if None in row or None in row.values():
                raise InputError(
                    f"{path}:{line}: {'more' if None in row else 'fewer'} cells than the header has columns"
                )
            yield record_of(row, f"{path}:{line}", mapping)
            line = reader.line_num + 1
    except csv.Error as error:
        raise InputError(f"{path}:{line}: not readable as CSV ({error})") from None


def read_json_lines(path: Path, mapping: Mapped) -> Iterator[Record]:
    """Rows of a JSON Lines file."""
    for number, row in read_jsonl(path):
        yield record_of(row, f"{path}:{number}", mapping)


def read_json(path: Path, mapping: Mapped) -> Iterator[Record]:
    """Objects of a JSON file that holds a list of them."""
    text = decoded(path)
    try:
        rows = parse_json(text)
    except json.JSONDecodeError as error:
        raise InputError(f"{path}:{error.lineno}: not JSON ({error.msg})") from None
    if not isinstance(rows, list):
        raise InputError(f"{path}:1: a list of objects is wanted, not {type(rows).__name__}")
    decoder, position = json.JSONDecoder(), text.index("[") + 1
    for row in rows:
        while text[position] in " \t\r\n,":
            position += 1
        source = f"{path}:{text.count(chr(10), 0, position) + 1}"
        _, position = decoder.raw_decode(text, position)
        if not isinstance(row, dict):
            raise InputError(f"{source}: an object is wanted, not {type(row).__name__}")
        yield record_of(row, source, mapping)


def read_parquet(path: Path, mapping: Mapped) -> Iterator[Record]:
    """Rows of a Parquet file, counted from 1."""
    parquet: Any = _module("pyarrow.parquet", path)
    try:
        file = parquet.ParquetFile(path)
    except (OSError, ValueError) as error:  # pyarrow's ArrowInvalid is a ValueError
        raise InputError(f"{path}: not readable as Parquet ({' '.join(str(error).split())[:120]})") from None
    number = 0
    with file:
        for batch in file.iter_batches():
            for row in batch.to_pylist():
                number += 1
                yield record_of(row, f"{path}:{number}", mapping)


def read_dataset(source: str, mapping: Mapped) -> Iterator[Record]:
    """Rows of a Hugging Face dataset, all splits: a folder saved by ``save_to_disk``, one of data files, or a hub id."""
    datasets: Any = _module("datasets", source)
    folder = Path(source)
    try:
        if (folder / "dataset_info.json").is_file() or (folder / "dataset_dict.json").is_file():
            loaded = datasets.load_from_disk(source)
        else:
            loaded = datasets.load_dataset(source)
    except Exception as error:  # the library raises a dozen kinds
        raise InputError(f"{source}: no dataset can be loaded ({' '.join(str(error).split())[:160]})") from None
    splits = loaded if isinstance(loaded, dict) else {"": loaded}
    for name, rows in splits.items():
        place = f"{source}[{name}]" if name else source
        for number, row in enumerate(rows, 1):
            yield record_of(row, f"{place}:{number}", mapping)


def _module(name: str, source: Path | str) -> Any:
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError:
        raise InputError(f"{source}: reading it needs {name}; run: pip install 'harness[data]'") from None
