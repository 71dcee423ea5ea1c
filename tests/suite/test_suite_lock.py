"""The lock sees every change to what decides a score."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.errors import ExitCode, InputError, IntegrityError
from harness.gate.ledger import budget, read_ledger
from harness.suite import lm_eval_task
from harness.suite.item import Split
from harness.suite.lock import TestSet, lock_path, make_lock, questions_digest, read_lock, verify, write_lock
from harness.suite.suite import Suite, load_suite

SHIPPED = load_suite("facencial")


@pytest.fixture
def locked(tmp_path: Path) -> Suite:
    root = tmp_path / "tasks" / "facencial"
    for name in ("dev/pricing", "dev/credits", "test/pricing"):
        path = root / "data" / f"{name}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SHIPPED.root / "data" / f"{name}.jsonl", path)
    shutil.copytree(SHIPPED.root / "knowledge", root / "knowledge")
    shutil.copy(SHIPPED.root / "suite.toml", root)
    suite = Suite("facencial", root)
    write_lock(suite)
    return suite


def test_the_shipped_suite_matches_its_lock() -> None:
    lock = verify(SHIPPED)
    assert lock == read_lock(SHIPPED) == make_lock(SHIPPED, lock["test_set"]["earlier"])
    assert lock["test_set"]["questions"] == questions_digest(SHIPPED, Split.TEST)


def test_every_look_in_the_shipped_ledger_counts_on_the_shipped_lock() -> None:
    looks = read_ledger(SHIPPED.root.parents[1] / "ledger.jsonl")
    counted = budget(looks, TestSet.of(read_lock(SHIPPED)), 5)
    assert sum(counted.looks.values()) == len(looks) > 0


def test_a_lock_counts_what_it_locks(locked: Suite) -> None:
    lock = verify(locked)
    assert lock["counts"]["dev"] == {"credits": 10, "pricing": 10}
    assert set(lock["counts"]) == {"dev", "test"}
    assert sorted(lock["files"]) == [
        "data/dev/credits.jsonl", "data/dev/pricing.jsonl", "data/test/pricing.jsonl", "knowledge/facts.toml", "suite.toml",
    ]  # fmt: skip


def append(path: str) -> Callable[[Path], object]:
    return lambda root: (root / path).write_bytes((root / path).read_bytes() + b"\n")


def flip_digest(root: Path) -> None:
    lock = json.loads((root / "lock.json").read_text())
    lock["sha256"] = "0" * 64
    (root / "lock.json").write_text(json.dumps(lock))


def forget_earlier_locks(root: Path) -> None:
    lock = json.loads((root / "lock.json").read_text())
    lock["test_set"]["earlier"] = ["0" * 64]
    (root / "lock.json").write_text(json.dumps(lock))


def flip_file_digest(root: Path) -> None:
    lock = json.loads((root / "lock.json").read_text())
    lock["files"]["suite.toml"] = "0" * 64
    (root / "lock.json").write_text(json.dumps(lock))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (append("data/test/pricing.jsonl"), "data/test/pricing.jsonl: changed since the lock"),
        (append("knowledge/facts.toml"), "knowledge/facts.toml: changed since the lock"),
        (append("suite.toml"), "suite.toml: changed since the lock"),
        (lambda root: (root / "data/dev/credits.jsonl").unlink(), "data/dev/credits.jsonl: locked but missing"),
        (lambda root: (root / "suite.toml").unlink(), "suite.toml: locked but missing"),
        (lambda root: shutil.copy(root / "data/dev/credits.jsonl", root / "data/test/more.jsonl"), "data/test/more.jsonl: not in the lock"),
        (lambda root: (root / "knowledge/more.toml").touch(), "knowledge/more.toml: not in the lock"),
        (flip_digest, "lock.json: the lock's own digest does not match"),
        (forget_earlier_locks, "lock.json: test_set was changed since the lock"),
        (flip_file_digest, "suite.toml: changed since the lock"),
        (lambda root: (root / "lock.json").unlink(), "lock.json: suite facencial is not locked"),
        (lambda root: (root / "lock.json").write_text("{\n,"), "lock.json:2: the lock is not JSON"),
        (lambda root: (root / "lock.json").write_text('{"version": 99}'), "lock version 99"),
        (lambda root: (root / "lock.json").write_text("[]"), "lock version None"),
    ],
)  # fmt: skip
def test_every_change_is_noticed(locked: Suite, change: Callable[[Path], object], said: str) -> None:
    change(locked.root)
    with pytest.raises(IntegrityError) as raised:
        verify(locked)
    assert said in str(raised.value)
    assert raised.value.exit_code == ExitCode.INTEGRITY == 4


@pytest.mark.parametrize("missing", ["files", "sha256", "test_set"])
def test_a_lock_without_its_keys_is_refused(locked: Suite, missing: str) -> None:
    lock = read_lock(locked)
    del lock[missing]
    lock_path(locked).write_text(json.dumps(lock))
    with pytest.raises(IntegrityError):
        verify(locked)


def test_edited_counts_are_noticed(locked: Suite) -> None:
    lock = read_lock(locked)
    lock["counts"]["test"]["pricing"] = 1
    lock_path(locked).write_text(json.dumps(lock))
    with pytest.raises(IntegrityError):
        verify(locked)


def test_what_decides_no_score_is_free_to_change(locked: Suite) -> None:
    (locked.root / "README.md").write_text("hello")
    verify(locked)


def test_lm_eval_refuses_a_changed_suite(locked: Suite) -> None:
    pytest.importorskip("datasets")
    tasks = str(locked.root.parent)
    assert len(lm_eval_task.load("facencial", "pricing", split="dev", tasks=tasks)["test"]) == 10
    append("data/dev/credits.jsonl")(locked.root)
    with pytest.raises(IntegrityError):
        lm_eval_task.load("facencial", "pricing", split="dev", tasks=tasks)


def test_an_intent_in_two_splits_cannot_be_locked(locked: Suite) -> None:
    path = locked.root / "data/test/pricing.jsonl"
    row = json.loads((locked.root / "data/dev/pricing.jsonl").read_text().splitlines()[0])
    path.write_text(path.read_text() + json.dumps({**row, "id": "new"}) + "\n")
    before = lock_path(locked).read_bytes()
    with pytest.raises(InputError, match=rf"intent '{row['intent']}' stands in dev and test|stands in test and dev"):
        write_lock(locked)
    assert lock_path(locked).read_bytes() == before


def test_the_questions_digest_follows_the_messages_and_not_the_gold(locked: Suite) -> None:
    path = locked.root / "data/dev/pricing.jsonl"
    first, *rest = path.read_text().splitlines()
    before = questions_digest(locked, Split.DEV)

    def changed(**values: str) -> str:
        path.write_text("\n".join([json.dumps({**json.loads(first), **values}), *rest]) + "\n")
        return questions_digest(locked, Split.DEV)

    assert changed(expected_answer="lain") == before
    assert changed(problem="lain") != before
    assert changed(id="lain") != before


def test_an_id_that_another_split_has_but_for_case_cannot_be_locked(locked: Suite) -> None:
    taken = json.loads((locked.root / "data/dev/credits.jsonl").read_text("utf-8").splitlines()[2])["id"]
    path = locked.root / "data/test/pricing.jsonl"
    first, *rest = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([json.dumps({**json.loads(first), "id": taken.upper()}), *rest]), "utf-8")
    with pytest.raises(InputError) as raised:
        write_lock(locked)
    assert raised.value.exit_code == ExitCode.BAD_INPUT
    said = str(raised.value)
    assert f"test/pricing.jsonl:1: id {taken.upper()!r} stands twice, first at" in said
    assert "dev/credits.jsonl:3 (case does not tell ids apart)" in said


def test_a_lock_of_an_older_harness_says_what_to_do(locked: Suite) -> None:
    lock = read_lock(locked)
    lock_path(locked).write_text(json.dumps({**lock, "version": 1}))
    with pytest.raises(
        IntegrityError, match="lock version 1, this harness reads 2; lock the suite anew: harness suite lock"
    ):
        verify(locked)


def edit_test_rows(suite: Suite, least: int = 0, **values: str) -> None:
    """Change the test rows from number ``least`` on; ``{id}`` in a value stands for the row's id."""
    path = suite.root / "data/test/pricing.jsonl"
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for row in rows[least:]:
        row |= {key: value.format(id=row["id"]) for key, value in values.items()}
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


