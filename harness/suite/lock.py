"""The lock: SHA-256 of everything in a suite that decides a score, verified before every run.

Written once by ``harness suite lock``; a changed, missing or added file afterwards stops every command with exit code 4.
"""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.errors import InputError, IntegrityError
from harness.hashing import sha256_file, sha256_json
from harness.suite.item import Item, Split
from harness.suite.knowledge import Fact
from harness.suite.suite import Suite, split_conflicts

LOCK_VERSION = 2
PATTERNS = ("data/*/*.jsonl", "knowledge/*.toml", "suite.toml")
PARTS = ("counts", "files", "facts", "gold")


def _files(suite: Suite) -> dict[str, str]:
    paths = sorted(path for pattern in PATTERNS for path in suite.root.glob(pattern))
    return {path.relative_to(suite.root).as_posix(): sha256_file(path) for path in paths}


def _digest(lock: Mapping[str, Any]) -> str:
    return sha256_json({key: lock[key] for key in PARTS})


def _short(value: Any) -> str:
    """Enough of a digest to tell that something changed: it guards against slips, the files' own digests against more."""
    return sha256_json(value)[:16]


def fact_record(fact: Fact) -> dict[str, Any]:
    """What the lock keeps of a fact: its values as they are, so that a change can be said, and digests of the rest.

    ``as_of`` is left out: confirming a fact again does not change it.
    """
    kept = fact.model_dump(mode="json", include={"value", "unit", "valid_until"}, exclude_none=True)
    return {**kept, "text": _short(fact.text), "forms": _short([fact.said, fact.denied])}


def gold_digest(item: Item) -> str:
    """Digest of all that says what a right answer to an item is."""
    gold = {"generated_solution", "expected_answer", "answerable", "facts_required", "facts_forbidden", "knowledge"}
    return _short(item.model_dump(mode="json", include=gold))


def make_lock(suite: Suite) -> dict[str, Any]:
    """The lock of the suite as it stands: digests of files, facts and gold, counts by split and domain, and one over all."""
    items = {split: suite.items(split) for split in Split if suite.has(split)}
    lock = {
        "version": LOCK_VERSION,
        "suite": suite.name,
        "counts": {
            split.value: dict(sorted(Counter(item.domain for item in found).items())) for split, found in items.items()
        },
        "files": _files(suite),
        "facts": {fact.id: fact_record(fact) for fact in suite.knowledge.facts.values()},
        "gold": {item.id: gold_digest(item) for found in items.values() for item in found},
    }
    return {**lock, "sha256": _digest(lock)}


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
        raise IntegrityError(
            f"{path}: lock version {found!r}, this harness reads {LOCK_VERSION}; "
            f"lock the suite anew: harness suite lock {suite.name}"
        )
    for key in ("sha256", *PARTS):
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
    if lock["sha256"] != _digest(lock):
        raise IntegrityError(f"{lock_path(suite)}: the lock's own digest does not match its contents; restore it")
    return lock


def write_lock(suite: Suite) -> dict[str, Any]:
    """Lock the suite as it stands. Raises `InputError` where an intent stands in two splits or an id in two rows."""
    for row, problem in split_conflicts(suite):
        raise InputError(f"{row}: {problem}")
    lock = make_lock(suite)
    lock_path(suite).write_text(json.dumps(lock, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return lock


def questions_digest(suite: Suite, split: Split) -> str:
    """Digest of what a candidate is asked in a split: ids and messages, not the gold."""
    return sha256_json([[item.id, item.problem] for item in suite.items(split)])
