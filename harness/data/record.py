"""One question as a source gave it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.errors import InputError
from harness.suggest import nearest

COLUMNS = ("problem", "generated_solution", "expected_answer")


@dataclass(frozen=True, slots=True)
class Record:
    """Texts by column of `COLUMNS`, where they stand (``file:line``), and the names that came with them."""

    source: str
    texts: dict[str, str]
    names: tuple[str, ...] = ()


def record_of(row: Mapping[str, object], source: str, mapping: Mapping[str, str]) -> Record:
    """The columns wanted of a row; ``mapping`` gives the source's name of a column where it differs.

    Raises `InputError` where the column of ``problem`` is missing, or a value is no text.
    """
    texts = {}
    for column in COLUMNS:
        name = mapping.get(column, column)
        if name not in row:
            if column == "problem" or column in mapping:
                known = sorted(str(key) for key in row)
                hint = nearest(name, known)
                raise InputError(f"{source}: no column {name!r}{hint}; name it with --map {column}=COLUMN")
            continue
        value = row[name]
        if value is None or value == "":
            continue
        if not isinstance(value, str):
            raise InputError(f"{source}: column {name!r} holds {type(value).__name__}, not text")
        texts[column] = value.strip()
    return Record(source, texts)


def decoded(path: Path) -> str:
    """The text of a UTF-8 file, with or without a byte-order mark. Raises `InputError` naming the first line that is not."""
    try:
        data = path.read_bytes()
        return data.decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError(f"{path}:{line}: not UTF-8 (Latin-1 or Windows-1252?); save the file as UTF-8") from None
