"""What a look costs, what is free, and that nothing is shown that was not recorded."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from harness.errors import InputError, IntegrityError
from harness.gate.ledger import Look, budget, charge, read_ledger, record
from harness.suite.lock import TestSet

COMPARE = Look("compare", "lock1", {"a": "fa", "b": "fb", "c": "fc"}, "base", questions="asked")
FIRST = TestSet("lock1", "asked")
OTHER_GOLD = TestSet("lock2", "asked")
OLD_LINE = (
    '{"what": "gate", "lock": "lock1", "candidates": {"a": "fa"}, "baseline": "base", "policy": "p1", '
    '"charged": ["fa", "fb"], "verdict": "RELEASE", "when": "2026-11-24T14:51:48+00:00"}\n'
)


def gate(path: Path, fingerprint: str, policy: str = "p1", test: TestSet = FIRST) -> list[str]:
    """Record a gate look as the command does; return what it charged."""
    charged = charge(read_ledger(path), test, fingerprint, policy, "base")
    candidates = {fingerprint: fingerprint}
    record(path, Look("gate", test.lock, candidates, "base", policy, charged, "RELEASE", questions=test.questions))
    return charged


def test_choosing_the_best_of_k_is_charged_as_k(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    record(path, COMPARE)
    assert gate(path, "fb") == ["fa", "fb", "fc"]
    assert budget(read_ledger(path), FIRST, 5).left == 2


def test_one_candidate_never_compared_costs_one(tmp_path: Path) -> None:
    assert gate(tmp_path / "ledger.jsonl", "fa") == ["fa"]


def test_an_identical_rerun_is_free_and_not_recorded_again(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    assert record(path, COMPARE)
    assert gate(path, "fa") == ["fa", "fb", "fc"]
    before = path.read_bytes()
    assert not record(path, replace(COMPARE, when="later"))
    assert charge(read_ledger(path), FIRST, "fa", "p1", "base") == []
    record(path, Look("gate", "lock1", {"fa": "fa"}, "base", "p1", [], "RELEASE", questions="asked"))
    assert path.read_bytes() == before


def test_another_policy_is_another_use(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    gate(path, "fa")
    assert gate(path, "fa", policy="looser") == ["fa"]
    assert budget(read_ledger(path), FIRST, 5).left == 3


def test_the_baseline_is_no_choice(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    record(path, Look("compare", "lock1", {"base": "base", "a": "fa"}, "old"))
    assert gate(path, "fa") == ["fa"]


def test_new_questions_start_anew(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    record(path, COMPARE)
    gate(path, "fa")
    new = TestSet("lock2", "others")
    assert gate(path, "fa", test=new) == ["fa"]
    assert budget(read_ledger(path), new, 5).left == 4
    assert budget(read_ledger(path), FIRST, 5).left == 2


def test_another_lock_of_the_same_questions_keeps_what_was_charged(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    record(path, COMPARE)
    gate(path, "fb")
    found = budget(read_ledger(path), OTHER_GOLD, 5)
    assert (found.left, found.on_earlier_locks, found.looks["gate"]) == (2, 2, 1)
    assert gate(path, "fd", test=OTHER_GOLD) == ["fd"]
    assert budget(read_ledger(path), OTHER_GOLD, 5).left == 1


def test_a_candidate_looked_at_on_another_lock_is_charged_when_one_is_chosen(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    record(path, COMPARE)
    assert gate(path, "fb", test=OTHER_GOLD) == ["fa", "fb", "fc"]


def test_a_test_repeated_on_other_gold_is_another_use(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    assert gate(path, "fa") == ["fa"]
    assert gate(path, "fa", test=OTHER_GOLD) == ["fa"]
    assert gate(path, "fa", test=OTHER_GOLD) == []
    assert budget(read_ledger(path), OTHER_GOLD, 5).left == 3


def test_old_lines_without_questions_count_on_the_locks_that_followed(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    path.write_text(OLD_LINE)
    followed = TestSet("lock3", "asked", frozenset({"lock2", "lock1"}))
    assert read_ledger(path)[0].questions is None
    found = budget(read_ledger(path), followed, 5)
    assert (found.left, found.on_earlier_locks) == (3, 1)
    assert budget(read_ledger(path), FIRST, 5).left == 3
    assert budget(read_ledger(path), OTHER_GOLD, 5).left == 5, "nothing says that lock2 followed lock1"


def test_uses_beyond_the_plan_are_seen(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    for number in range(6):
        gate(path, f"f{number}")
    assert budget(read_ledger(path), FIRST, 5).left == -1


def test_looks_by_many_at_once_are_all_kept(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    looks = [Look("compare", "lock1", {str(number): str(number)}, "base") for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda look: record(path, look), looks))
    assert {tuple(look.candidates) for look in read_ledger(path)} == {(str(number),) for number in range(40)}


def test_a_broken_or_unwritable_ledger_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    record(path, COMPARE)
    with path.open("a") as file:
        file.write(json.dumps({"what": "peek"}) + "\n")
    with pytest.raises(IntegrityError, match=r"ledger.jsonl:2"):
        read_ledger(path)
    with pytest.raises(InputError, match="cannot be recorded"):
        record(tmp_path / "ledger.jsonl" / "below", COMPARE)
