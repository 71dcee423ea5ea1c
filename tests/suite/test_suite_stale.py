"""Planted changes of facts, and the items they reach."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.errors import ExitCode, IntegrityError
from harness.suite.item import Split
from harness.suite.lock import verify, write_lock
from harness.suite.stale import fact_changes
from harness.suite.suite import Suite, load_suite

SHIPPED = load_suite("facencial")


@pytest.fixture
def locked(tmp_path: Path) -> Suite:
    root = tmp_path / "tasks" / "facencial"
    for name in ("dev/pricing", "dev/credits", "train/pricing", "test/pricing"):
        path = root / "data" / f"{name}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SHIPPED.root / "data" / f"{name}.jsonl", path)
    shutil.copytree(SHIPPED.root / "knowledge", root / "knowledge")
    text = (SHIPPED.root / "suite.toml").read_text("utf-8").partition("[traffic]")[0]
    (root / "suite.toml").write_text(text, "utf-8")
    write_lock(Suite("facencial", root))
    return Suite("facencial", root)


def edit(suite: Suite, fact: str, old: str, new: str) -> Suite:
    """The suite read again after ``old`` became ``new`` inside one fact."""
    path = suite.root / "knowledge/facts.toml"
    before, header, after = path.read_text("utf-8").partition(f"[{fact}]\n")
    body, mark, rest = after.partition("\n[")
    assert header
    assert old in body
    path.write_text(before + header + body.replace(old, new) + mark + rest, "utf-8")
    return Suite("facencial", suite.root)


def resting_on(suite: Suite, fact: str) -> set[str]:
    return {
        item.id
        for split in (Split.TRAIN, Split.DEV, Split.TEST)
        for item in suite.items(split)
        if fact in (*item.facts_required, *item.facts_forbidden, *item.knowledge)
    }


def test_nothing_changed(locked: Suite) -> None:
    assert fact_changes(locked) == []


def test_a_changed_value_reaches_its_items_in_every_split_and_no_other(locked: Suite) -> None:
    expected = resting_on(locked, "package.d")
    changed = edit(locked, "package.d", "50000", "55000")
    with pytest.raises(IntegrityError):
        verify(changed)
    (change,) = fact_changes(changed)
    assert (change.fact, change.kind, change.is_stale) == ("package.d", "changed", True)
    assert change.details == ("value 50000 and 100 -> 55000 and 100",)
    assert {item.id for item in change.items} == expected
    assert {item.split for item in change.items} == {Split.TRAIN, Split.DEV, Split.TEST}
    assert {item.gold for item in change.items} == {"as locked"}
    first = next(item for item in change.items if item.split is Split.TEST)
    path, line = first.place.split(":")
    assert json.loads((locked.root / path).read_text("utf-8").splitlines()[int(line) - 1])["id"] == first.id


def test_a_changed_text_is_a_change_and_a_new_date_of_confirmation_is_none(locked: Suite) -> None:
    assert fact_changes(edit(locked, "package.d", "as_of = 2026", "as_of = 2027")) == []
    (change,) = fact_changes(edit(locked, "package.d", 'en = "', 'en = "Now: '))
    assert (change.kind, change.details) == ("changed", ("text",))


def test_forms_alone_are_reported_apart(locked: Suite) -> None:
    (change,) = fact_changes(edit(locked, "package.d", "said = [\n", 'said = [\n    "paket murah",\n'))
    assert (change.kind, change.is_stale) == ("forms changed", False)
    assert change.items


def test_a_removed_fact_is_stale_and_an_added_one_is_not(locked: Suite) -> None:
    path = locked.root / "knowledge/facts.toml"
    path.write_text(path.read_text("utf-8").replace("[package.d]\n", "[package.e]\n"), "utf-8")
    removed, added = sorted(fact_changes(Suite("facencial", locked.root)), key=lambda change: change.kind, reverse=True)
    assert (removed.fact, removed.kind, removed.is_stale) == ("package.d", "removed", True)
    assert (added.fact, added.kind, added.is_stale, added.items) == ("package.e", "added", False, ())


def test_gold_edited_since_the_lock_is_told_from_gold_that_is_not(locked: Suite) -> None:
    path = locked.root / "data/test/pricing.jsonl"
    first, *rest = path.read_text("utf-8").splitlines()
    row = json.loads(first)
    assert "package.lite" in row["facts_required"]
    added = {**row, "id": "pricing-99-id"}
    path.write_text("\n".join([json.dumps({**row, "expected_answer": "Baru."}), *rest, json.dumps(added)]), "utf-8")
    (change,) = fact_changes(edit(locked, "package.lite", "10000", "12000"))
    states = {item.id: item.gold for item in change.items if item.split is Split.TEST}
    assert states.pop(row["id"]) == "edited since"
    assert states.pop("pricing-99-id") == "new"
    assert set(states.values()) == {"as locked"}


def test_the_command_names_fact_and_items_and_exits_4(locked: Suite, harness: Callable) -> None:
    project = locked.root.parents[1]
    (project / "harness.toml").write_text(
        'tasks = "tasks"\nbaseline = "a"\n[candidates.a]\nengine = "recorded"\nanswers = "a.jsonl"\n', "utf-8"
    )
    done = harness(project, "suite", "stale")
    assert (done.returncode, done.stderr) == (ExitCode.OK, "")
    edit(locked, "package.d", "value = [50000,", "value = [55000,")
    done = harness(project, "suite", "stale")
    assert done.returncode == ExitCode.INTEGRITY == 4
    assert "fact package.d changed (value 50000 and 100 -> 55000 and 100)" in done.stdout
    found = harness(project, "suite", "stale", "--json")
    assert found.returncode == 4
    assert json.loads(found.stdout)["stale_items"] == len(resting_on(locked, "package.d"))
    lock = locked.root / "lock.json"
    lock.write_text(lock.read_text("utf-8").replace('"version": 2', '"version": 1'), "utf-8")
    old = harness(project, "suite", "stale")
    assert old.returncode == 4
    assert "lock version 1, this harness reads 2; lock the suite anew: harness suite lock facencial" in old.stderr
