"""The ledger: every look at the test split of a lock, in one file meant to be committed.

A look at a test set is spent: whoever picks the best of many looks picks luck with it. Each candidate tested by the gate is
charged one use of the lock, and so is every other candidate looked at before it and not yet charged, because the one tested
was chosen among them. Yardsticks (``reference = true``) cost nothing and cannot be released.
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

What = Literal["compare", "gate", "reveal"]


@dataclass(frozen=True)
class Look:
    """One look: what was done, on which lock, at which candidates (fingerprint by name; yardsticks left out)."""

    what: What
    lock: str
    candidates: Mapping[str, str]
    baseline: str
    policy: str | None = None
    charged: Sequence[str] = ()
    verdict: str | None = None
    when: str = ""

    @property
    def key(self) -> tuple[Any, ...]:
        """What makes a later look the same one: it is then free, and not recorded again."""
        return self.what, self.lock, tuple(sorted(self.candidates.values())), self.baseline, self.policy


@dataclass(frozen=True)
class Budget:
    """Uses of one lock: planned, charged (fingerprint and policy), and looks by kind."""

    planned: int
    charged: frozenset[tuple[str, str]]
    looks: Mapping[str, int]

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


def budget(looks: Sequence[Look], lock: str, planned: int) -> Budget:
    """What of ``planned`` uses is spent on ``lock``."""
    own = [look for look in looks if look.lock == lock]
    counts = {what: sum(look.what == what for look in own) for what in ("compare", "gate", "reveal")}
    return Budget(planned, frozenset((each, str(look.policy)) for look in own for each in look.charged), counts)


def charge(looks: Sequence[Look], lock: str, fingerprint: str, policy: str, baseline: str) -> list[str]:
    """Fingerprints that testing a candidate would charge: itself under a policy new to it, and those it was chosen among.

    The baseline is no choice: what is on sale today is not picked by the test.
    """
    own = [look for look in looks if look.lock == lock]
    charged = {each for look in own for each in look.charged}
    tested = any(fingerprint in look.charged and look.policy == policy for look in own)
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
