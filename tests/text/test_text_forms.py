"""Forms: what matches, what a negation takes away, and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.suite.suite import load_suite
from harness.text.forms import GAP, Finding, FormError, compile_form, crowded, find

SAID, DENIED, NEITHER, BOTH = Finding(True, False), Finding(False, True), Finding(False, False), Finding(True, True)
KNOWN_FORMS = [form for fact in load_suite("facencial").knowledge.facts.values() for form in (*fact.said, *fact.denied)]


@pytest.mark.parametrize(
    ("form", "text", "said"),
    [
        # adjacency
        ("beli sekarang", "Tekan BELI SEKARANG.", True),
        ("beli sekarang", "beli, sekarang", True),
        ("beli sekarang", "beli itu sekarang", False),
        ("beli sekarang", "sekarang beli", False),
        ("beli sekarang", "Beli. Sekarang", False),
        ("beli sekarang", "beli\nsekarang", False),
        ("beli sekarang", "membeli sekarang", False),
        # gaps
        ("a ... b", "a b", True),
        ("a ... b", "a" + " x" * GAP + " b", True),
        ("a ... b", "a" + " x" * (GAP + 1) + " b", False),
        ("a ... b", "b a", False),
        ("a ... b", "a. b", False),
        ("a ... b c", "a b x b c", True),  # goes on past a first b that leads nowhere
        ("a ... b ... c", "a x b x c", True),
        # alternatives
        ("halaman harga|pricing", "halaman pricing", True),
        ("halaman harga|pricing", "halaman", False),
        ("halaman harga|pricing", "pricing", False),
        # prefix
        ("foto*", "fotonya", True),
        ("foto*", "foto", True),
        ("foto*", "pasfoto", False),
        ("foto", "fotoku", False),
        # inflected
        ("foto", "fotonya", True),
        ("fotonya", "foto", False),
        ("email", "email's", True),
        ("dikembalikan", "dikembaliin", True),
        ("menit", "menitnya", True),
        ("ta", "tanya", False),
        ("kredit*|credit*", "credits", True),
        # values
        ("Rp16.000", "enam belas ribu rupiah", True),
        ("Rp16.000", "16k", True),
        ("Rp16.000", "IDR 16,000.00", True),
        ("Rp16.000", "16.000", True),
        ("Rp16.000", "16", False),
        ("Rp16.000", "Rp160.000", False),
        ("Rp625", "625", False),
        ("625 per", "625 per", True),
        ("625 per", "Rp625 per", False),
        ("20 detik", "dua puluh detik", True),
        ("20 detik", "20,0 detik", True),
        ("20 detik", "20 menit", False),
        ("support@facencial.com", "Tulis ke SUPPORT@facencial.com.", True),
        ("support@facencial.com", "support@facencial.co", False),
        # NOT
        ("NOT ... refund*", "Tidak ada refund.", True),
        ("NOT ... refund*", "There are no refunds", True),
        ("NOT ... refund*", "We can’t give refunds", True),
        ("NOT ... refund*", "Refund bisa", False),
        ("NOT ... refund*", "Tidak, refund bisa", False),
        ("NOT ... refund*", "No. Refunds are possible", False),
        ("NOT refund", "tidak ada refund", False),
        ("mask* ... NOT", "Masks are not allowed", True),
        ("mask* ... NOT", "Masks are allowed", False),
        ("off|NOT", "turn it off", True),
        ("off|NOT", "jangan", True),
        ("off|NOT", "turn it on", False),
        ("not ... refund*", "tanpa refund", True),  # any negator may stand for NOT
    ],
)  # fmt: skip
def test_what_matches(form: str, text: str, said: bool) -> None:
    assert find([form], text) == Finding(said, False)


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        # before
        ("Biayanya bukan Rp16.000.", DENIED),
        ("The fee isn't Rp16,000.", DENIED),
        ("Nobody pays Rp16,000.", DENIED),
        ("Rp20.000, bukan Rp16.000.", DENIED),
        ("Bukan Rp16.000. Biayanya Rp16.000.", BOTH),
        ("It isn't true that the fee is Rp16,000.", DENIED),
        ("It is not true that, all things considered and on the whole, you would ever have to pay Rp16,000.", DENIED),
        ("Tidak benar bahwa biayanya Rp16.000.", DENIED),
        ("Salah kalau dibilang biayanya Rp16.000.", DENIED),
        # two turns cancel
        ("You cannot avoid the Rp16,000 fee.", SAID),
        ("Kakak tidak bisa menghindari biaya Rp16.000.", SAID),
        ("Don't forget the Rp16,000 fee.", SAID),
        ("You won't pay more than Rp16,000.", SAID),
        ("You can't start without Rp16,000.", SAID),
        # a denial ends at a contrast
        ("It is not true that it costs Rp10,000, but Rp16,000.", SAID),
        ("Tidak benar kalau bayar tiap foto, karena cukup Rp16.000 sekali.", SAID),
        # before, but the scope has ended
        ("Rp16.000, bukan Rp10.000.", SAID),
        ("Tidak mahal, Rp16.000.", SAID),
        ("Tidak gratis tapi Rp16.000.", SAID),
        ("Not per photo but Rp16,000.", SAID),
        ("Bukan Rp20.000, melainkan Rp16.000.", SAID),
        ("Belum. Rp16.000.", SAID),
        # inside
        ("Rp16.000 bukan untuk Lite.", SAID),
        # after
        ("Rp16.000 itu salah.", DENIED),
        ("Rp16.000 keliru.", DENIED),
        ("Rp16.000 tidak benar.", DENIED),
        ("Rp16,000 is wrong.", DENIED),
        ("Rp16,000 is not true.", DENIED),
        ("Rp16,000 cannot be avoided.", SAID),
        ("Rp16.000 tidak bisa dihindari.", SAID),
        # harmless negators
        ("Tidak hanya Rp16.000.", DENIED),  # more than that
        ("Bukan cuma Rp16.000", DENIED),
        ("Not only Rp16,000", DENIED),
        ("The fee is not paid only once, Rp16,000.", SAID),
        ("No more than Rp16,000", SAID),
        ("Tidak lebih dari Rp16.000", SAID),
        ("Tidak perlu khawatir Rp16.000 saja", SAID),
        ("No worries Rp16,000", SAID),
    ],
)  # fmt: skip
def test_negation_of_an_amount(text: str, finding: Finding) -> None:
    assert find(["Rp16.000"], text) == finding


@pytest.mark.parametrize(
    ("form", "text", "finding"),
    [
        ("dibayar ... sekali", "dibayar tidak sekali", DENIED),
        ("dibayar ... sekali", "dibayar, tidak sekali", NEITHER),
        ("dibayar ... sekali", "dibayar tidak mahal tapi sekali", SAID),
        ("dibayar ... sekali", "dibayar hanya sekali", SAID),
        ("dibayar ... sekali", "dibayar tidak lebih sekali", SAID),
        ("Rp16.000 ... ultra", "Rp16.000 bukan untuk ultra", DENIED),
        ("only ... ultra", "not only ultra", DENIED),
        ("hanya ... ultra", "tidak hanya ultra", DENIED),
        ("NOT hanya ... ultra", "tidak hanya ultra", SAID),  # the form names the word that makes the negator harmless
        ("NOT ... ultra", "tidak hanya ultra", NEITHER),
        ("formal pas foto", "Formal Pas Foto tidak cocok untuk itu", DENIED),
        ("formal pas foto", "Formal Pas Foto, tidak cocok yang lain", SAID),
        ("sekali", "tidak sekali", DENIED),
        ("sekali", "sekali itu salah", DENIED),
        ("NOT ... refund*", "refund bukan bisa", NEITHER),
        ("NOT ... refund*", "tidak ada refund itu salah", SAID),  # a form with NOT says itself
    ],
)
def test_negation_of_other_forms(form: str, text: str, finding: Finding) -> None:
    assert find([form], text) == finding


def test_a_negated_statement_that_says_the_fact_is_no_denial_of_it() -> None:
    forms = ["Rp16.000", "NOT .. Rp16.000 .. lagi|twice"]
    assert find(forms, "Tidak membayar Rp16.000 lagi.") == find(forms, "You never pay Rp16,000 twice.") == SAID
    assert find(forms, "Tidak membayar Rp16.000.") == DENIED


@pytest.mark.parametrize(
    ("form", "text", "said"),
    [
        # another value
        ("fee is !Rp16.000", "The fee is Rp10,000.", True),
        ("fee is !Rp16.000", "The fee is Rp16,000.", False),
        ("fee is !Rp16.000", "The fee is high.", False),
        ("fee ... !Rp16.000", "The fee is Rp16,000 beside Rp10,000.", False),  # the next amount decides
        ("untuk !16|100 kredit", "untuk 20 kredit", True),
        ("untuk !16|100 kredit", "untuk 100 kredit", False),
        ("untuk !16 kredit", "untuk Rp20 kredit", False),
        # a gap within the clause
        ("lite .. murah", "Lite paling murah", True),
        ("lite .. murah", "Lite realistis, Ultra murah", False),
        ("lite .. murah", "Lite mahal dan D murah", False),
        ("lite ... murah", "Lite realistis, Ultra murah", True),
        # classes of words
        ("5 @photo", "5 selfies", True),
        ("5 @photo|buah", "5 buah", True),
        ("5 @photo", "5 menit", False),
    ],
)
def test_other_values_clauses_and_classes(form: str, text: str, said: bool) -> None:
    assert find([form], text).said is said


@pytest.mark.parametrize(
    ("text", "heap"),
    [
        ("photo picture gambar selfie image foto", True),
        ("Upload 1 photo, Kak.", False),
        (
            "Upload a photo, that is a picture, an image or a selfie, which shows your face as well as it can be shown.",
            False,
        ),
    ],
)
def test_a_heap_of_alternatives_is_told_from_a_sentence(text: str, heap: bool) -> None:
    assert crowded(["1 @photo"], text) is heap


def test_any_of_several_forms_suffices() -> None:
    forms = ["once", "sekali"]
    assert find(forms, "dibayar sekali") == find(forms, "paid once") == SAID
    assert find([], "apa pun") == find(forms, "") == NEITHER


@pytest.mark.parametrize(
    "form", ["", " ", "...", "... a", "a ...", "a|", "a |b", "a-b", "*", "a b,c", "5–10", "20%", "!x", "@nothing"]
)
def test_unreadable_forms_name_themselves(form: str) -> None:
    with pytest.raises(FormError) as raised:
        compile_form(form)
    assert repr(form) in str(raised.value)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=12))
def test_a_form_compiles_or_raises_form_error(source: str) -> None:
    with suppress(FormError):
        assert compile_form(source).terms


WORDS = st.sampled_from(
    "tidak bukan not no , . dan but Rp16.000 16k lima ribu refund foto ultra lagi hanya salah is \n".split(" ")
)


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=25).map(" ".join)))
def test_find_never_raises(text: str) -> None:
    for form in KNOWN_FORMS:
        assert isinstance(find([form], text), Finding)


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, max_size=12).map(" ".join), st.lists(WORDS, max_size=12).map(" ".join))
def test_a_sentence_is_read_alone(first: str, second: str) -> None:
    for form in ("Rp16.000", "NOT ... refund*", "foto ... ultra"):
        one, two, joined = find([form], first), find([form], second), find([form], f"{first}.\n{second}")
        assert joined == Finding(one.said or two.said, one.denied or two.denied)
