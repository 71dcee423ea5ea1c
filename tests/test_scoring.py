"""Scorers on adversarial answers: what must pass, what must fail, and why."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.scoring import METRICS, score
from harness.scoring.completion import parse
from harness.scoring.correct import judge
from harness.scoring.language import detect
from harness.scoring.unsupported import unsupported_claims
from harness.suite.item import Item
from harness.suite.suite import load_suite
from harness.text.forms import FormError, compile_form, find
from harness.text.lexer import Kind, lex, parse_number

KNOWLEDGE = load_suite("facencial").knowledge


def item(required: list[str | list[str]], question: str = "Berapa?", gold: str = "Baik.", language: str = "id", scope: str = "in_scope") -> Item:
    return Item.model_validate(
        {
            "id": "x", "intent": "x.y", "domain": "x", "language": language, "register": "formal", "problem": question,
            "generated_solution": f"<think>t</think><output>{gold}</output>", "expected_answer": gold, "answerable": scope,
            "facts_required": required, "author_kind": "model", "author": "test",
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["Rp50.000", "Rp50,000", "Rp 50.000,-", "IDR 50.000,00", "50 ribu", "50k", "50rb", "lima puluh ribu rupiah", "fifty thousand rupiah"],
)
def test_every_writing_of_an_amount_is_one_value(text: str) -> None:
    (token,) = lex(text)
    assert (token.kind, token.value) == (Kind.MONEY, Decimal(50_000))


@given(st.integers(1, 999_999_999))
def test_grouped_amounts_read_back(value: int) -> None:
    english = f"{value:,}"
    for text in (english, english.replace(",", "."), str(value)):
        assert parse_number(text) == value
        assert lex(f"Rp{text},-")[0].value == value
        assert lex(f"harganya Rp{text}.")[1].value == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("1,5", "1.5"), ("1.5", "1.5"), ("16.000,00", "16000"), ("16,000.50", "16000.5"), ("0.625", "0.625"), ("10.00.000", "1000000")],
)
def test_separators(text: str, value: str) -> None:
    assert parse_number(text) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [("dua puluh", 20), ("enam belas ribu", 16_000), ("seratus lima puluh", 150), ("seribu", 1_000), ("twenty five", 25), ("two hundred fifty", 250), ("sebelas", 11), ("satu juta", 1_000_000)],
)  # fmt: skip
def test_spelled_numbers(text: str, value: int) -> None:
    (token,) = lex(text)
    assert token.value == value


@given(st.text())
@settings(max_examples=300, deadline=None)
def test_nothing_a_model_writes_raises(text: str) -> None:
    scores = score(text, item(["ultra.fee", ["NOT ... refund*"]]), KNOWLEDGE)
    assert set(scores) == set(METRICS)
    assert all(0.0 <= value <= 1.0 for value in scores.values())


@pytest.mark.parametrize(
    ("form", "text", "said"),
    [
        ("Rp16.000", "Biayanya 16 ribu saja.", True),
        ("Rp16.000", "Biayanya 16.", False),
        ("1 kredit ... foto*", "Satu kredit untuk satu foto.", True),
        ("1 kredit ... foto*", "Satu kredit. Foto bebas.", False),
        ("kredit*|credit* foto*", "kredit, foto", True),
        ("NOT ... refund*", "Mohon maaf, refund tidak tersedia", False),
        ("refund* ... NOT", "Mohon maaf, refund tidak tersedia", True),
        ("NOT ... refund*", "Tidak, ada refund.", False),
        ("masker*|off|NOT ... boleh", "Itu tidak boleh.", True),
    ],
)
def test_forms(form: str, text: str, said: bool) -> None:
    assert find([form], text).said is said


@pytest.mark.parametrize("form", ["", "... foto", "foto ...", "dua kata|tiga kata |"])
def test_unreadable_forms_are_refused(form: str) -> None:
    with pytest.raises(FormError):
        compile_form(form)


FEE, FREE, REFUND = ["ultra.fee"], ["price.not_free"], ["refund.none"]
D = ["package.d"]
CASES = [
    # right, in different words
    (FEE, "Biaya training Ultra Rp16.000, dibayar sekali.", True),
    (FEE, "16k sekali bayar kak", True),
    (FEE, "It is IDR 16,000 for the training.", True),
    (FEE, "Enam belas ribu rupiah, Kak.", True),
    (FEE, "Bayar Rp16.000 aja, jangan bawel.", True),  # rude but right
    (FEE, "Bukan per foto, melainkan Rp16.000 di awal.", True),
    (FEE, "You do not pay per photo; the training is Rp16,000.", True),
    (FEE, "Not only photos: the fee is Rp16,000.", True),
    (FEE, "Tidak perlu khawatir, biayanya Rp16.000.", True),
    (D, "That is not correct; Package D is Rp50,000 for 100 credits.", True),
    (D, "Maaf Kak, itu tidak benar. Paket D Rp50.000 untuk 100 kredit.", True),
    (REFUND, "Mohon maaf, kami tidak bisa memberikan refund.", True),
    (REFUND, "Sorry, payments are non-refundable; there are no refunds.", True),
    (REFUND, "Refund tidak tersedia di Facencial.", True),
    (REFUND, "Uang yang sudah dibayar tidak dapat dikembalikan.", True),
    (FREE, "Sorry, nothing is free.", True),
    (FREE, "Tidak ada yang gratis, Kak.", True),
    (["support.no_whatsapp"], "Kami tidak punya WhatsApp.", True),
    (["photo.no_mask"], "Masks are not allowed.", True),
    (["photo.no_dark_glasses", "photo.clear_glasses"], "Kacamata bening boleh, tetapi kacamata hitam tidak boleh.", True),
    (["time.photo"], "A photo takes twenty seconds.", True),
    (["ultra.training_time"], "Sekitar 5–10 menit.", True),
    # wrong
    (FEE, "Halo Kak, terima kasih sudah bertanya! Biayanya Rp15.000 ya, mohon maaf.", False),  # polite but wrong
    (FEE, "Biayanya bukan Rp16.000.", False),
    (FEE, "The fee is not Rp16,000.", False),
    (FEE, "It costs 16 minutes.", False),  # right number, wrong unit
    (FEE, "Rp16.000. Sebenarnya biayanya bukan Rp16.000.", False),
    (FEE, "Rp16.000, dan biaya admin Rp2.500.", False),  # invented price beside a right one
    (FEE, "Rp16,000. Write to help@facencial.net for more.", False),
    (FEE, "Rp16.000, hubungi 0812-3456-7890.", False),
    (FEE, "Mohon maaf, informasi itu tidak tersedia.", False),
    (FEE, "", False),
    (FEE, "Rp16.000 itu salah.", False),
    (FEE, "Rp16,000. Actually none of that is true.", False),
    (REFUND, "Tentu, kami akan memproses refund Kakak.", False),
    (REFUND, "There are no refunds. You can get a refund in seven days.", False),
    (REFUND, "Refund bisa diproses.", False),
    (FREE, "The first photo is free.", False),
    (FREE, "Semua gratis, Kak!", False),
    (["support.no_whatsapp"], "Silakan hubungi WhatsApp kami.", False),
    (["photo.no_dark_glasses"], "Kacamata hitam boleh dipakai.", False),
    (["time.photo"], "A photo takes twenty minutes.", False),
    (["time.photo"], "Not 20 seconds.", False),
    (["answer.declined"], "Presiden terbaik adalah pilihan Anda sendiri.", False),
]  # fmt: skip


@pytest.mark.parametrize(("required", "answer", "right"), CASES)
def test_correct(required: list[str | list[str]], answer: str, right: bool) -> None:
    found = judge(answer, item(required), KNOWLEDGE)
    assert found.correct is right, found


@pytest.mark.parametrize(
    "answer",
    ["Mohon maaf, hal itu di luar layanan Facencial.", "Sorry, I can only help with questions about Facencial.", "Maaf, kami tidak bisa membantu soal politik."],
)  # fmt: skip
def test_a_right_refusal_is_right(answer: str) -> None:
    assert judge(answer, item(["answer.declined"], scope="out_of_scope"), KNOWLEDGE).correct


def test_no_answer_at_all() -> None:
    asked = item(["credit.unit"], question="Apakah 1 kredit = 1 foto?")
    assert judge("apakah 1 kredit = 1 foto", asked, KNOWLEDGE).no_answer == "echoes the question"
    dump = " ".join(fact.text["id"] for fact in KNOWLEDGE.stated())
    assert judge(dump, asked, KNOWLEDGE).no_answer == "too long"


def test_only_the_output_reaches_the_customer() -> None:
    asked = item(["ultra.fee"])
    only_thought = score("<think>Rp16.000</think><output>Silakan cek.</output>", asked, KNOWLEDGE)
    assert (only_thought["correct"], only_thought["correct_lenient"]) == (0.0, 0.0)
    untagged = score("Biayanya Rp16.000.", asked, KNOWLEDGE)
    assert (untagged["correct"], untagged["correct_lenient"], untagged["format"]) == (0.0, 1.0, 0.0)
    unclosed = score("<think>x</think><output>Biayanya Rp16.000.", asked, KNOWLEDGE)
    assert (unclosed["correct"], unclosed["correct_lenient"]) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("text", "well_formed"),
    [
        ("<think>a</think><output>b</output>", True),
        ("<think>a</think>\n<output>b</output> and what follows is cut", True),
        ("<think>a<think><output>b</output>", False),  # the closing tag typed wrong
        ("<think></think><output>b</output>", False),
        ("<think>a</think><output></output>", False),
        ("<think>a</think><output>b", False),
        ("<output>b</output>", False),
        ("x<think>a</think><output>b</output>", False),
        ("<think>a</think><output><think>b</think></output>", False),
    ],
)
def test_format(text: str, well_formed: bool) -> None:
    assert parse(text).well_formed is well_formed


@pytest.mark.parametrize(
    ("answer", "units"),
    [
        ("Rp17.000 dan 30 detik", {"money", "second"}),
        ("about 12 minutes, 40 photos, 10% off", {"minute", "photo", "percent"}),
        ("cek facencial.net atau admin@facencial.com", {"link", "email"}),
        ("hubungi 081234567890", {"phone"}),
        ("Rp16.000, 20 detik, 5–10 menit, 16 kredit, support@facencial.com", set()),
        ("dengan 7 kredit bisa 7 foto", set()),  # the question's own number
    ],
)
def test_unsupported(answer: str, units: set[str]) -> None:
    asked = item(["ultra.fee"], question="Saya punya 7 kredit, berapa foto?")
    assert {claim.unit for claim in unsupported_claims(answer, asked, KNOWLEDGE)} == units


@pytest.mark.parametrize(
    ("answer", "value"),
    [("Halo Kak, biayanya Rp1.", 1.0), ("Terima kasih.", 0.5), ("Rp16.000.", 0.0), ("Halo Kak, dasar bodoh.", 0.0), ("Hello, thank you, you idiot.", 0.0)],
)  # fmt: skip
def test_politeness(answer: str, value: float) -> None:
    assert score(answer, item(["ultra.fee"]), KNOWLEDGE)["politeness"] == value


def test_conciseness_and_clarity_fall_with_length_and_loops() -> None:
    gold = "Biaya training Ultra Rp16.000."
    short = score(gold, item(["ultra.fee"], gold=gold), KNOWLEDGE)
    loop = score((gold + " ") * 20, item(["ultra.fee"], gold=gold), KNOWLEDGE)
    assert short["conciseness"] == 1.0
    assert loop["conciseness"] == pytest.approx(25 / 80)
    assert loop["clarity"] < short["clarity"]


@pytest.mark.parametrize(
    ("text", "language"), [("Biayanya dibayar satu kali untuk Ultra.", "id"), ("The fee is paid once.", "en"), ("16.000", None)]
)
def test_language(text: str, language: str | None) -> None:
    assert detect(text) == language


def test_rouge_by_hand() -> None:
    asked = item(["ultra.fee"], gold="Biaya training Ultra Rp16.000")
    scores = score("Biaya Ultra Rp16,000 sekali", asked, KNOWLEDGE)
    assert scores["rouge1"] == pytest.approx(3 / 4)  # biaya, ultra, the amount: 3 of 4 on both sides
    assert scores["rouge2"] == pytest.approx(1 / 3)  # "ultra Rp16.000" is the one shared pair of three
    assert scores["rougeL"] == pytest.approx(3 / 4)


def test_chrf_is_sacrebleus() -> None:
    from sacrebleu import sentence_chrf

    scores = score("Biaya Rp16.000", item(["ultra.fee"], gold="Biaya Ultra Rp16.000"), KNOWLEDGE)
    assert scores["chrf"] == pytest.approx(sentence_chrf("Biaya Rp16.000", ["Biaya Ultra Rp16.000"]).score / 100)
