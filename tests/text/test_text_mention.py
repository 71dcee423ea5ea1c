"""Words that are only named: unknown, asked for, or the customer's; against words that are said."""

import pytest

from harness.text.forms import Finding, asserts, find
from harness.text.lexer import lex
from harness.text.mention import unknown

TICKET = ("tiket* ... Rp90.000", "ticket* ... Rp90.000", "Rp90.000")


@pytest.mark.parametrize(
    "text",
    [
        # not known, before and after the words
        "Harga tiket Rp90.000 tidak diketahui.",
        "Maaf, harga tiket Rp90.000 belum bisa diketahui, jadi silakan tanya loket.",
        "Informasi tentang tiket Rp90.000 tidak tersedia.",
        "Info tiket Rp90.000 nggak ada pada kami, Kak.",
        "Kami tidak punya informasi soal tiket Rp90.000.",
        "Kami kurang tahu tiket Rp90.000.",
        "Whether a ticket is Rp90,000 is not known.",
        "Sorry, we have no information on the Rp90,000 ticket.",
        "I don't know about a ticket of Rp90,000.",
        "Details of the Rp90,000 ticket are not available.",
        "The ticket of Rp90,000 is unknown to us.",
        # asked, and told of
        "Apakah tiketnya Rp90.000?",
        "Is the ticket Rp90,000?",
        "Thank you for asking whether the ticket is Rp90,000.",
        "Silakan tanyakan apakah tiketnya Rp90.000.",
        # the customer's words
        "You asked about a ticket of Rp90,000.",
        "Kakak bertanya soal tiket Rp90.000.",
        "Kakak mengira tiketnya Rp90.000.",
    ],
)
def test_named_and_not_said(text: str) -> None:
    assert find(TICKET, text) != Finding(False, False)  # the words are there
    assert not asserts(TICKET, text)


@pytest.mark.parametrize(
    "text",
    [
        "Tiketnya Rp90.000.",
        "A ticket is Rp90,000.",
        # beside something else that is not known, or asked
        "Tiketnya Rp90.000, tetapi jam bukanya tidak diketahui.",
        "Tiketnya Rp90.000 dan jam bukanya tidak diketahui.",
        "A ticket is Rp90,000, but we have no information on parking.",
        "A ticket is Rp90,000 and the queue is not known.",
        "Kami tidak tahu soal parkir, tapi tiketnya Rp90.000.",
        "A ticket is Rp90,000. Is there anything else you would like to know?",
        "Berapa tiketnya? Rp90.000.",
        "You asked about tickets: one is Rp90,000.",
        # said after all
        "Seperti yang Kakak bilang tiketnya Rp90.000.",
        "Could you bring Rp90,000 for the ticket, please?",
        "Informasi lebih lanjut: tiket Rp90.000, tidak ada potongan.",
        "Kalau beli di loket, tiketnya Rp90.000.",
        "If you come today, a ticket is Rp90,000.",
    ],
)
def test_said(text: str) -> None:
    assert asserts(TICKET, text)


def test_words_that_belong_to_the_negation_itself_are_said() -> None:
    forms = ("NOT .. parkir|parking",)
    assert asserts(forms, "Tidak ada parkir.")
    assert asserts(forms, "There is no parking, and the reason is not known.")
    assert not asserts(forms, "We have no information on parking.")  # that there is none is not said


def test_what_is_unknown_is_told_with_what_it_is() -> None:
    tokens = lex("Tiketnya Rp90.000, tetapi soal parkir kami tidak tahu, Kak")
    named = [" ".join(token.text for token in tokens[span.start : span.stop]) for span in unknown(tokens)]
    assert named == ["tetapi soal parkir kami tidak tahu ,"]
    assert unknown(lex("Tiketnya Rp90.000 dan parkirnya tidak ada")) == ()
