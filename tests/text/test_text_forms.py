"""Forms: what matches, what a negation takes away, and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.suite.suite import load_suite
from harness.text.forms import GAP, Finding, FormError, compile_form, find

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
        ("foto", "fotonya", False),
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


AVOID = "'cannot avoid', 'don't forget' and 'not ... more than' say the amount, yet count as a denial of it"
ONLY = "a form that begins with the word that makes a negator harmless ('not only ultra') is taken as said"
REACH = "a negation further than NEGATION_REACH tokens before is missed"


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        # before
        ("Biayanya bukan Rp16.000.", DENIED),
        ("The fee isn't Rp16,000.", DENIED),
        ("Nobody pays Rp16,000.", DENIED),
        ("Rp20.000, bukan Rp16.000.", DENIED),
        ("Bukan Rp16.000. Biayanya Rp16.000.", BOTH),
        pytest.param("It isn't true that the fee is Rp16,000.", DENIED, marks=pytest.mark.xfail(strict=True, reason=REACH)),
        *(
            pytest.param(text, SAID, marks=pytest.mark.xfail(strict=True, reason=AVOID))
            for text in (
                "You cannot avoid the Rp16,000 fee.", "Kakak tidak bisa menghindari biaya Rp16.000.",
                "Don't forget the Rp16,000 fee.", "You won't pay more than Rp16,000.",
            )
        ),
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
        ("Tidak hanya Rp16.000.", SAID),
        ("Bukan cuma Rp16.000", SAID),
        ("Not only Rp16,000", SAID),
        ("No more than Rp16,000", SAID),
        ("Tidak lebih dari Rp16.000", SAID),
        ("Tidak perlu khawatir Rp16.000 saja", SAID),
        ("No worries Rp16,000", SAID),
        # limits the fact, does not deny it
        ("Tidak membayar Rp16.000 lagi.", NEITHER),
        ("You never pay Rp16,000 twice.", NEITHER),
    ],
)  # fmt: skip
def test_negation_of_an_amount(text: str, finding: Finding) -> None:
    assert find(["Rp16.000"], text) == finding


@pytest.mark.parametrize(
    ("form", "text", "finding"),
    [
        ("dibayar ... sekali", "dibayar tidak sekali", NEITHER),
        ("dibayar ... sekali", "dibayar tidak mahal tapi sekali", SAID),
        ("dibayar ... sekali", "dibayar hanya sekali", SAID),
        ("dibayar ... sekali", "dibayar tidak lebih sekali", SAID),
        ("Rp16.000 ... ultra", "Rp16.000 bukan untuk ultra", NEITHER),
        pytest.param("only ... ultra", "not only ultra", NEITHER, marks=pytest.mark.xfail(strict=True, reason=ONLY)),
        pytest.param(
            "hanya ... ultra", "tidak hanya ultra", NEITHER, marks=pytest.mark.xfail(strict=True, reason=ONLY)
        ),
        ("sekali", "tidak sekali", NEITHER),  # no value: not said, and no denial either
        ("sekali", "sekali itu salah", NEITHER),
        ("NOT ... refund*", "refund bukan bisa", NEITHER),
        ("NOT ... refund*", "tidak ada refund itu salah", SAID),  # a form with NOT says itself
    ],
)
def test_negation_of_other_forms(form: str, text: str, finding: Finding) -> None:
    assert find([form], text) == finding


def test_any_of_several_forms_suffices() -> None:
    forms = ["once", "sekali"]
    assert find(forms, "dibayar sekali") == find(forms, "paid once") == SAID
    assert find([], "apa pun") == find(forms, "") == NEITHER


@pytest.mark.parametrize("form", ["", " ", "...", "... a", "a ...", "a|", "a |b", "a-b", "*", "a b,c", "5–10", "20%"])
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
        finding = find([form], text)
        assert not (finding.denied and not compile_form(form).has_value)


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, max_size=12).map(" ".join), st.lists(WORDS, max_size=12).map(" ".join))
def test_a_sentence_is_read_alone(first: str, second: str) -> None:
    for form in ("Rp16.000", "NOT ... refund*", "foto ... ultra"):
        one, two, joined = find([form], first), find([form], second), find([form], f"{first}.\n{second}")
        assert joined == Finding(one.said or two.said, one.denied or two.denied)
