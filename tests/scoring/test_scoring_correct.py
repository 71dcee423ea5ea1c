"""The primary metric against answers made to fool it."""

import pytest

from harness.scoring import score
from harness.scoring.correct import Judgement, judge
from harness.scoring.language import detect
from harness.suite.item import Item, Requirement
from harness.suite.suite import load_suite

KNOWLEDGE = load_suite("facencial").knowledge
WHATEVER = "Halo Kak, bagaimana caranya?"


def item(
    *required: Requirement,
    problem: str = WHATEVER,
    gold: str = "Baik.",
    forbidden: tuple[Requirement, ...] = (),
    language: str = "id",
) -> Item:
    row = {
        "id": "x", "intent": "x.y", "domain": "x", "language": language, "register": "formal", "problem": problem,
        "generated_solution": f"<think>t</think><output>{gold}</output>", "expected_answer": gold,
        "answerable": "in_scope", "facts_required": required, "facts_forbidden": forbidden,
        "author_kind": "model", "author": "test",
    }  # fmt: skip
    return Item.model_validate(row)


def verdict(answer: str, *required: str) -> Judgement:
    return judge(answer, item(*required, language=detect(answer) or "id"), KNOWLEDGE)


@pytest.mark.parametrize(
    ("fact", "answer"),
    [
        # rude but right
        ("ultra.fee", "Bro, it's Rp16,000. Stop whining."),
        ("refund.none", "We don't do refunds, deal with it."),
        ("photo.no_mask", "Lepas maskernya, bodoh."),
        # other writings and words
        ("ultra.fee", "enam belas ribu rupiah"),
        ("ultra.fee", "16k, Kak"),
        ("time.photo", "Twenty seconds per photo, either variant."),
        ("ultra.photos", "At least five clear face photos."),
        ("ultra.photos", "Minimal lima foto, Kak."),
        ("credit.unit", "One credit is one photo."),
        ("photo.no_mask", "Please take off your mask."),
        ("account.delete_model", "Di pengaturan akun, Kak."),
        ("ultra.fee_once", "Dibayar sekali di awal."),
        ("ultra.fee_mandatory", "Biaya training wajib."),
        # correction of a false premise
        ("package.d", "That is not correct; Package D is Rp50,000 for 100 credits."),
        ("package.d", "That's wrong: Package D costs fifty thousand rupiah for 100 photos."),
        ("package.d", "Itu tidak benar, Kak. Paket D Rp50.000 untuk 100 kredit."),
        ("ultra.fee", "Not per photo but Rp16,000 at the start."),
        ("ultra.fee", "Tidak gratis, tetapi Rp16.000."),
        ("ultra.fee", "Tidak hanya kredit: biayanya Rp16.000."),
        ("ultra.fee", "Rp16.000, bukan Rp10.000."),
        ("ultra.fee", "Lite has no training fee and Ultra's is Rp16,000."),
        ("ultra.photos", "One isn't enough, you need at least 5 photos."),
        ("time.photo", "Tidak lama, Kak, 20 detik per foto."),
        ("ultra.fee_once", "You only pay it once, not every time."),
        # refusals that are right
        ("refund.none", "No, there are no refunds; that is our policy."),
        ("refund.none", "Tidak, refund tidak ada."),
        ("support.no_whatsapp", "There is no WhatsApp, only email."),
        ("answer.declined", "Sorry, politics is outside our service; I can only help with Facencial."),
        ("answer.declined", "Mohon maaf, resep masakan di luar layanan Facencial."),
        ("answer.unknown", "Maaf, informasinya tidak tersedia."),
        ("answer.unknown", "I don't have that information."),
        ("price.not_free", "Nothing is free, sorry."),
    ],
)
def test_right(fact: str, answer: str) -> None:
    found = verdict(answer, fact)
    assert found.correct, found


