"""Append-only JSON Lines that survive a kill: whole lines flushed to the disk, a torn last line dropped."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from harness.errors import HarnessError


def append_lines(path: Path, lines: Iterable[str]) -> None:
    """Add lines (without their line breaks) and flush them to the disk; a torn line before them is cut off first."""
    text = "".join(f"{line}\n" for line in lines)
    if not text:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab+") as file:
            _cut_torn_line(file.fileno(), path)
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise HarnessError(f"{path}: cannot write ({error.strerror}); what was stored before is kept") from None


def whole_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of every whole line, blank ones left out; none where there is no file.

    What stands after the last line break was torn by a kill and is passed over.
    """
    if not path.is_file():
        return
    for number, line in enumerate(path.read_bytes().split(b"\n")[:-1], 1):
        if line.strip():
            yield number, line


def _cut_torn_line(descriptor: int, path: Path) -> None:
    size = os.fstat(descriptor).st_size
    if size and os.pread(descriptor, 1, size - 1) != b"\n":
        whole = path.read_bytes()
        os.ftruncate(descriptor, whole.rfind(b"\n") + 1)
