"""Processes of the fault campaign that can be hurt, and a disk that runs full."""

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

PATIENCE = 120.0


def command_in_process(
    folder: str, arguments: Sequence[str], said: str, die_at: int | None, user: int | None, most: int | None
) -> None:
    """A harness command in a process of its own; it kills itself before its ``die_at``-th file operation in the store."""
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(f"{said}.{name}", os.O_CREAT | os.O_TRUNC | os.O_WRONLY), number)
    os.chdir(folder)
    if most is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    if user is not None:
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)
    done = 0

    def count(event: str, values: tuple[Any, ...]) -> None:
        nonlocal done
        if event in ("open", "os.rename", "os.remove", "os.mkdir", "sqlite3.connect", "fcntl.flock") and (
            event == "fcntl.flock" or ".harness" in str(values[0])
        ):
            done += 1
            if done == die_at:
                os.kill(os.getpid(), 9)

    sys.addaudithook(count)
    sys.argv = ["harness", *arguments]
    from harness.cli import main

    try:
        main()
    finally:
        if user is None and most is None:
            Path(f"{said}.count").write_text(str(done))


@dataclass
class Started:
    process: ForkServerProcess
    said: Path

    def end(self) -> int:
        """Exit code; below 0 a signal."""
        self.process.join(PATIENCE)
        if self.process.exitcode is None:
            self.process.kill()
            raise RuntimeError(f"{self.said}: hangs")
        return self.process.exitcode

    def text(self, name: str) -> str:
        return Path(f"{self.said}.{name}").read_text(encoding="utf-8", errors="replace")

    @property
    def one_line(self) -> bool:
        """Whether what it complained of is one line a user can act on."""
        lines = self.text("err").splitlines()
        errors = [line for line in lines if not line.startswith("scripted (")]  # the judge says its estimate first
        return len(errors) == 1 and errors[0].startswith("harness: ") and "unexpected" not in errors[0]


@contextmanager
def small_disk(folder: Path, room: int) -> Iterator[Callable[[], None] | None]:
    """Lay a tmpfs with ``room`` KB left over ``folder``; yields what makes it larger, ``None`` where nothing may be mounted."""
    kept = shutil.copytree(folder, folder.with_name("kept"))
    used = sum(-(-path.stat().st_size // 4096) * 4 + 4 for path in kept.rglob("*"))
    mount = ["mount", "-t", "tmpfs", "-o", f"size={used + room}k", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        yield None
        return
    try:
        shutil.copytree(kept, folder, dirs_exist_ok=True)
        yield lambda: subprocess.run(["mount", "-o", "remount,size=64m", str(folder)], check=True) and None
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
