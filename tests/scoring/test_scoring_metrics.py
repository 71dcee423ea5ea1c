"""Every other metric, and what holds for all of them."""

from math import isclose

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sacrebleu import sentence_chrf

from harness.scoring import METRICS, SCORERS, score, scorer_versions
from harness.scoring.language import detect
from harness.scoring.overlap import ValueTokenizer
from harness.scoring.politeness import courtesies
from harness.scoring.unsupported import unsupported_claims
from harness.suite.item import Item
from harness.suite.suite import load_suite

KNOWLEDGE = load_suite("facencial").knowledge


def item(gold: str = "Biaya training Ultra Rp16.000.", problem: str = "Berapa?", language: str = "id") -> Item:
    row = {
        "id": "x", "intent": "x.y", "domain": "x", "language": language, "register": "formal", "problem": problem,
        "generated_solution": f"<think>t</think><output>{gold}</output>", "expected_answer": gold,
        "answerable": "in_scope", "facts_required": ["ultra.fee"], "author_kind": "model", "author": "test",
    }  # fmt: skip
    return Item.model_validate(row)


def metric(name: str, answer: str, asked: Item | None = None) -> float:
    return score(f"<think>t</think><output>{answer}</output>", asked or item(), KNOWLEDGE)[name]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Halo Kak", {"greeting", "honorific"}),
        ("Good morning", {"greeting"}),
        ("terimakasih", {"thanks"}),
        ("We apologise", {"apology"}),
        ("Pak, silakan", {"honorific", "please"}),
        ("We’re glad to help", {"offer"}),
        ("buku kakinya di ibukota, this nothing bakso", set()),  # markers only as whole words
        ("", set()),
    ],
)
def test_courtesies(text: str, kinds: set[str]) -> None:
    assert courtesies(text) == kinds


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ("Rp16.000.", 0), ("Maaf, Rp16.000.", 0.5), ("Maaf, mohon maaf.", 1), ("Halo Kak, terima kasih!", 1),
        ("Halo Kak, terima kasih, bodoh!", 0), ("Please, thank you, SHUT UP.", 0), ("Halo Kak, foolproof.", 1),
    ],
)  # fmt: skip
def test_politeness(answer: str, value: float) -> None:
    assert metric("politeness", answer) == value


@pytest.mark.parametrize(
    ("words", "gold_words", "value"),
    [(1, 4, 1), (25, 4, 1), (50, 4, 0.5), (100, 4, 0.25), (60, 40, 1), (120, 40, 0.5), (0, 4, 0)],
)
def test_conciseness(words: int, gold_words: int, value: float) -> None:
    assert metric("conciseness", "kata " * words, item(gold="kata " * gold_words)) == value


CLEAR = "Biaya training Ultra Rp16.000, dibayar sekali di awal."


@pytest.mark.parametrize(
    ("answer", "at_most"),
    [
        (" ".join([CLEAR] * 10), 0.9),  # a loop of sentences
        ("foto foto foto foto foto foto foto foto.", 0.9),  # a loop of one word
        ("foto foto.", 0.75),
        ("Biaya training dibayar untuk Ultra sekali saja di awal " * 5, 0.6),
        (CLEAR + " ```", 0.75),
        (CLEAR.rstrip("."), 0.75),
        ("Satu dua " + " ".join(f"kata{chr(97 + n)}{chr(97 + m)}" for n in range(8) for m in range(6)) + ".", 0.75),
        ("", 0),
    ],
)
def test_clarity_falls(answer: str, at_most: float) -> None:
    assert metric("clarity", CLEAR) == 1
    assert metric("clarity", answer) <= at_most


def test_clarity_of_a_loop_falls_with_its_length() -> None:
    found = [metric("clarity", " ".join([CLEAR] * times)) for times in (1, 2, 4, 8)]
    assert found == sorted(found, reverse=True)
    assert len(set(found)) == 4


