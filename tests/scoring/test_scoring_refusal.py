"""Refusals and words given back: what holds the words of a fact is not yet an answer."""

import pytest

from harness.scoring.correct import judge
from harness.scoring.refusal import gives_up
from harness.suite.item import Item, Requirement
from harness.suite.suite import load_suite

KNOWLEDGE = load_suite("facencial").knowledge
FEE = {"id": "Biaya training Ultra Rp16.000.", "en": "The Ultra training fee is Rp16,000."}
MASK = {"id": "Tolong difoto tanpa masker, Kak.", "en": "No mask, please."}


def item(problem: str, gold: str, language: str, *required: Requirement) -> Item:
    known = "not_known" if "answer.unknown" in required else "in_scope"
    row = {
        "id": "x", "intent": "x.y", "domain": "x", "language": language, "register": "formal", "problem": problem,
        "generated_solution": f"<think>t</think><output>{gold}</output>", "expected_answer": gold, "answerable": known,
        "facts_required": required, "author_kind": "model", "author": "test",
    }  # fmt: skip
    return Item.model_validate(row)


@pytest.mark.parametrize(
    ("language", "fact", "answer", "why"),
    [
        ("id", "ultra.fee", "Biaya training Ultra Rp16.000 tidak diketahui, Kak.", "missing"),
        ("id", "ultra.fee", "Maaf, informasi biaya Rp16.000 tidak tersedia pada kami.", "missing"),
        ("en", "ultra.fee", "Sorry, the training fee of Rp16,000 is not known.", "missing"),
        ("en", "ultra.fee", "You asked whether the training fee is Rp16,000.", "missing"),
        ("en", "ultra.fee", "Is the training fee Rp16,000? Please check the pricing page.", "missing"),
        ("id", "ultra.fee", "Apakah biayanya Rp16.000? Silakan cek halaman harga.", "missing"),
        ("en", "photo.no_mask", "We have no information on photos with a mask.", "missing"),
        ("id", "photo.no_mask", "Kami tidak punya info soal masker, Kak.", "missing"),
        # said, then given up
        ("id", "ultra.fee", "Biayanya Rp16.000. Maaf, itu tidak diketahui.", "no_answer"),
        ("id", "photo.no_mask", "Foto tanpa masker, jadi tidak bisa kami bantu.", "no_answer"),
        ("en", "ultra.fee", "The fee is Rp16,000. Sorry, we cannot help with that.", "no_answer"),
        ("en", "photo.no_mask", "No mask, but we don't know.", "no_answer"),
    ],
)
def test_a_refusal_is_no_answer_whatever_words_stand_in_it(language: str, fact: str, answer: str, why: str) -> None:
    gold = (FEE if fact == "ultra.fee" else MASK)[language]
    assert judge(gold, asked := item("Halo?", gold, language, fact), KNOWLEDGE).correct
    assert getattr(judge(answer, asked, KNOWLEDGE), why)


@pytest.mark.parametrize(
    ("language", "answer"),
    [
        ("id", "Biayanya Rp16.000, Kak. Untuk hal lain silakan tanya ke support@facencial.com."),
        ("id", "Biayanya Rp16.000. Soal promo, kami tidak tahu, Kak."),
        ("id", "Maaf, kami tidak tahu soal promo, tetapi biayanya Rp16.000."),
        ("id", "Kami tidak tahu. Eh, biayanya Rp16.000, Kak."),
        ("en", "The fee is Rp16,000. We have no information on vouchers, sorry."),
        ("en", "The fee is Rp16,000 and the next price change is not known."),
        ("en", "The fee is Rp16,000. Is there anything else you would like to know?"),
        ("en", "You asked about the fee: it is Rp16,000."),
    ],
)
def test_an_answer_may_leave_open_what_was_not_asked(language: str, answer: str) -> None:
    found = judge(answer, item("Halo?", FEE[language], language, "ultra.fee"), KNOWLEDGE)
    assert found.correct, found


@pytest.mark.parametrize(
    ("language", "gold", "answer"),
    [
        ("en", "No exact file type is stated, sorry.", "Sorry, we have no information on the exact file type."),
        ("id", "Maaf, jenis berkas tidak disebutkan.", "Kami tidak tahu jenis berkasnya, Kak."),
    ],
)
def test_a_fact_that_something_is_not_known_is_said_by_saying_so(language: str, gold: str, answer: str) -> None:
    assert judge(answer, item("PNG?", gold, language, "photo.no_exact_spec"), KNOWLEDGE).correct


@pytest.mark.parametrize(
    ("language", "problem", "gold", "other", "right"),
    [
        (
            "en", "Can I pay with seashells?", "Sorry, information about seashells is not available.",
            "Sorry, information about opening hours on holidays is not available.",
            ("Sorry, that is not known.", "I don't know whether shells are taken.", "We have no information about this."),
        ),
        (
            "id", "Kak, bisa bayar pakai kerang?", "Maaf, informasi tentang pembayaran kerang tidak tersedia.",
            "Maaf, informasi tentang jam buka toko tidak tersedia.",
            ("Maaf, informasi itu tidak tersedia.", "Kami nggak tahu soal kerang, Kak.", "Pembayarannya belum kami ketahui."),
        ),
    ],
)  # fmt: skip
def test_what_is_not_known_has_to_be_what_was_asked(
    language: str, problem: str, gold: str, other: str, right: tuple[str, ...]
) -> None:
    asked = item(problem, gold, language, "answer.unknown")
    assert judge(other, asked, KNOWLEDGE).missing == ("answer.unknown",)
    for answer in right:
        assert judge(answer, asked, KNOWLEDGE).correct, answer


def test_a_name_that_the_customer_used_is_no_answer_where_more_was_asked() -> None:
    gold = "Foto Seni is an artistic painting style."
    asked = item("What is Foto Seni like?", gold, "en", "style.seni")
    assert judge("Foto Seni is a nice one, thank you.", asked, KNOWLEDGE).missing == ("style.seni",)
    assert judge("It looks like a painting.", asked, KNOWLEDGE).correct
    open_question = item("Which style looks like a canvas?", "Foto Seni does.", "en", "style.seni")
    assert judge("Foto Seni, of course.", open_question, KNOWLEDGE).correct


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        ("Rp16.000. Kami tidak tahu.", ""),
        ("We cannot help. It is Rp16,000.", " It is Rp16,000."),
        ("Soal warna, kami tidak tahu.", None),
        ("We cannot help with refunds.", None),
        ("Rp16.000, Kak.", None),
    ],
)
def test_where_an_answer_gives_up(answer: str, kept: str | None) -> None:
    end = gives_up(answer)
    assert (None if end is None else answer[end:]) == kept


@pytest.mark.parametrize(
    ("answer", "correct"),
    [
        ("Facencial makes artistic pictures of you in a few seconds with AI.", True),
        ("Facencial makes artistic pictures of you in a few seconds with care.", False),
    ],
)
def test_made_with_ai(answer: str, correct: bool) -> None:
    assert judge(answer, item("What?", "It makes AI photos.", "en", "service.what"), KNOWLEDGE).correct is correct


@pytest.mark.parametrize(
    ("answer", "correct"), [("It is paid, sorry.", True), ("The service is paid.", True), ("The fee is paid at the start.", False)]
)  # fmt: skip
def test_that_one_fee_is_paid_does_not_say_that_nothing_is_free(answer: str, correct: bool) -> None:
    assert judge(answer, item("Free?", "Nothing is free.", "en", "price.not_free"), KNOWLEDGE).correct is correct
