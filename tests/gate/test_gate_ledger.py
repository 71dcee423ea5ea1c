"""What a look costs, what is free, and that nothing is shown that was not recorded."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from harness.errors import InputError, IntegrityError
from harness.gate.ledger import Look, budget, charge, read_ledger, record

COMPARE = Look("compare", "lock1", {"a": "fa", "b": "fb", "c": "fc"}, "base")


def gate(path: Path, fingerprint: str, policy: str = "p1", lock: str = "lock1") -> list[str]:
    """Record a gate look as the command does; return what it charged."""
    charged = charge(read_ledger(path), lock, fingerprint, policy, "base")
    record(path, Look("gate", lock, {fingerprint: fingerprint}, "base", policy, charged, "RELEASE"))
    return charged


def test_choosing_the_best_of_k_is_charged_as_k(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    record(path, COMPARE)
    assert gate(path, "fb") == ["fa", "fb", "fc"]
    assert budget(read_ledger(path), "lock1", 5).left == 2


def test_one_candidate_never_compared_costs_one(tmp_path: Path) -> None:
    assert gate(tmp_path / "ledger.jsonl", "fa") == ["fa"]


def test_an_identical_rerun_is_free_and_not_recorded_again(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    assert record(path, COMPARE)
    assert gate(path, "fa") == ["fa", "fb", "fc"]
    before = path.read_bytes()
    assert not record(path, replace(COMPARE, when="later"))
    assert charge(read_ledger(path), "lock1", "fa", "p1", "base") == []
    record(path, Look("gate", "lock1", {"fa": "fa"}, "base", "p1", [], "RELEASE"))
    assert path.read_bytes() == before


def test_another_policy_is_another_use(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    gate(path, "fa")
    assert gate(path, "fa", policy="looser") == ["fa"]
    assert budget(read_ledger(path), "lock1", 5).left == 3


def test_the_baseline_is_no_choice(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    record(path, Look("compare", "lock1", {"base": "base", "a": "fa"}, "old"))
    assert gate(path, "fa") == ["fa"]


def test_a_new_lock_starts_anew(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    record(path, COMPARE)
    gate(path, "fa")
    assert gate(path, "fa", lock="lock2") == ["fa"]
    assert budget(read_ledger(path), "lock2", 5).left == 4


def test_uses_beyond_the_plan_are_seen(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    for number in range(6):
        gate(path, f"f{number}")
    assert budget(read_ledger(path), "lock1", 5).left == -1


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
