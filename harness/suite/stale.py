"""Items that may have gone stale: a fact they rest on is not what it was when the suite was locked."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, Literal

from harness.suite.item import Split
from harness.suite.lock import fact_record, gold_digest, read_lock
from harness.suite.suite import Suite


@dataclass(frozen=True, slots=True)
class StaleItem:
    """An item that rests on a changed fact; ``gold`` says whether its gold was edited since the lock."""

    split: Split
    id: str
    domain: str
    place: str
    gold: Literal["as locked", "edited since", "new"]


@dataclass(frozen=True, slots=True)
class FactChange:
    """A fact that differs from the lock, how it differs, and the items that rest on it."""

    fact: str
    kind: Literal["changed", "removed", "added", "forms changed"]
    details: tuple[str, ...]
    items: tuple[StaleItem, ...] = field(default=())

    @property
    def is_stale(self) -> bool:
        """Whether what the fact says changed while items rest on it. Other forms only change how answers are read."""
        return self.kind in ("changed", "removed") and bool(self.items)


def fact_changes(suite: Suite) -> list[FactChange]:
    """Every fact that differs from the lock, in the order of the knowledge base, removed ones last.

    Works on a suite that no longer matches its lock. Raises `IntegrityError` where the lock cannot be read, `InputError`
    where facts or items cannot.
    """
    lock = read_lock(suite)
    locked: dict[str, dict[str, Any]] = lock["facts"]
    now = {fact.id: fact_record(fact) for fact in suite.knowledge.facts.values()}
    resting = _resting_items(suite, lock["gold"])
    changes = []
    for fact in dict.fromkeys((*now, *locked)):
        items = tuple(resting[fact])
        if fact not in now:
            changes.append(FactChange(fact, "removed", (), items))
        elif fact not in locked:
            changes.append(FactChange(fact, "added", (), items))
        elif details := _differences(locked[fact], now[fact]):
            changes.append(FactChange(fact, "changed", details, items))
        elif locked[fact]["forms"] != now[fact]["forms"]:
            changes.append(FactChange(fact, "forms changed", (), items))
    return changes


def _resting_items(suite: Suite, gold: dict[str, str]) -> dict[str, list[StaleItem]]:
    resting: dict[str, list[StaleItem]] = defaultdict(list)
    for split in Split:
        for row in suite.rows(split):
            item = row.item
            digest = gold.get(item.id)
            state: Literal["as locked", "edited since", "new"] = (
                "new" if digest is None else "as locked" if digest == gold_digest(item) else "edited since"
            )
            place = f"{row.path.relative_to(suite.root).as_posix()}:{row.line}"
            for fact in {*item.facts_required, *item.facts_forbidden, *item.knowledge}:
                if isinstance(fact, str):
                    resting[fact].append(StaleItem(split, item.id, item.domain, place, state))
    return resting


def _differences(before: dict[str, Any], after: dict[str, Any]) -> tuple[str, ...]:
    found = [
        f"{name.replace('_', ' ')} {_shown(before.get(name))} -> {_shown(after.get(name))}"
        for name in ("value", "unit", "valid_until")
        if before.get(name) != after.get(name)
    ]
    if before["text"] != after["text"]:
        found.append("text")
    return tuple(found)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return " and ".join(map(_shown, value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "none" if value is None else str(value)