def test_a_lock_after_a_change_of_gold_counts_the_looks_of_the_one_it_replaces(locked: Suite) -> None:
    first = TestSet.of(read_lock(locked))
    edit_test_rows(locked, expected_answer="lain")
    second = TestSet.of(write_lock(locked))
    assert second.lock != first.lock
    assert (second.questions, second.earlier) == (first.questions, {first.lock})
    edit_test_rows(locked, expected_answer="lain lagi")
    assert TestSet.of(write_lock(locked)).earlier == {first.lock, second.lock}


def test_locking_twice_changes_nothing(locked: Suite) -> None:
    before = lock_path(locked).read_bytes()
    write_lock(locked)
    assert lock_path(locked).read_bytes() == before


def test_changed_questions_count_earlier_looks_too(locked: Suite) -> None:
    first = TestSet.of(read_lock(locked))
    edit_test_rows(locked, problem="Pertanyaan {id}?")
    second = TestSet.of(write_lock(locked))
    assert second.questions != first.questions
    assert second.earlier == {first.lock}


def test_a_new_test_set_counts_no_earlier_look(locked: Suite) -> None:
    edit_test_rows(locked, problem="Pertanyaan {id}?")
    assert TestSet.of(write_lock(locked, new_test_set=True)).earlier == frozenset()
    verify(locked)