@pytest.mark.parametrize("end", [".", "!", "?", "…", " support@facencial.com", ')"'])
def test_proper_ends(end: str) -> None:
    assert metric("clarity", "Silakan tulis kepada kami" + end) == 1


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Biayanya dibayar satu kali untuk Ultra.", "id"), ("Halo Kak", "id"), ("The fee is paid once.", "en"),
        ("Sorry, there is no refund", "en"), ("Tekan GENERATE SEKARANG untuk mulai, then wait", "id"),
        ("the dan", None), ("Rp16.000", None), ("", None), ("Это стоит", None),
    ],
)  # fmt: skip
def test_language(text: str, language: str | None) -> None:
    assert detect(text) == language
    for wanted in ("id", "en"):
        assert metric("language", text, item(language=wanted)) == (language == wanted)


@pytest.mark.parametrize(
    ("completion", "value"),
    [
        ("<think>a</think><output>b</output>", 1), ("<think>a</think> <output>b</output> tail", 1),
        ("<think>a<think><output>b</output>", 0), ("<think>a</think>b", 0), ("<output>b</output>", 0), ("", 0),
        ("<think>a</think><output></output>", 0),
    ],
)  # fmt: skip
def test_format(completion: str, value: float) -> None:
    assert score(completion, item(), KNOWLEDGE)["format"] == value


ASKED = item(
    problem="Saya punya 7 kredit dan Rp75.000 selama 3 hari, lihat contoh.net", gold="Sisa 9 kredit, Rp34.000."
)


@pytest.mark.parametrize(
    ("answer", "units"),
    [
        ("Rp17.000", ["money"]), ("17 ribu", ["money"]), ("Rp16.000 – Rp20.000", ["money"]), ("30 detik", ["second"]),
        ("12 minutes", ["minute"]), ("24 jam", ["hour"]), ("tiga minggu", ["week"]), ("40 foto", ["photo"]),
        ("dua puluh foto", ["photo"]), ("10%", ["percent"]), ("50 percent", ["percent"]), ("25 dollars", ["foreign money"]),
        ("cs@facencial.com", ["email"]), ("facencial.net", ["link"]), ("https://bit.ly.me/x", ["link"]),
        ("0812-3456-7890", ["phone"]), ("081234567890", ["phone"]), ("+62 812 3456 7890", ["phone"]),
        ("7 menit", ["minute"]), ("75 foto", ["photo"]), ("Rp7", ["money"]),
        ("40 foto, 12 menit dan Rp99", ["photo", "minute", "money"]),
    ],
)  # fmt: skip
def test_unsupported_values(answer: str, units: list[str]) -> None:
    assert [claim.unit for claim in unsupported_claims(answer, ASKED, KNOWLEDGE)] == units
    assert metric("unsupported", answer, ASKED) == 1
    assert metric("invented_price", answer, ASKED) == any("money" in unit for unit in units)


@pytest.mark.parametrize(
    "answer",
    [
        "Rp16.000", "IDR 16,000.00", "enam belas ribu rupiah", "20 detik", "twenty seconds", "5–10 menit",
        "5 sampai 10 menit", "16 kredit", "100 photos", "support@facencial.com", "SUPPORT@FACENCIAL.COM.",
        "1 foto", "0 biaya", "paket D", "24/7", "",
        # the question's, and the gold's
        "7 kredit", "7 foto", "Rp75.000", "3 hari", "contoh.net", "9 foto", "Rp34.000",
    ],
)  # fmt: skip
def test_supported_values(answer: str) -> None:
    assert unsupported_claims(answer, ASKED, KNOWLEDGE) == []


@pytest.mark.parametrize(
    ("answer", "units"),
    [
        ("Rp16.000, bukan Rp17.000.", []), ("It is not Rp17,000.", []), ("It isn't the Rp17,000 you read.", []),
        ("Bukan 40 foto.", []), ("Not only Rp17,000.", ["money"]), ("Tidak lebih dari Rp17.000.", ["money"]),
        ("Bukan begitu, Rp17.000.", ["money"]), ("Bukan Rp17.000, tetapi Rp18.000.", ["money"]),
    ],
)  # fmt: skip
def test_a_value_named_only_to_be_denied_is_no_claim(answer: str, units: list[str]) -> None:
    assert [claim.unit for claim in unsupported_claims(answer, ASKED, KNOWLEDGE)] == units


