"""Which process speaks and writes, and its lines on the terminal (stderr)."""

import os

from harness.terminal import SafeConsole

console = SafeConsole(stderr=True)


def is_main_process() -> bool:
    """Whether this process writes and speaks: the only one, or the first of an ``accelerate launch``."""
    return os.environ.get("RANK", "0") == "0"


def process_count() -> int:
    """Processes that train together."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def say(line: str) -> None:
    """One line to the person who waits."""
    if is_main_process():
        console.print(line, highlight=False, soft_wrap=True)
