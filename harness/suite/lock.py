"""The lock: SHA-256 of everything in a suite that decides a score, verified before every run.

Written once by ``harness suite lock``; a changed, missing or added file afterwards stops every command with exit code 4.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from harness.errors import InputError, IntegrityError
from harness.hashing import sha256_file, sha256_json
from harness.suite.item import Split
from harness.suite.suite import Suite

LOCK_VERSION = 1
PATTERNS = ("data/*/*.jsonl", "knowledge/*.toml", "suite.toml")


def _files(suite: Suite) -> dict[str, str]:
    paths = sorted(path for pattern in PATTERNS for path in suite.root.glob(pattern))
    return {path.relative_to(suite.root).as_posix(): sha256_file(path) for path in paths}


def _digest(files: dict[str, str], counts: dict[str, dict[str, int]]) -> str:
    return sha256_json({"files": files, "counts": counts})


def make_lock(suite: Suite) -> dict[str, Any]:
    """The lock of the suite as it stands: file digests, counts by split and domain, and one digest over the files."""
    files = _files(suite)
    counts = {
        split.value: dict(sorted(Counter(item.domain for item in suite.items(split)).items()))
        for split in Split
        if any((suite.root / "data" / split).glob("*.jsonl"))
    }
    return {
        "version": LOCK_VERSION,
        "suite": suite.name,
        "sha256": _digest(files, counts),
        "counts": counts,
        "files": files,
    }


def lock_path(suite: Suite) -> Path:
    """Where the lock lies."""
    return suite.root / "lock.json"


def read_lock(suite: Suite) -> dict[str, Any]:
    """The stored lock. Raises `IntegrityError` where it is missing, unreadable or of another version."""
    path = lock_path(suite)
    try:
        lock = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise IntegrityError(
            f"{path}: suite {suite.name} is not locked; run: harness suite lock {suite.name}"
        ) from None
    except json.JSONDecodeError as error:
        raise IntegrityError(f"{path}:{error.lineno}: the lock is not JSON ({error.msg}); restore it") from None
    if not isinstance(lock, dict) or lock.get("version") != LOCK_VERSION:
        found = lock.get("version") if isinstance(lock, dict) else None
        raise IntegrityError(f"{path}: lock version {found!r}, this harness reads {LOCK_VERSION}; lock the suite anew")
    for key in ("sha256", "counts", "files"):
        if key not in lock:
            raise IntegrityError(f"{path}: the lock has no {key}; restore it")
    return lock


def verify(suite: Suite) -> dict[str, Any]:
    """Check every locked file and return the lock. Raises `IntegrityError` naming the first file that differs."""
    lock = read_lock(suite)
    locked, found = lock["files"], _files(suite)
    for name in sorted({*locked, *found}):
        if name not in found:
            raise IntegrityError(f"{suite.root / name}: locked but missing; restore it from version control")
        if name not in locked:
            raise IntegrityError(f"{suite.root / name}: not in the lock; remove it or lock a new version of the suite")
        if locked[name] != found[name]:
            raise IntegrityError(f"{suite.root / name}: changed since the lock; restore it or lock a new version")
    if lock["sha256"] != _digest(locked, lock["counts"]):
        raise IntegrityError(
            f"{lock_path(suite)}: the lock's own digest does not match its files and counts; restore it"
        )
    return lock


def write_lock(suite: Suite) -> dict[str, Any]:
    """Lock the suite as it stands. Raises `InputError` where an intent stands in two splits."""
    owner: dict[str, Split] = {}
    for split in Split:
        if not any((suite.root / "data" / split).glob("*.jsonl")):
            continue
        for item in suite.items(split):
            if owner.setdefault(item.intent, split) != split:
                raise InputError(f"{item.id}: intent {item.intent!r} stands in {owner[item.intent]} and {split}")
    lock = make_lock(suite)
    lock_path(suite).write_text(json.dumps(lock, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return lock


def questions_digest(suite: Suite, split: Split) -> str:
    """Digest of what a candidate is asked in a split: ids and messages, not the gold."""
    return sha256_json([[item.id, item.problem] for item in suite.items(split)])
