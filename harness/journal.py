"""Files that survive a kill and a full disk: JSON Lines that only grow, and files and folders that appear whole.

A line can carry its own checksum, so that a flipped bit is noticed while no digest of the whole file is stored yet.
"""

import fcntl
import os
import re
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.errors import HarnessError, InputError


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


def replace_file(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all: what stands there stays until all is on the disk. Raises `OSError`."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def move_into_place(finished: Path, folder: Path) -> None:
    """Rename a finished folder. Several processes may have made the same one: the first wins, its folder serves all.

    Raises `OSError` where it cannot be renamed for another reason.
    """
    try:
        finished.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise


@contextmanager
def held(path: Path, busy: str) -> Iterator[None]:
    """Hold the lock file ``path`` against other processes.

    Raises `InputError` saying ``busy`` where one holds it, `HarnessError` where the file cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("w")
    except OSError as error:
        raise HarnessError(f"{path}: cannot write ({error.strerror}); what was stored before is kept") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(busy) from None
        yield


_CHECKSUM = re.compile(rb', "crc32": "([0-9a-f]{8})"}')


def with_checksum(line: str) -> str:
    """A JSON object's line with the CRC-32 of its text as last member ``crc32``."""
    return f'{line[:-1]}, "crc32": "{zlib.crc32(line.encode()):08x}"}}'


def checked(line: bytes) -> bytes | None:
    """The line as it was before `with_checksum`; ``None`` where it carries no checksum, or another text's."""
    found = _CHECKSUM.fullmatch(line, max(0, len(line) - 22))
    if found is None:
        return None
    plain = line[: found.start()] + b"}"
    return plain if zlib.crc32(plain) == int(found[1], 16) else None


def _cut_torn_line(descriptor: int, path: Path) -> None:
    size = os.fstat(descriptor).st_size
    if size and os.pread(descriptor, 1, size - 1) != b"\n":
        whole = path.read_bytes()
        os.ftruncate(descriptor, whole.rfind(b"\n") + 1)
