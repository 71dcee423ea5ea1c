"""The lock: SHA-256 of everything in a suite that decides a score, verified before every run.

Written once by ``harness suite lock``; a changed, missing or added file afterwards stops every command with exit code 4.
Its ``test_set`` says which looks at the test split count: those at the same questions, under whatever gold, and those under
a lock that this one followed. It decides no score, so the lock's digest is not over it; it has a digest of its own.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

from harness.errors import InputError, IntegrityError
from harness.hashing import canonical_json, sha256_file, sha256_json
from harness.parsing import parse_json
from harness.suite.columns import read_questions
from harness.suite.item import Item, Split
from harness.suite.knowledge import Fact
from harness.suite.suite import Suite, split_conflicts

LOCK_VERSION = 2
PATTERNS = ("data/*/*.jsonl", "knowledge/*.toml", "suite.toml")
PARTS = ("counts", "files", "facts", "gold")
TEST_SET_PARTS = ("questions", "earlier", "asked")


@dataclass(frozen=True)
class TestSet:
    """What looks at a locked test split are counted by: its lock, its questions' digest, and the locks it followed."""

    __test__ = False  # no test for pytest to collect

    lock: str
    questions: str
    earlier: frozenset[str] = frozenset()

    @classmethod
    def of(cls, lock: Mapping[str, Any]) -> Self:
        """As a lock states it."""
        return cls(lock["sha256"], lock["test_set"]["questions"], frozenset(lock["test_set"]["earlier"]))


def _files(suite: Suite) -> dict[str, str]:
    paths = sorted(path for pattern in PATTERNS for path in suite.root.glob(pattern))
    return {path.relative_to(suite.root).as_posix(): sha256_file(path) for path in paths}


def _digest(lock: Mapping[str, Any]) -> str:
    return sha256_json({key: lock[key] for key in PARTS})


def _test_set_digest(lock: Mapping[str, Any]) -> str:
    return sha256_json([lock["sha256"], *(lock["test_set"][part] for part in TEST_SET_PARTS)])


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


def _asked(items: Sequence[Item]) -> list[str]:
    """Digests of questions, alike where only case, spaces or punctuation differ."""
    return sorted({_short(re.findall(r"\w+", item.problem.casefold())) for item in items})


def make_lock(suite: Suite, earlier: Sequence[str] = (), asked: Sequence[str] = ()) -> dict[str, Any]:
    """The lock of the suite as it stands: digests of files, facts and gold, counts by split and domain, and one over all.

    ``earlier`` are digests of the locks it follows, whose looks count on it; ``asked`` those of questions asked before.
    """
    items = {split: suite.items(split) for split in Split if suite.has(split)}
    lock: dict[str, Any] = {
        "version": LOCK_VERSION,
        "suite": suite.name,
        "counts": {
            split.value: dict(sorted(Counter(item.domain for item in found).items())) for split, found in items.items()
        },
        "files": _files(suite),
        "facts": {fact.id: fact_record(fact) for fact in suite.knowledge.facts.values()},
        "gold": {item.id: gold_digest(item) for found in items.values() for item in found},
    }
    lock["sha256"] = _digest(lock)
    tested = items.get(Split.TEST, [])
    lock["test_set"] = {
        "questions": questions_digest(suite, Split.TEST) if tested else sha256_json([]),
        "earlier": [each for each in earlier if each != lock["sha256"]],
        "asked": sorted({*asked, *_asked(tested)}),
    }
    lock["test_set"]["sha256"] = _test_set_digest(lock)
    return lock


def lock_path(suite: Suite) -> Path:
    """Where the lock lies."""
    return suite.root / "lock.json"


def read_lock(suite: Suite) -> dict[str, Any]:
    """The stored lock. Raises `IntegrityError` where it is missing, unreadable or of another version."""
    path = lock_path(suite)
    try:
        lock = parse_json(path.read_bytes())
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
    for key in ("test_set", *PARTS):
        if not isinstance(lock.get(key, {}), dict):
            raise IntegrityError(f"{path}: {key} is not what a lock holds; restore it")
    if not {*TEST_SET_PARTS, "sha256"} <= set(lock.get("test_set", ())):
        raise IntegrityError(
            f"{path}: the lock does not say which looks count on it (test_set); restore it, or where an older harness "
            f"wrote it: harness suite lock {suite.name}"
        )
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
    if lock["test_set"]["sha256"] != _test_set_digest(lock):
        raise IntegrityError(f"{lock_path(suite)}: test_set was changed since the lock; restore it")
    return lock


def write_lock(suite: Suite, new_test_set: bool = False) -> dict[str, Any]:
    """Lock the suite as it stands. Looks under the lock that it replaces go on counting, unless ``new_test_set`` is said.

    Raises `InputError` where an intent stands in two splits or an id in two rows, or where a new test set holds a question
    that was asked before; `IntegrityError` where the lock to be replaced is not readable.
    """
    for row, problem in split_conflicts(suite):
        raise InputError(f"{row}: {problem}")
    earlier, asked = _followed(suite)
    if new_test_set:
        _check_new(suite, earlier, asked)
        earlier = []
    lock = make_lock(suite, earlier, asked or ())
    lock_path(suite).write_text(json.dumps(lock, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return lock


def _followed(suite: Suite) -> tuple[list[str], list[str] | None]:
    """Digests of the lock to be replaced and those before it; of all questions asked so far, ``None`` where it is silent."""
    path = lock_path(suite)
    if not path.is_file():
        return [], []
    try:
        replaced = parse_json(path.read_bytes())
        known = replaced.get("test_set", {})
        followed = list(dict.fromkeys([replaced["sha256"], *known.get("earlier", ())]))
        return followed, known.get("asked")
    except (ValueError, AttributeError, KeyError, TypeError):
        raise IntegrityError(
            f"{path}: not readable as a lock, so the looks under it would no longer count; restore it from version control"
        ) from None


def _check_new(suite: Suite, earlier: Sequence[str], asked: Sequence[str] | None) -> None:
    """Refuse a new test set in which a question stands that was asked before: looks at it are spent."""
    if asked is None:
        raise InputError(
            f"{lock_path(suite)}: lock {earlier[0][:12]} does not say its test questions; restore them, run "
            f"harness suite lock {suite.name}, and then lock the new ones with --new-test-set"
        )
    found = _asked(suite.items(Split.TEST)) if suite.has(Split.TEST) else []
    if known := set(found) & set(asked):
        raise InputError(
            f"{suite.root}: {len(known)} of {len(found)} test questions were asked before; a new test set holds none of "
            "them. Without --new-test-set the lock is written and the looks so far go on counting"
        )


def questions_digest(suite: Suite, split: Split) -> str:
    """Digest of what a candidate is asked in a split: ids and messages, not the gold. Raises `InputError`."""
    paths = suite.files(split)
    return _questions_digest(tuple((path, path.stat().st_mtime_ns, path.stat().st_size) for path in paths))


@lru_cache(maxsize=8)
def _questions_digest(stamps: tuple[tuple[Path, int, int], ...]) -> str:
    """`sha256_json` of [[id, message], ...], made a batch at a time; read once while the files stay as they are."""
    digest = hashlib.sha256(b"[")
    for number, rows in enumerate(read_questions([path for path, *_ in stamps])):
        digest.update((("," if number else "") + canonical_json(rows)[1:-1]).encode())
    digest.update(b"]")
    return digest.hexdigest()
