"""Split an answer into words, values and boundaries, so that facts are compared by value and not by spelling.

``Rp50.000``, ``Rp50,000``, ``IDR 50.000,00``, ``50 ribu``, ``50k``, ``50rb``, ``50rbu``, ``lima puluh ribu rupiah`` and the
slang ``gocap`` are one value.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import lru_cache


class Kind(Enum):
    """What a token is."""

    WORD = "word"
    NUMBER = "number"
    MONEY = "money"
    FOREIGN_MONEY = "foreign money"
    EMAIL = "email"
    LINK = "link"
    PHONE = "phone"
    CLAUSE_END = "clause end"
    SENTENCE_END = "sentence end"


@dataclass(frozen=True, slots=True)
class Token:
    """One token: its kind, its lower-case text and, for numbers and rupiah amounts, its value."""

    kind: Kind
    text: str
    value: Decimal | None = None


_SCALES = {
    "rb": 1_000, "rbu": 1_000, "rebu": 1_000, "ribu": 1_000, "k": 1_000, "thousand": 1_000,
    "jt": 1_000_000, "jta": 1_000_000, "juta": 1_000_000, "million": 1_000_000,
}  # fmt: skip
# Hokkien counting words in colloquial Indonesian, said of money alone.
_SLANG_AMOUNTS = {"gopek": 500, "seceng": 1_000, "goceng": 5_000, "ceban": 10_000, "noban": 20_000, "gocap": 50_000}
_UNITS = {
    "nol": 0, "satu": 1, "dua": 2, "tiga": 3, "empat": 4, "lima": 5, "enam": 6, "tujuh": 7, "delapan": 8, "sembilan": 9,
    "sepuluh": 10, "sebelas": 11,
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_HUNDREDS = {"seratus": 100, "seribu": 1_000}
_NUMBER_WORDS = {
    *_UNITS,
    *_TENS,
    *_HUNDREDS,
    "belas",
    "puluh",
    "ratus",
    "hundred",
    "ribu",
    "rebu",
    "rbu",
    "thousand",
    "juta",
    "million",
}

_IN_NUMBERS = {*_NUMBER_WORDS, "and"}
_LONGEST_NUMBER = 32
"""Words looked at for one spelled number: more than any needs, so that a long run of them takes linear time."""

_DIGITS = r"\d+(?:[.,]\d+)*"
_SCALE = r"(?:rbu|rebu|ribu|rb|k|jta|jt|juta|thousand|million)"
# The parts of an address have the lengths of RFC 5321 and RFC 1035: without them a long run of letters and dots takes quadratic
# time, so that one answer could hold a run up.
_PATTERN = re.compile(
    rf"""
    (?P<email>[\w.+-]{{1,64}}@[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{1,8}})
  | (?P<link>https?://[^\s<>"')]+ | www\.[^\s<>"')]+
      | \b[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{0,8}}\.(?:com|net|org|io|app|co\.id|id|me)\b(?:/[^\s<>"')]*)?)
  | (?P<phone>(?:(?<!\w)\+?62|\b0)[\s-]?\d{{2,4}}(?:[\s-]?\d{{3,4}}){{2,3}}\b)
  | (?P<foreign>(?:(?:us|s|a)?\$|€|£|\b(?:usd|eur|sgd)\b)\s*{_DIGITS}(?:\s*{_SCALE}\b)? | \b{_DIGITS}\s*(?:usd|eur|euros?|dollars?|dolar)\b)
  | (?P<money>\b(?:rp|idr|rupiah)\s*\.?\s*(?P<m1>{_DIGITS})(?:,-)?(?:\s*(?P<s1>{_SCALE})\b)?
      | \b(?P<m2>{_DIGITS})\s*(?P<s2>{_SCALE})\b(?:\s*(?:rupiah|perak|idr)\b)?
      | \b(?P<m3>{_DIGITS})\s*(?:rupiah|perak|idr)\b)
  | (?P<number>{_DIGITS}%?)
  | (?P<word>[^\W\d_]+(?:'[^\W\d_]+)*)
  | (?P<sentence>[.!?…\n]+)
  | (?P<clause>[,;:()\[\]–—])
    """,
    re.VERBOSE | re.IGNORECASE,
)


def parse_number(text: str) -> Decimal:
    """Read digits in Indonesian or English writing: ``16.000`` and ``16,000`` are 16000, ``1,5`` and ``1.5`` are 1.5.

    A single separator before exactly three digits groups thousands; ``16.000,00`` and ``16,000.00`` are 16000.
    """
    groups = re.split(r"[.,]", text)
    separators = [character for character in text if character in ".,"]
    if not separators:
        return Decimal(text)
    *middle, last = groups[1:]
    grouped = all(len(group) == 3 for group in middle) and len(groups[0]) <= 3
    if grouped and len(last) == 3 and len(set(separators)) == 1 and groups[0] != "0":
        return Decimal("".join(groups))
    if (not middle and len(last) != 3) or (grouped and (not middle or separators[-1] != separators[0])):
        return Decimal("".join(groups[:-1]) + "." + last)
    return Decimal("".join(groups))  # a misprint such as 10.00.000: every digit counts


def _spelled(words: list[str]) -> tuple[Decimal, int] | None:
    """Value of the longest number spelled in words at the start of ``words``, and how many words it takes."""
    total = current = used = 0
    for position, word in enumerate(words):
        if word in _UNITS:
            if current and current % 10 and not (position and words[position - 1] in ("ratus", "hundred", "puluh")):
                break
            current += _UNITS[word]
        elif word in _TENS:
            if current % 100:
                break
            current += _TENS[word]
        elif word in _HUNDREDS:
            if word == "seribu":
                total, current = total + 1_000, 0
            else:
                current += 100
        elif word == "belas" and current % 10 > 0 and position:
            current += 10
        elif word == "puluh" and current % 10:
            current += current % 10 * 9
        elif word in ("ratus", "hundred") and 0 < current < 10:
            current *= 100
        elif word == "and" and position and words[position - 1] in ("hundred", "thousand"):
            continue
        elif word in _SCALES and current:
            total, current = total + current * _SCALES[word], 0
        else:
            break
        used = position + 1
    return (Decimal(total + current), used) if used else None


def _merge_spelled(tokens: list[Token]) -> list[Token]:
    """Replace runs of number words by one number, or by one amount where ``rupiah`` stands beside it."""
    merged: list[Token] = []
    position = 0
    while position < len(tokens):
        token = tokens[position]
        spelled = None
        if token.kind is Kind.WORD and token.text in _NUMBER_WORDS:
            stop = position
            last = min(len(tokens), position + _LONGEST_NUMBER)
            while stop < last and tokens[stop].kind is Kind.WORD and tokens[stop].text in _IN_NUMBERS:
                stop += 1
            spelled = _spelled([word.text for word in tokens[position:stop]])
        if spelled is None:
            merged.append(token)
            position += 1
            continue
        value, used = spelled
        text = " ".join(word.text for word in tokens[position : position + used])
        position += used
        if position < len(tokens) and tokens[position].text in ("rupiah", "perak"):
            merged.append(Token(Kind.MONEY, text + " rupiah", value))
            position += 1
        else:
            merged.append(Token(Kind.NUMBER, text, value))
    return merged


@lru_cache(maxsize=65_536)
def lex(text: str) -> tuple[Token, ...]:
    """Tokens of ``text``, lower-cased; quotation marks and other signs vanish."""
    text = text.replace("’", "'").replace("‘", "'").lower()
    tokens: list[Token] = []
    for match in _PATTERN.finditer(text):
        kind, found = match.lastgroup, match.group()
        if match["email"]:
            tokens.append(Token(Kind.EMAIL, found.rstrip(".")))
        elif match["link"]:
            address = re.sub(r"^(?:https?://)?(?:www\.)?", "", found).rstrip("./,")
            tokens.append(Token(Kind.LINK, address or found))
        elif match["phone"]:
            tokens.append(Token(Kind.PHONE, re.sub(r"\D", "", found)))
        elif match["foreign"]:
            tokens.append(Token(Kind.FOREIGN_MONEY, found))
        elif match["money"]:
            digits = match["m1"] or match["m2"] or match["m3"]
            scale = match["s1"] or match["s2"]
            value = parse_number(digits)
            if scale:  # "1.250 ribu" is not written; "1,5 juta" and "16.5k" are decimals
                value = Decimal(digits.replace(",", ".")) if re.fullmatch(r"\d+[.,]\d{1,2}", digits) else value
                value *= _SCALES[scale]
            tokens.append(Token(Kind.MONEY, found, value))
        elif match["number"]:
            tokens.append(Token(Kind.NUMBER, found, parse_number(found.rstrip("%"))))
            if found.endswith("%"):
                tokens.append(Token(Kind.WORD, "percent"))
        elif match["word"]:
            amount = _SLANG_AMOUNTS.get(found)
            tokens.append(Token(Kind.MONEY, found, Decimal(amount)) if amount else Token(Kind.WORD, found))
        elif kind == "sentence":
            tokens.append(Token(Kind.SENTENCE_END, found))
        else:
            tokens.append(Token(Kind.CLAUSE_END, found))
    return tuple(_merge_spelled(tokens))
