"""The ledger: every look at a locked test split, in one file meant to be committed.

A look at a test set is spent: whoever picks the best of many looks picks luck with it. Each candidate tested by the gate is
charged one use of the test questions, and so is every other candidate looked at before it and not yet charged, because the
one tested was chosen among them. Another lock of the same questions, with other gold, begins no new budget. Yardsticks
(``reference = true``) cost nothing and cannot be released.
"""

import fcntl
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from harness.errors import InputError, IntegrityError
from harness.suite.lock import TestSet

What = Literal["compare", "gate", "reveal"]


@dataclass(frozen=True)
class Look:
    """One look: what was done, on which lock, at which candidates (fingerprint by name; yardsticks left out).

    ``questions`` is the digest of the test questions; the oldest lines have none.
    """

    what: What
    lock: str
    candidates: Mapping[str, str]
    baseline: str
    policy: str | None = None
    charged: Sequence[str] = ()
    verdict: str | None = None
    when: str = ""
    questions: str | None = None

    @property
    def key(self) -> tuple[Any, ...]:
        """What makes a later look the same one: it is then free, and not recorded again."""
        return self.what, self.lock, tuple(sorted(self.candidates.values())), self.baseline, self.policy


@dataclass(frozen=True)
class Budget:
    """Uses of one test set: planned, charged (fingerprint, policy and lock), looks by kind, and those on earlier locks."""

    planned: int
    charged: frozenset[tuple[str, str, str]]
    looks: Mapping[str, int]
    on_earlier_locks: int

    @property
    def left(self) -> int:
        """Uses that are left; below 0 where more were taken than planned."""
        return self.planned - len(self.charged)


def read_ledger(path: Path) -> list[Look]:
    """All looks, in order; none where there is no file. Raises `IntegrityError` naming a line that is no look."""
    if not path.is_file():
        return []
    reader = TypeAdapter(Look)
    looks = []
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").split("\n"), 1):
        if line.strip():
            try:
                looks.append(reader.validate_json(line))
            except ValidationError as error:
                field = ".".join(map(str, error.errors()[0]["loc"])) or "line"
                raise IntegrityError(
                    f"{path}:{number}: not a look ({field}); restore the file from version control"
                ) from None
    return looks


def _counting(looks: Sequence[Look], test: TestSet) -> list[Look]:
    """Looks at these questions, under whatever gold, and looks under a lock that this one followed."""
    locks = {test.lock, *test.earlier}
    return [look for look in looks if look.questions == test.questions or look.lock in locks]


def budget(looks: Sequence[Look], test: TestSet, planned: int) -> Budget:
    """What of ``planned`` uses is spent on the test set."""
    own = _counting(looks, test)
    counts = {what: sum(look.what == what for look in own) for what in ("compare", "gate", "reveal")}
    charged = frozenset((each, str(look.policy), look.lock) for look in own for each in look.charged)
    return Budget(planned, charged, counts, sum(look.lock != test.lock for look in own))


def charge(looks: Sequence[Look], test: TestSet, fingerprint: str, policy: str, baseline: str) -> list[str]:
    """Fingerprints that testing a candidate would charge: itself under a policy or a lock new to it, and those it was
    chosen among.

    Another gold may turn a verdict, so a test repeated on another lock is another test. The baseline is no choice: what is
    on sale today is not picked by the test.
    """
    own = _counting(looks, test)
    charged = {each for look in own for each in look.charged}
    tested = any(fingerprint in look.charged and (look.policy, look.lock) == (policy, test.lock) for look in own)
    seen = {each for look in own for each in look.candidates.values()} - charged - {baseline, fingerprint}
    return [] if tested and not seen else sorted({*seen, *(() if tested else (fingerprint,))})


def record(path: Path, look: Look) -> bool:
    """Append ``look`` unless the same one stands there; say whether it was new.

    Raises `InputError` where the ledger cannot be written: what is not recorded is not shown.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if any(known.key == look.key for known in read_ledger(path)):
            return False
        with path.open("a", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            when = datetime.now(UTC).isoformat(timespec="seconds")
            file.write(json.dumps({**asdict(look), "when": when}, ensure_ascii=False) + "\n")
    except OSError as error:
        raise InputError(f"{path}: the look cannot be recorded ({error.strerror}), so nothing is shown") from None
    return True
