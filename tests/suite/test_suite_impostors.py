"""Impostors: what they write is wrong, fluent and always the same, and the scorers let hardly any of it pass."""

import json
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from harness.cli import cli
from harness.engines.recorded import read_answers
from harness.errors import ExitCode
from harness.scoring.completion import parse
from harness.scoring.correct import correct
from harness.suite.impostors import IMPOSTORS, Deck, Impostor, outcome
from harness.suite.item import Item, Split
from harness.suite.negation import deny, negate
from harness.suite.suite import load_suite

SUITE = load_suite("facencial")
DEV, TEST = (Deck(SUITE.items(split), SUITE.knowledge) for split in (Split.DEV, Split.TEST))
CONFIG = """
suite = "facencial"
store = "store"
baseline = "any"
[candidates.any]
engine = "recorded"
answers = "none.jsonl"
"""
BY_NAME = {impostor.name: impostor for impostor in IMPOSTORS}


def right(impostor: Impostor, deck: Deck) -> dict[str, float]:
    completions = {item.id: (item, impostor.completion(item, deck)) for item in deck.items}
    return {
        item_id: correct.score(parse(completion), item, deck.knowledge)["correct"]
        for item_id, (item, completion) in completions.items()
        if completion is not None
    }


@pytest.mark.parametrize("impostor", IMPOSTORS, ids=lambda impostor: impostor.name)
def test_no_impostor_passes_its_limit_on_the_test_split(impostor: Impostor) -> None:
    found = outcome(impostor, TEST.items, right(impostor, TEST))
    assert found.passed, found
    assert found.items >= 200


def test_the_gold_itself_passes_no_limit_so_the_limits_can_fail() -> None:
    gold = Impostor("gold", lambda item, deck: item.expected_answer)
    found = outcome(gold, DEV.items, right(gold, DEV))
    assert (found.answerable, found.unanswerable, found.passed) == (1, 1, False)


def test_shares_are_means_of_intents_and_hold_what_applies_alone() -> None:
    first, second = DEV.items[0], DEV.items[1]
    other = next(item for item in DEV.items if item.is_answerable and item.intent != first.intent)
    assert first.intent == second.intent
    found = outcome(IMPOSTORS[0], DEV.items, {first.id: 1, second.id: 0, other.id: 0})
    assert (found.answerable, found.unanswerable, found.items, found.passed) == (0.25, None, 3, False)


@pytest.mark.parametrize("impostor", IMPOSTORS, ids=lambda impostor: impostor.name)
def test_an_impostor_writes_the_same_every_time_and_never_the_gold(impostor: Impostor) -> None:
    written = [impostor.completion(item, DEV) for item in DEV.items]
    assert written == [impostor.completion(item, DEV) for item in reversed(DEV.items)][::-1]
    for item, completion in zip(DEV.items, written, strict=True):
        assert completion is None or parse(completion).answer != item.expected_answer


def test_all_wordings_of_a_retraction_are_used() -> None:
    tails = Counter(
        str(BY_NAME["retracted"].make(item, TEST)).removeprefix(item.expected_answer) for item in TEST.items
    )
    assert len(tails) == 14
    assert min(tails.values()) > 20


@pytest.mark.parametrize(
    ("clause", "language", "negated"),
    [
        ("The model can be deleted in account settings", "en", "The model cannot be deleted in account settings"),
        ("There are no refunds", "en", "There are refunds"),
        ("A photo takes 20 seconds", "en", "A photo does not take 20 seconds"),
        ("please press GENERATE SEKARANG", "en", "please do not press GENERATE SEKARANG"),
        ("20 seconds each", "en", None),
        ("Model bisa dihapus di pengaturan akun", "id", "Model tidak bisa dihapus di pengaturan akun"),
        ("refund tidak tersedia", "id", "refund tersedia"),
        ("Tekan tombol itu", "id", "Jangan tekan tombol itu"),
        ("AI memeriksa foto sebelum unggahan diterima", "id", "AI tidak memeriksa foto sebelum unggahan diterima"),
        ("20 detik per foto", "id", None),
    ],
)
def test_negation_by_rule(clause: str, language: str, negated: str | None) -> None:
    assert negate(clause, language) == negated


@pytest.mark.parametrize(
    ("statement", "language", "denied"),
    [
        ("Hello, 1 credit is 1 photo.", "en", "Hello, it is not true that 1 credit is 1 photo."),
        ("20 detik per foto.", "id", "tidak benar bahwa 20 detik per foto."),
        ("Log in, then choose a package.", "en", "do not log in, then choose a package."),
    ],
)
def test_denial_by_rule(statement: str, language: str, denied: str) -> None:
    assert deny(statement, language) == denied


def item_of(required: tuple[str, ...], gold: str) -> Item:
    return DEV.items[1].model_copy(update={"facts_required": required, "expected_answer": gold, "language": "en"})


def test_a_changed_number_is_one_a_required_fact_rests_on() -> None:
    change = BY_NAME["changed-number"].make
    changed = change(item_of(("ultra.photos",), "For 2 models upload five photos, 5 at least."), DEV)
    assert changed in ("For 2 models upload seven photos, 7 at least.", "For 2 models upload 15 photos, 15 at least.")
    assert change(item_of(("refund.none",), "No refunds within 5 days."), DEV) is None


def test_the_command_prints_one_table_and_records_every_impostor(tmp_path: Path) -> None:
    (tmp_path / "harness.toml").write_text(CONFIG, encoding="utf-8")
    asked = ["--config", str(tmp_path / "harness.toml"), "suite", "impostors", "--split", "dev"]
    table = CliRunner().invoke(cli, asked)
    assert table.exit_code == ExitCode.OK, table.output
    assert "facencial, split dev" in table.output
    assert "FAIL" not in table.output
    shown = json.loads(CliRunner().invoke(cli, [*asked, "--json"]).output)
    assert [row["name"] for row in shown["impostors"]] == list(BY_NAME)
    assert shown["passed"] is True
    for name in BY_NAME:
        answers = read_answers(tmp_path / "store/answers" / f"impostor-{name}-dev.jsonl")
        assert {(answer.author_kind, answer.source) for answer in answers.values()} == {("model", f"impostor: {name}")}
