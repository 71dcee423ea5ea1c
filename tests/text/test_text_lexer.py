"""The lexer: one amount is one value in any writing, and no text breaks it."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.text.lexer import Kind, lex, parse_number

COMPOUND = "'a hundred', 'setengah' and an amount in two parts are not read as one value"

Shape = list[tuple[Kind, str]]


def shape(text: str) -> Shape:
    return [(token.kind, token.text) for token in lex(text)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(
            (text, 50_000)
            for text in (
                "Rp50.000", "Rp50,000", "IDR 50.000,00", "IDR 50,000.00", "50 ribu", "50k", "50K", "50rb", "50 rb",
                "lima puluh ribu rupiah", "fifty thousand rupiah", "fifty thousand perak", "Rp. 50.000", "rp 50000",
                "Rp50.000,-", "Rp50,000,-", "50.000 rupiah", "50,000 IDR", "50000 perak", "Rp50 ribu", "50 ribu rupiah",
                "Rp50k", "rupiah 50.000", "50 thousand", "RP50.000",
                "50rbu", "50 rebu", "lima puluh rebu rupiah", "gocap",
            )
        ),
        ("1,5 juta", 1_500_000),
        ("Rp1.5 juta", 1_500_000),
        ("16.5k", 16_500),
        ("2 million rupiah", 2_000_000),
        ("Rp1.250.000", 1_250_000),
        ("Rp1,250,000.50", Decimal("1250000.5")),
        ("Rp50000,00", 50_000),
        ("IDR 16000.00", 16_000),
        *(
            pytest.param(text, value, marks=pytest.mark.xfail(strict=True, reason=COMPOUND))
            for text, value in [
                ("a hundred thousand rupiah", 100_000), ("1 juta 500 ribu", 1_500_000), ("satu setengah juta rupiah", 1_500_000),
            ]
        ),
        ("one hundred and five thousand rupiah", 105_000),
        ("Rp625", 625),
        ("Rp0", 0),
        ("enam belas ribu rupiah", 16_000),
        ("dua belas ribu lima ratus rupiah", 12_500),
        ("sixteen thousand five hundred rupiah", 16_500),
    ],
)  # fmt: skip
def test_every_writing_of_an_amount_is_one_money_token(text: str, value: Decimal | int) -> None:
    tokens = lex(text)
    assert [(token.kind, token.value) for token in tokens] == [(Kind.MONEY, value)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("16.000", "16000"), ("16,000", "16000"), ("1.5", "1.5"), ("1,5", "1.5"), ("1,50", "1.5"), ("0.500", "0.5"),
        ("0,500", "0.5"), ("1.000.000", "1000000"), ("1,000,000", "1000000"), ("16.000,00", "16000"),
        ("16,000.25", "16000.25"), ("1.234.567,89", "1234567.89"), ("7", "7"), ("10.00.000", "1000000"),
    ],
)  # fmt: skip
def test_digits_in_both_writings(text: str, value: str) -> None:
    assert parse_number(text) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("nol", 0), ("satu", 1), ("sepuluh", 10), ("sebelas", 11), ("lima belas", 15), ("dua puluh", 20),
        ("dua puluh lima", 25), ("seratus", 100), ("seratus enam belas", 116), ("dua ratus lima puluh", 250),
        ("seribu", 1_000), ("enam belas ribu", 16_000), ("seribu lima ratus", 1_500), ("tiga juta", 3_000_000),
        ("sembilan ratus sembilan puluh sembilan", 999), ("zero", 0), ("one", 1), ("twelve", 12), ("nineteen", 19),
        ("twenty", 20), ("twenty-five", 25), ("ninety nine", 99), ("one hundred", 100), ("two hundred fifty", 250),
        ("sixteen thousand", 16_000), ("two hundred five thousand", 205_000), ("two million", 2_000_000),
    ],
)  # fmt: skip
def test_spelled_numbers(text: str, value: int) -> None:
    assert [(token.kind, token.value) for token in lex(text)] == [(Kind.NUMBER, value)]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("lima sepuluh", [5, 10]),
        ("one two three", [1, 2, 3]),
        ("lima atau sepuluh foto", [5, 10]),
        ("5–10 menit", [5, 10]),
        ("twenty thirty", [20, 30]),
    ],
)
def test_separate_numbers_stay_separate(text: str, values: list[int]) -> None:
    assert [token.value for token in lex(text) if token.value is not None] == values


@pytest.mark.parametrize(
    "text", ["ribu", "a thousand thanks", "ratusan foto", "rupiah", "belas kasihan", "kilo", "rpm"]
)
def test_words_that_hold_no_number(text: str) -> None:
    assert all(token.value is None for token in lex(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("support@facencial.com", [(Kind.EMAIL, "support@facencial.com")]),
        ("Support@Facencial.com.", [(Kind.EMAIL, "support@facencial.com"), (Kind.SENTENCE_END, ".")]),
        ("a.b+c@x-y.co.id", [(Kind.EMAIL, "a.b+c@x-y.co.id")]),
        ("<support@facencial.com>", [(Kind.EMAIL, "support@facencial.com")]),
        ("https://www.facencial.com/harga?a=1.", [(Kind.LINK, "facencial.com/harga?a=1")]),
        ("http://facencial.com/", [(Kind.LINK, "facencial.com")]),
        ("www.facencial.com", [(Kind.LINK, "facencial.com")]),
        ("FACENCIAL.COM", [(Kind.LINK, "facencial.com")]),
        ("toko.co.id/paket", [(Kind.LINK, "toko.co.id/paket")]),
        ("“isn’t”", [(Kind.WORD, "isn't")]),
        ("20%", [(Kind.NUMBER, "20%"), (Kind.WORD, "percent")]),
        ("0812-3456-7890", [(Kind.PHONE, "081234567890")]),
        ("+62 812 3456 7890", [(Kind.PHONE, "6281234567890")]),
        ("081234", [(Kind.NUMBER, "081234")]),
        ("$16,000", [(Kind.FOREIGN_MONEY, "$16,000")]),
        ("16 USD", [(Kind.FOREIGN_MONEY, "16 usd")]),
        ("€5", [(Kind.FOREIGN_MONEY, "€5")]),
        ("a, b. c?!", [(Kind.WORD, "a"), (Kind.CLAUSE_END, ","), (Kind.WORD, "b"), (Kind.SENTENCE_END, "."),
                       (Kind.WORD, "c"), (Kind.SENTENCE_END, "?!")]),
        ("a\nb", [(Kind.WORD, "a"), (Kind.SENTENCE_END, "\n"), (Kind.WORD, "b")]),
        ("Привет 你好", [(Kind.WORD, "привет"), (Kind.WORD, "你好")]),
        ("", []),
    ],
)  # fmt: skip
def test_kinds_and_texts(text: str, expected: Shape) -> None:
    assert shape(text) == expected


def indonesian(value: int) -> str:
    return f"{value:,}".replace(",", ".")


def english(value: int) -> str:
    return f"{value:,}"


WRITINGS: list[Callable[[int], str]] = [
    lambda value: f"Rp{indonesian(value)}",
    lambda value: f"Rp{english(value)}",
    lambda value: f"Rp {indonesian(value)},-",
    lambda value: f"Rp{english(value)},-",
    lambda value: f"IDR {indonesian(value)},00",
    lambda value: f"IDR {english(value)}.00",
    lambda value: f"rp. {value}",
    lambda value: f"{indonesian(value)} rupiah",
]


@settings(deadline=None)
@given(st.integers(1, 999_999_999), st.sampled_from(WRITINGS), st.sampled_from(["", ".", ", Kak", " per foto", "!"]))
def test_any_rupiah_integer_reads_back(value: int, write: Callable[[int], str], tail: str) -> None:
    first = lex(write(value) + tail)[0]
    assert (first.kind, first.value) == (Kind.MONEY, value)


@settings(deadline=None)
@given(st.integers(1, 999_999_999))
def test_a_bare_integer_reads_back_in_both_writings(value: int) -> None:
    assert parse_number(indonesian(value)) == parse_number(english(value)) == parse_number(str(value)) == value
    for text in (indonesian(value), english(value), str(value)):
        assert [(token.kind, token.value) for token in lex(text)] == [(Kind.NUMBER, value)]


UNITS = "satu dua tiga empat lima enam tujuh delapan sembilan sepuluh sebelas".split()
ONES = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()


def spelled_indonesian(value: int) -> str:
    for size, one, name in ((1_000_000, "satu juta", "juta"), (1_000, "seribu", "ribu"), (100, "seratus", "ratus")):
        if value >= size:
            head, rest = divmod(value, size)
            first = one if head == 1 else f"{spelled_indonesian(head)} {name}"
            return f"{first} {spelled_indonesian(rest)}".strip()
    if value < 12:
        return UNITS[value - 1] if value else ""
    if value < 20:
        return f"{UNITS[value - 11]} belas"
    return f"{UNITS[value // 10 - 1]} puluh {spelled_indonesian(value % 10)}".strip()


def spelled_english(value: int) -> str:
    for size, name in ((1_000_000, "million"), (1_000, "thousand"), (100, "hundred")):
        if value >= size:
            head, rest = divmod(value, size)
            return f"{spelled_english(head)} {name} {spelled_english(rest)}".strip()
    if value < 20:
        return ONES[value - 1] if value else ""
    return f"{TENS[value // 10 - 2]} {spelled_english(value % 10)}".strip()


@settings(deadline=None, max_examples=300)
@given(
    st.one_of(st.integers(1, 2_000), st.integers(1, 999_999_999)),
    st.sampled_from([spelled_indonesian, spelled_english]),
)
def test_any_number_in_words_reads_back(value: int, spell: Callable[[int], str]) -> None:
    assert [(token.kind, token.value) for token in lex(spell(value))] == [(Kind.NUMBER, value)]
    assert [(token.kind, token.value) for token in lex(f"{spell(value)} rupiah")] == [(Kind.MONEY, value)]


PIECES = st.sampled_from(
    "Rp rp. IDR 50 000 .000 ,000 , . ,- % k rb ribu juta lima puluh belas ratus twenty hundred million @ x@y.z "
    "www. https:// facencial.com ' ’ – ? \n ٣ ½ ² İ ﬁ".split(" ")
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=14).map("".join), st.lists(PIECES).map(" ".join)))
def test_no_text_breaks_the_lexer(text: str) -> None:
    tokens = lex(text)
    assert all(token.text for token in tokens)
    assert all((token.value is not None) == (token.kind in (Kind.MONEY, Kind.NUMBER)) for token in tokens)
    assert all(token.value is None or token.value >= 0 for token in tokens)
