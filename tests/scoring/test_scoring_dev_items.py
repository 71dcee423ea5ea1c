"""The primary metric on the real items of dev: what must not change a verdict, and what must."""

import re
from collections import defaultdict
from collections.abc import Callable

import pytest

from harness.scoring import score
from harness.scoring.completion import parse
from harness.scoring.correct import correct, judge
from harness.scoring.language import detect
from harness.suite.item import Item, Split
from harness.suite.suite import load_suite
from harness.text.lexer import Kind, lex

SUITE = load_suite("facencial")
DEV = SUITE.items(Split.DEV)
SOME = DEV[::3]  # both languages, all domains
ANSWERABLE = [item for item in DEV if item.is_answerable]


def right(answer: str, item: Item) -> bool:
    return judge(answer, item, SUITE.knowledge).correct


def rewrite_amounts(answer: str, write: Callable[[int], str]) -> str:
    return re.sub(r"Rp(\d+(?:[.,]\d{3})*)", lambda found: write(int(re.sub(r"\D", "", found[1]))), answer)


def test_facts_count_in_the_language_of_the_customer_alone() -> None:
    golds: dict[str, list[Item]] = defaultdict(list)
    for item in DEV:
        golds[item.intent].append(item)
    crossed = [(other, item) for pair in golds.values() for item in pair for other in pair if other is not item]
    assert len(crossed) == len(DEV)
    for other, item in crossed:
        found = judge(other.expected_answer, item, SUITE.knowledge)
        assert (found.no_answer, found.missing) == ("in another language", ()), (item.id, found)


@pytest.mark.parametrize(
    ("language", "before", "after"),
    [
        ("id", "", " Terima kasih, Kak!"), ("id", "Dasar bodoh. ", ""), ("id", "Halo Kak! ", " Semoga membantu."),
        ("en", "Thank you for asking! ", ""), ("en", "", " Stop whining."), ("en", "\n", "\n\n"),
    ],
)  # fmt: skip
def test_manners_do_not_make_an_answer_wrong(language: str, before: str, after: str) -> None:
    some = [item for item in DEV if item.language == language][::2]
    assert [item.id for item in some if not right(before + item.expected_answer + after, item)] == []


@pytest.mark.parametrize(
    "write",
    [
        lambda value: f"IDR {value:,}.00", lambda value: f"Rp {value:,}".replace(",", ".") + ",-", lambda value: f"Rp{value}",
        lambda value: f"{value} rupiah", lambda value: f"{value // 1000} ribu" if value % 1000 == 0 else f"Rp{value}",
    ],
)  # fmt: skip
def test_the_writing_of_amounts_does_not_matter(write: Callable[[int], str]) -> None:
    assert [item.id for item in DEV if not right(rewrite_amounts(item.expected_answer, write), item)] == []


@pytest.mark.parametrize(
    "change", [lambda value: value + 1, lambda value: value * 10, lambda value: value + 1_000, lambda value: value // 10]
)  # fmt: skip
def test_another_amount_is_wrong(change: Callable[[int], int]) -> None:
    changed = [(item, rewrite_amounts(item.expected_answer, lambda value: f"Rp{change(value)}")) for item in DEV]
    changed = [(item, answer) for item, answer in changed if answer != item.expected_answer]
    assert len(changed) >= 15
    assert [item.id for item, answer in changed if right(answer, item)] == []


@pytest.mark.parametrize(
    "tail",
    [
        " Biaya admin Rp2.500.", " There is also an admin fee of Rp2,500.", " Prosesnya 3 hari.", " Diskon 17%.",
        " Hubungi cs@facencial.net.", " Lihat facencial.io.", " Telepon 0812-3456-7890.",
        " Semua itu tidak benar.", " None of that is true.", " I was wrong.", " Abaikan jawaban di atas.",
        " That is wrong. Thank you!", " Maaf, itu salah. Terima kasih, Kak!",
    ],
)  # fmt: skip
def test_inventions_and_retractions_make_any_answer_wrong(tail: str) -> None:
    assert [item.id for item in SOME if right(item.expected_answer + tail, item)] == []


def test_the_question_is_never_its_answer() -> None:
    assert [item.id for item in DEV if right(item.problem, item)] == []


def test_the_gold_must_reach_the_customer() -> None:
    wanted = {
        "<think>{}</think><output>Baik, Kak.</output>": (0, 0),
        "<think>{}</think>": (0, 0),
        "<think>x</think>{}": (0, 1),
        "{}": (0, 1),
        "<think>x<think><output>{}</output>": (1, 1),
    }
    for completion, expected in wanted.items():
        for item in ANSWERABLE[::3]:
            found = correct.score(parse(completion.format(item.expected_answer)), item, SUITE.knowledge)
            assert tuple(found.values()) == expected, (completion, item.id)


@pytest.mark.parametrize(
    ("refusal", "not_known", "out_of_scope"),
    [
        ("Sorry, I have no information about that. Please write to support@facencial.com.", 1, 0),
        ("Mohon maaf, informasi itu tidak tersedia. Silakan tulis ke support@facencial.com.", 1, 0),
        ("Sorry, that is outside Facencial's service.", 0, 1),
        ("Mohon maaf, hal itu di luar layanan Facencial.", 0, 1),
    ],
)
def test_a_model_that_always_refuses_cannot_hide(refusal: str, not_known: float, out_of_scope: float) -> None:
    found = defaultdict(list)
    for item in SUITE.items(Split.TEST):
        if item.language == detect(refusal):
            found[item.answerable].append(right(refusal, item))
    share = {scope: sum(verdicts) / len(verdicts) for scope, verdicts in found.items()}
    assert share["not_known"] == pytest.approx(not_known, abs=0.05)
    assert share["out_of_scope"] == pytest.approx(out_of_scope, abs=0.05)
    assert share["in_scope"] < 0.05


def test_a_gold_scores_well_everywhere_and_an_empty_answer_nowhere() -> None:
    for item in DEV[::8]:
        gold, empty = (score(text, item, SUITE.knowledge) for text in (item.generated_solution, ""))
        for name in ("correct", "format", "language", "conciseness", "rouge1", "rougeL"):
            assert (gold[name], empty[name]) == (1, 0), (name, item.id)
        assert gold["chrf"] == pytest.approx(1)
        assert gold["clarity"] > 0.7 > empty["clarity"] == 0


def test_dev_holds_what_these_tests_need() -> None:
    kinds = {token.kind for item in DEV for token in lex(item.expected_answer)}
    assert {Kind.MONEY, Kind.NUMBER, Kind.EMAIL} <= kinds
    assert {item.domain for item in SOME} == set(SUITE.domains())
    assert {item.language for item in SOME} == {"id", "en"}
    assert {item.answerable for item in SOME} == {"in_scope", "not_known", "out_of_scope"}
