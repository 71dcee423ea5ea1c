"""Errors a user can act on, and the exit codes they end in."""

from enum import IntEnum


class ExitCode(IntEnum):
    """Process exit codes of every ``harness`` command."""

    OK = 0
    BLOCKED = 1
    BAD_INPUT = 2
    INCONCLUSIVE = 3
    INTEGRITY = 4
    INTERRUPTED = 130


class HarnessError(Exception):
    """Something the user can mend; its message is one line saying what is wrong, where and what to do.

    Line breaks in what it quotes become spaces.
    """

    exit_code: ExitCode = ExitCode.BAD_INPUT

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.splitlines()))


class InputError(HarnessError):
    """Input or configuration that cannot be used."""


class IntegrityError(HarnessError):
    """Stored evidence that does not match its hash: a changed suite, an edited run."""

    exit_code = ExitCode.INTEGRITY


def error_line(error: BaseException) -> str:
    """The first line of what a library raised, to stand in one of ours."""
    return str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
