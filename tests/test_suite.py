"""The shipped suite keeps its promises, and broken suites are refused by file and line."""

import json
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from harness.errors import InputError, IntegrityError
from harness.scoring import score
from harness.suite import lm_eval_task
from harness.suite.item import Item, Split
from harness.suite.leakage import find_leaks
from harness.suite.lock import verify, write_lock
from harness.suite.suite import Suite, load_suite

SUITE = load_suite("facencial")


@pytest.mark.parametrize("split", Split)
def test_every_gold_answer_is_right_and_well_formed(split: Split) -> None:
    for item in SUITE.items(split):
        scores = score(item.generated_solution, item, SUITE.knowledge)
        assert (scores["correct"], scores["format"]) == (1.0, 1.0), item.id


def test_an_intent_stands_in_one_split() -> None:
    splits = defaultdict(set)
    for split in Split:
        for item in SUITE.items(split):
            splits[item.intent].add(split)
    assert all(len(found) == 1 for found in splits.values())


def test_the_test_split_is_large_enough_in_every_domain() -> None:
    by_domain: dict[str, list[Item]] = defaultdict(list)
    for item in SUITE.items(Split.TEST):
        by_domain[item.domain].append(item)
    assert len(by_domain) == 16
    for domain, items in by_domain.items():
        languages = Counter((item.intent, item.language) for item in items)
        assert len(items) >= 60, domain
        assert all((intent, other) in languages for intent, _ in languages for other in ("id", "en")), domain


@pytest.mark.parametrize("split", [Split.TRAIN, Split.FEEDBACK, Split.DEV])
def test_no_split_repeats_a_test_question(split: Split) -> None:
    rows = [(item.id, item.problem) for item in SUITE.items(split)]
    assert find_leaks(rows, [(item.id, item.problem) for item in SUITE.items(Split.TEST)]) == []


def test_leaks_are_found_by_kind() -> None:
    test = [("t1", "Berapa harga paket D?"), ("t2", "Apakah ada biaya tersembunyi di sana?")]
    train = [
        ("a", "Berapa harga paket D?"),
        ("b", "berapa HARGA paket d"),
        ("c", "Apakah ada biaya tersembunyi di sini?"),
        ("d", "Selamat pagi, saya ingin bertanya tentang foto."),
    ]
    assert {(leak.train_id, leak.test_id, leak.kind) for leak in find_leaks(train, test)} == {
        ("a", "t1", "exact"), ("b", "t1", "normalised"), ("c", "t2", "near"),
    }  # fmt: skip


def test_lm_eval_sees_what_the_harness_sees() -> None:
    docs = lm_eval_task.load("pricing")["test"]
    items = [item for item in SUITE.items(Split.TEST) if item.domain == "pricing"]
    assert [lm_eval_task.item_of(doc) for doc in docs] == items
    assert [lm_eval_task.doc_to_text(doc) for doc in docs] == [item.problem for item in items]
    assert lm_eval_task.process_results(docs[0], [items[0].generated_solution])["correct"] == 1.0


def spoil(path: Path, change: str) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    row = json.loads(lines[1])
    if change == "empty":
        path.write_text("")
        return
    if change == "latin-1":
        path.write_bytes("\n".join(lines).encode() + b'\n{"id": "caf\xe9"}\n')
        return
    if change == "truncated":
        lines[1] = lines[1][:50]
    elif change == "unknown fact":
        lines[1] = json.dumps({**row, "facts_required": ["ultra.fees"]})
    elif change == "same id but for case":
        lines[1] = json.dumps({**json.loads(lines[0]), "id": json.loads(lines[0])["id"].upper()})
    elif change == "other domain":
        lines[1] = json.dumps({**row, "domain": "prices"})
    elif change == "unknown field":
        lines[1] = json.dumps({**row, "answer": "x"})
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("empty", "the file is empty"),
        ("truncated", "pricing.jsonl:2: not JSON"),
        ("latin-1", "pricing.jsonl:5: not UTF-8"),
        ("unknown fact", "pricing.jsonl:2: unknown fact 'ultra.fees'; did you mean 'ultra.fee'?"),
        ("same id but for case", "stands twice"),
        ("other domain", "pricing.jsonl:2: domain 'prices'"),
        ("unknown field", "pricing.jsonl:2: field answer"),
    ],
)
def test_bad_items_are_named_by_line(project: Path, change: str, said: str) -> None:
    spoil(project / "tasks/facencial/data/dev/pricing.jsonl", change)
    with pytest.raises(InputError, match=".*") as caught:
        Suite("facencial", project / "tasks/facencial").items(Split.DEV)
    assert said in str(caught.value)


def test_the_lock_notices_every_change(project: Path) -> None:
    suite = Suite("facencial", project / "tasks/facencial")
    verify(suite)
    facts = suite.root / "knowledge/facts.toml"
    before = facts.read_text(encoding="utf-8")
    facts.write_text(before.replace("Rp16.000", "Rp17.000"), encoding="utf-8")
    with pytest.raises(IntegrityError, match=r"facts\.toml: changed"):
        verify(suite)
    facts.write_text(before, encoding="utf-8")
    extra = suite.root / "data/test/extra.jsonl"
    extra.write_text("{}\n")
    with pytest.raises(IntegrityError, match="not in the lock"):
        verify(suite)
    extra.unlink()
    moved = suite.root / "data/test/pricing.jsonl"
    text = moved.read_text(encoding="utf-8")
    moved.unlink()
    with pytest.raises(IntegrityError, match="missing"):
        verify(suite)
    moved.write_text(text, encoding="utf-8")
    lock = json.loads((suite.root / "lock.json").read_text())
    lock["sha256"] = "0" * 64
    (suite.root / "lock.json").write_text(json.dumps(lock))
    with pytest.raises(IntegrityError, match="own digest"):
        verify(suite)


def test_an_intent_in_two_splits_cannot_be_locked(project: Path) -> None:
    suite = Suite("facencial", project / "tasks/facencial")
    dev, test = suite.root / "data/dev/pricing.jsonl", suite.root / "data/test/pricing.jsonl"
    row = json.loads(test.read_text(encoding="utf-8").splitlines()[0])
    with dev.open("a", encoding="utf-8") as file:
        file.write(json.dumps({**row, "id": "copied"}) + "\n")
    with pytest.raises(InputError, match="stands in"):
        write_lock(suite)