@pytest.mark.parametrize("kept", [1, 60])
def test_a_new_test_set_holds_no_question_that_was_asked_before(locked: Suite, kept: int) -> None:
    edit_test_rows(locked, least=kept, problem="Pertanyaan {id}?")
    before = lock_path(locked).read_bytes()
    with pytest.raises(InputError, match=f"{kept} of 60 test questions were asked before"):
        write_lock(locked, new_test_set=True)
    assert lock_path(locked).read_bytes() == before


def test_a_question_of_an_older_test_set_stays_asked(locked: Suite) -> None:
    path = locked.root / "data/test/pricing.jsonl"
    first = path.read_bytes()
    edit_test_rows(locked, problem="Pertanyaan {id}?")
    write_lock(locked, new_test_set=True)
    path.write_bytes(first.replace(b"?", b" ??"))
    with pytest.raises(InputError, match="were asked before"):
        write_lock(locked, new_test_set=True)


def test_a_lock_of_before_is_followed_but_cannot_begin_a_new_test_set(locked: Suite) -> None:
    lock = read_lock(locked)
    del lock["test_set"]
    lock_path(locked).write_text(json.dumps(lock))
    with pytest.raises(InputError, match="does not say its test questions"):
        write_lock(locked, new_test_set=True)
    assert make_lock(locked)["sha256"] == lock["sha256"]
    edit_test_rows(locked, expected_answer="lain")
    assert TestSet.of(write_lock(locked)).earlier == {lock["sha256"]}


@pytest.mark.parametrize("text", ["{\n,", "[]", "{}"])
def test_a_lock_that_cannot_be_read_is_not_replaced(locked: Suite, text: str) -> None:
    lock_path(locked).write_text(text)
    with pytest.raises(IntegrityError, match="restore it from version control"):
        write_lock(locked)
    assert lock_path(locked).read_text() == text