@pytest.mark.parametrize(
    ("fact", "answer", "why"),
    [
        # polite but wrong
        ("ultra.fee", "Thank you so much for asking! The fee is Rp26,000. Happy to help!", "missing"),
        ("refund.none", "Tentu, Kak, dengan senang hati kami akan mengembalikan uangnya.", "contradicted"),
        ("support.no_whatsapp", "Ya, silakan hubungi kami lewat WhatsApp.", "contradicted"),
        ("refund.none", "No worries, refunds are possible.", "contradicted"),
        ("refund.none", "Refund bukan masalah, Kak.", "missing"),
        # negated fact
        ("ultra.fee", "Biayanya bukan Rp16.000.", "contradicted"),
        ("ultra.fee", "There is no training fee of Rp16,000.", "contradicted"),
        ("ultra.fee", "Rp16.000 itu keliru.", "contradicted"),
        ("time.photo", "Not 20 seconds.", "contradicted"),
        ("ultra.fee_mandatory", "Biaya training tidak wajib.", "missing"),
        ("ultra.fee_mandatory", "The fee is optional, not required.", "contradicted"),
        ("ultra.fee_once", "You pay every month, not once.", "contradicted"),
        ("account.delete_model", "The model can't be deleted in account settings.", "missing"),
        ("support.email", "Jangan hubungi support@facencial.com.", "missing"),
        ("price.not_free", "Why not try? It is free!", "contradicted"),
        ("photo.no_mask", "Masker boleh dipakai.", "contradicted"),
        # right number, wrong unit
        ("time.photo", "20 minutes.", "unsupported"),
        ("time.photo", "20 foto.", "missing"),
        ("ultra.photos", "5 menit.", "missing"),
        ("ultra.fee", "16.000 kredit.", "unsupported"),
        ("package.d", "Paket D Rp50.000 untuk 200 kredit.", "unsupported"),
        ("credit.unit", "1 kredit untuk 2 foto.", "contradicted"),
        # contradiction appended
        ("ultra.fee", "Rp16.000. Sebenarnya biayanya bukan Rp16.000.", "contradicted"),
        ("refund.none", "There are no refunds. Still, you can get a refund by email.", "contradicted"),
        ("ultra.fee_mandatory", "Wajib, Kak. Namun biaya training bisa dihindari.", "contradicted"),
        ("photo.no_mask", "Lepas masker. Masker boleh kok.", "contradicted"),
        # invented values beside a right one
        ("ultra.fee", "Rp16.000, dan biaya admin Rp2.500.", "unsupported"),
        ("ultra.fee", "Rp16,000 or maybe Rp17,000.", "unsupported"),
        ("support.email", "support@facencial.com atau cs@facencial.com.", "unsupported"),
        ("time.photo", "20 detik, paling lama 3 hari.", "unsupported"),
        # refusal to an answerable question
        ("ultra.fee", "Mohon maaf, informasi itu tidak tersedia.", "missing"),
        ("package.d", "Sorry, I can only help with questions about Facencial.", "missing"),
        # a question without an answer, answered
        ("answer.unknown", "We accept QRIS and cards.", "missing"),
        ("answer.declined", "The best president is clearly the first.", "missing"),
        # taken back at the end
        ("ultra.fee", "Rp16,000. None of that is true.", "no_answer"),
        ("ultra.fee", "Rp16,000. Sorry, that is wrong.", "no_answer"),
        ("ultra.fee", "Rp16,000. I was wrong.", "no_answer"),
        ("ultra.fee", "Rp16,000. Ignore the above.", "no_answer"),
        ("ultra.fee", "Biayanya Rp16.000. Semua itu tidak benar.", "no_answer"),
        ("ultra.fee", "Biayanya Rp16.000. Maaf, itu salah.", "no_answer"),
        ("ultra.fee", "Biayanya Rp16.000. Abaikan jawaban di atas.", "no_answer"),
        ("package.d", "Package D is Rp50,000. That is not correct.", "no_answer"),
        # nothing
        ("ultra.fee", "", "missing"),
        ("ultra.fee", "Baik, Kak!", "missing"),
    ],
)
def test_wrong_and_why(fact: str, answer: str, why: str) -> None:
    found = verdict(answer, fact)
    assert getattr(found, why), found
    assert not found.correct


@pytest.mark.parametrize(
    ("fact", "answer"),
    [
        ("ultra.fee", "Anda tidak perlu membayar Rp16.000."),
        ("ultra.fee", "Kakak tidak usah bayar Rp16.000."),
        ("ultra.fee", "You don't need to pay Rp16,000."),
        ("ultra.fee", "The fee is $16,000."),
        ("ultra.fee", "The fee is USD 16,000."),
        ("photo.no_mask", "Tidak masalah memakai masker."),
        ("photo.no_mask", "No problem, masks are allowed"),
        ("ultra.fee", "It is not true that there is a fee of Rp16,000."),
    ],
)
def test_wrong_in_ways_once_missed(fact: str, answer: str) -> None:
    assert not verdict(answer, fact).correct


