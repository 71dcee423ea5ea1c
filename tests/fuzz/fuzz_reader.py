"""A reader of the harness as fuzzing sees it, and what must hold of it.

A reader takes a file that anyone may have written. Whatever stands in it, it gives a result or raises a `HarnessError` of one
line; every other exception is a fault of ours.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from harness.errors import HarnessError

Read = Callable[[bytes], object]


@dataclass(frozen=True)
class Reader:
    """``read`` gets the content of a file; ``seed`` is a valid one."""

    read: Read
    seed: bytes


def holds(reader: Reader, content: bytes) -> None:
    """Raise where ``content`` ends in anything but a result or one line."""
    try:
        reader.read(content)
    except HarnessError as error:
        said = str(error)
        if not said.strip() or len(said.splitlines()) != 1:
            raise AssertionError(f"not one line: {said!r}") from error


def written(path: Path, read: Callable[[Path], object]) -> Read:
    """A reader of ``path``."""
    path.parent.mkdir(parents=True, exist_ok=True)

    def one(content: bytes) -> object:
        path.write_bytes(content)
        return read(path)

    return one