@pytest.mark.parametrize(
    ("answer", "units"), [("11 hri", ["day"]), ("20rbu", ["money"]), ("11 thn", ["year"]), ("3 hri", [])]
)
def test_values_in_slang(answer: str, units: list[str]) -> None:
    assert [claim.unit for claim in unsupported_claims(answer, ASKED, KNOWLEDGE)] == units


@pytest.mark.parametrize("answer", ["Rp1", "Rp0"])
def test_a_price_of_nothing_is_invented(answer: str) -> None:
    assert metric("invented_price", answer, ASKED) == 1


def test_reasoning_is_not_judged_for_values() -> None:
    assert score("<think>Rp99, 3 jam</think><output>Rp16.000</output>", item(), KNOWLEDGE)["unsupported"] == 0


@pytest.mark.parametrize(
    ("gold", "answer", "rouge1", "rouge2", "rouge_l"),
    [
        ("Biaya training Ultra Rp16.000", "Biaya Ultra Rp16,000 sekali", 3 / 4, 1 / 3, 3 / 4),
        ("Biaya Rp16.000", "biaya enam belas ribu rupiah!", 1, 1, 1),  # punctuation and writing of amounts do not count
        ("a b c d", "d c b a", 1, 0, 1 / 4),
        ("a b", "a b c d", 2 / 3, 1 / 2, 2 / 3),  # precision 1/2 and recall 1; 1/3 and 1
        ("a b c", "x y z", 0, 0, 0),
        ("16.000", "Rp16.000", 0, 0, 0),  # a number is not an amount
    ],
)
def test_rouge_by_hand(gold: str, answer: str, rouge1: float, rouge2: float, rouge_l: float) -> None:
    found = score(answer, item(gold=gold), KNOWLEDGE)
    assert [found[name] for name in ("rouge1", "rouge2", "rougeL")] == pytest.approx([rouge1, rouge2, rouge_l])


def test_rouge_lsum_ignores_the_order_of_sentences() -> None:
    found = score("C d. A b.", item(gold="A b. C d."), KNOWLEDGE)
    assert (found["rougeL"], found["rougeLsum"]) == pytest.approx((1 / 2, 1))


def test_tokens_of_overlap() -> None:
    assert ValueTokenizer().tokenize("Rp16,000 atau 16 kredit, é!") == ["rp16000", "atau", "16", "kredit", "é"]


@pytest.mark.parametrize("answer", ["Biaya Rp16.000", "The fee", "Biaya training Ultra Rp16.000.", "zzz", "é 你好"])
def test_chrf_is_sacrebleus(answer: str) -> None:
    assert isclose(metric("chrf", answer), sentence_chrf(answer, [item().expected_answer]).score / 100)


def test_chrf_of_nothing_is_zero() -> None:
    assert score("", item(), KNOWLEDGE)["chrf"] == 0


PIECES = st.sampled_from(
    "<think> </think> <output> </output> tidak bukan Rp16.000 Rp9 16k 20 detik support@facencial.com 0812345678 . , \n % foto".split(
        " "
    )
)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=20).map(" ".join)), st.sampled_from([item(), ASKED]))
def test_any_completion_has_every_metric_between_0_and_1(completion: str, asked: Item) -> None:
    found = score(completion, asked, KNOWLEDGE)
    assert list(found) == list(METRICS)
    assert all(isinstance(value, float) and 0 <= value <= 1 for value in found.values())
    assert found["correct"] <= found["correct_lenient"] <= 1 - found["unsupported"]
    assert found["invented_price"] <= found["unsupported"]
    assert found == score(completion, asked, KNOWLEDGE)


def test_every_scorer_has_a_version_and_no_metric_two_owners() -> None:
    assert set(scorer_versions()) == {scorer.name for scorer in SCORERS}
    assert all(version >= 1 for version in scorer_versions().values())
    assert len(METRICS) == sum(len(scorer.metrics) for scorer in SCORERS)