@pytest.mark.parametrize(
    ("fact", "answer"),
    [
        # a doubled negation denies nothing
        ("ultra.fee", "You cannot avoid the Rp16,000 fee."),
        ("ultra.fee", "Kakak tidak bisa menghindari biaya Rp16.000."),
        ("ultra.fee", "Don't forget the Rp16,000 training fee."),
        ("time.photo", "It does not take more than 20 seconds."),
        ("ultra.photos", "You can't start without at least 5 photos."),
        ("ultra.photos", "Tidak bisa kurang dari 5 foto."),
        # nor does "not again"
        ("ultra.fee", "It is Rp16,000. You never pay Rp16,000 again while the model exists."),
        # a false premise denied, then the truth
        ("ultra.fee_once", "It is not true that you pay per photo; the fee is paid once."),
        ("ultra.fee_once", "Tidak benar kalau dibayar tiap foto, karena cukup sekali di awal."),
        ("package.lite_cheapest", "Package D is not the cheapest, but Realistic Lite is the cheapest."),
        # two values that are both meant
        ("ultra.training_time", "5 to 10 minutes."),
        ("package.lite", "Rp10.000 untuk 16 kredit, atau Paket D Rp50.000 untuk 100 kredit."),
    ],
)
def test_right_in_ways_once_missed(fact: str, answer: str) -> None:
    found = verdict(answer, fact)
    assert found.correct, found


@pytest.mark.parametrize(
    ("fact", "answer"),
    [
        # taken back in the same sentence
        ("ultra.fee", "Rp16,000; none of that is true."),
        ("ultra.fee", "Rp16.000, tapi itu tidak benar."),
        # another count or unit beside the price
        ("package.d", "Package D is Rp50,000 for 16 credits."),
        ("package.lite", "Realistic Lite Rp10.000 untuk 100 kredit."),
        ("package.lite", "Realistic Lite Rp10.000 per foto."),
        ("package.lite", "Realistic Lite mulai Rp16.000 untuk 16 kredit."),
        # not once after all
        ("ultra.fee_once", "It is paid once a month."),
        ("ultra.fee_once", "Dibayar sekali tiap foto."),
        ("ultra.fee_once", "Bayarnya tidak hanya sekali."),
        # willing to
        ("refund.none", "We will not hesitate to refund you."),
        ("refund.none", "Kami tidak keberatan memberi refund."),
        ("refund.none", "Why not ask for a refund?"),
        # denied after the words
        ("ultra.photos", "At least 5 photos are not needed."),
        ("style.formal", "Formal Pas Foto tidak cocok untuk paspor."),
        ("ultra.fee_mandatory", "You must try it, but the fee is not mandatory."),
        ("ultra.fee_only", "Tidak hanya Ultra, Lite juga dikenakan."),
        # said of something else
        ("ultra.quality", "Lite is the most realistic."),
        ("ultra.quality", "Yang paling realistis adalah Realistic Lite."),
        ("lite.photos", "Lite needs 5 photos, Ultra needs 1 photo."),
        # two values to choose from
        ("ultra.fee", "Rp16.000 atau Rp50.000, Kak."),
        ("ultra.photos", "5 photos or maybe 16 photos."),
        # contradicted, with thanks
        ("ultra.fee", "The fee is Rp16,000. Actually, the fee is Rp50,000. Thank you!"),
        ("refund.none", "Tidak ada refund. Eh, sebenarnya refund tersedia kok. Terima kasih!"),
        ("account.delete_model", "In account settings. Then again, the model cannot be deleted. Thanks!"),
        ("ultra.fee", "Biayanya Rp16.000. Eh, bukan begitu, Kak. Terima kasih!"),
        ("ultra.fee", "The fee is Rp16,000. Actually it is the other way round. Thanks!"),
        ("ultra.fee", "Biayanya Rp16.000. Itu bohong. Semoga membantu."),
        # a heap of words
        ("price.page", "price page prices laman pricing harga halaman"),
        ("package.d_per_photo", "500 rupiah photo price gambar per each tiap free harga kredit"),
    ],
)
def test_wrong_in_ways_once_taken_for_right(fact: str, answer: str) -> None:
    assert not verdict(answer, fact).correct


def test_another_language_than_the_customer_s_is_no_answer() -> None:
    answer = "The fee is Rp16,000 and it is paid once."
    assert judge(answer, item("ultra.fee", language="en"), KNOWLEDGE).correct
    assert judge(answer, item("ultra.fee", language="id"), KNOWLEDGE).no_answer == "in another language"
    assert judge("Rp16.000!", item("ultra.fee", language="en"), KNOWLEDGE).correct  # no language is told


def test_support_is_no_way_out_where_it_is_the_answer() -> None:
    dodge = "Maaf, informasi itu tidak tersedia. Silakan tulis ke support@facencial.com."
    assert judge(dodge, item("support.email"), KNOWLEDGE).contradicted == ("answer.unknown",)
    assert judge(dodge, item("answer.unknown", "support.email"), KNOWLEDGE).correct


def test_every_required_fact_is_wanted() -> None:
    both = ("ultra.fee", "time.photo")
    assert verdict("Rp16.000, dan 20 detik per foto.", *both).correct
    assert verdict("Rp16.000.", *both).missing == ("time.photo",)
    assert verdict("20 detik.", *both).missing == ("ultra.fee",)


def test_forms_of_the_item_itself() -> None:
    asked = item(("biru*", "blue"))
    assert judge("Warnanya biru muda.", asked, KNOWLEDGE).correct
    assert judge("Warnanya merah.", asked, KNOWLEDGE).missing == ("biru*",)
    assert judge("Bukan 20 detik", item(("20 detik",)), KNOWLEDGE).contradicted == ("20 detik",)


@pytest.mark.parametrize("forbidden", ["package.d", ("Rp50.000", "50.000")])
def test_forbidden_statements(forbidden: Requirement) -> None:
    asked = item("ultra.fee", forbidden=(forbidden,))
    assert judge("Rp16.000.", asked, KNOWLEDGE).correct
    assert judge("Rp16.000. Paket D Rp50.000.", asked, KNOWLEDGE).forbidden
    assert judge("Rp16.000, bukan Rp50.000.", asked, KNOWLEDGE).forbidden == ()


@pytest.mark.parametrize("echo", ["Apakah 1 kredit = 1 foto?", "apakah 1 kredit = 1 foto?", "APAKAH 1 KREDIT 1 FOTO?"])
def test_the_question_given_back_is_no_answer(echo: str) -> None:
    asked = item("credit.unit", problem="Apakah 1 kredit = 1 foto?")
    assert judge(echo, asked, KNOWLEDGE).no_answer == "echoes the question"
    assert judge("Ya, 1 kredit = 1 foto.", asked, KNOWLEDGE).correct


@pytest.mark.parametrize("language", ["id", "en"])
def test_reciting_the_knowledge_base_is_no_answer(language: str) -> None:
    dump = " ".join(fact.text[language] for fact in KNOWLEDGE.stated())
    assert verdict(dump, "ultra.fee").no_answer == "too long"


def test_length_allowed_grows_with_the_gold() -> None:
    answer, long_gold = "Rp16.000." + " kata" * 160, "kata " * 40
    assert judge(answer, item("ultra.fee"), KNOWLEDGE).no_answer == "too long"
    assert judge("Rp16.000." + " kata" * 149, item("ultra.fee"), KNOWLEDGE).correct
    assert judge(answer, item("ultra.fee", gold=long_gold), KNOWLEDGE).correct


@pytest.mark.parametrize(
    ("completion", "strict", "lenient"),
    [
        ("<think>t</think><output>Rp16.000.</output>", 1, 1),
        ("<think>t<think><output>Rp16.000.</output>", 1, 1),  # the answer still reaches the customer
        ("<output>Rp16.000.</output>", 1, 1),
        ("<think>t</think><output>Rp16.000.", 0, 1),
        ("<think>t</think>Rp16.000.", 0, 1),
        ("Rp16.000.", 0, 1),
        ("<think>Rp16.000</think><output>Silakan cek halaman harga.</output>", 0, 0),  # only in the reasoning
        ("<think>Rp16.000</think>", 0, 0),
        ("<think>Rp16.000</think><output></output>", 0, 0),
        ("<think>bukan Rp16.000, Rp99.000</think><output>Rp16.000.</output>", 1, 1),
        ("<think>t</think><output>Rp15.000.</output> Rp16.000.", 0, 0),
        ("<think>t</think><output>Rp16.000.</output> Bukan Rp16.000!", 1, 1),
        ("", 0, 0),
    ],
)
def test_strict_and_lenient(completion: str, strict: int, lenient: int) -> None:
    scores = score(completion, item("ultra.fee"), KNOWLEDGE)
    assert (scores["correct"], scores["correct_lenient"]) == (strict, lenient)
