"""Personal data out of customers' messages, before anybody reads them: typed placeholders such as ``<PHONE>``.

Phone numbers are those that Google's numbering plan holds valid for Indonesia or with a country code (phonenumbers); NIK,
card and IBAN numbers are checked by their own rules (python-stdnum). Presidio would bring spaCy (245 MB) for what these two
already do. Prices, credit counts and durations stay. What no rule can see stays too: a name that nobody listed, a nickname,
an address. So a person reads every row (``review: "open"``) all the same.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field
from typing import Any

from harness.errors import InputError

# Of bounded parts, as in harness/text/lexer.py: a long run of letters would take quadratic time.
EMAIL = re.compile(r"[\w.+-]{0,63}\w@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_LONG_NUMBER = re.compile(r"(?<![\d.,])\d(?:[ .-]?\d){12,18}(?!\d|[.,]\d)")
_ACCOUNT = re.compile(
    r"\b(?:rekening|norek|rek|account (?:no|number)|bank account|virtual account|va)\b[^\d\n]{0,25}(\d[\d -]{5,20}\d)",
    re.IGNORECASE,
)
_INTRODUCTION = re.compile(
    r"\b(?i:nama (?:saya|aku|gw|gue|lengkap(?: saya)?)|my (?:full )?name is|my name's|atas nama|a\.n\.)"
    r"\s*(?i:adalah|itu|:)?\s*([A-Z][\w'’-]+(?: [A-Z][\w'’-]+){0,3})"
)
_NIK_DIGITS = 16


@dataclass
class Scrubber:
    """Masks personal data. ``own_addresses`` of the service stay; ``names`` are people's, one or more words each.

    A name's single word is not masked where it is one of ``vocabulary`` (lower case): a shop signs its mail "Foto Jaya".
    """

    own_addresses: Set[str] = frozenset()
    names: Iterable[str] = ()
    vocabulary: Set[str] = frozenset()
    _named: re.Pattern[str] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._named = _names_pattern(self.names, self.vocabulary)

    def scrub(self, text: str) -> tuple[str, Counter[str]]:
        """The text with placeholders, and how many of each kind. Raises `InputError` without the extra ``data``."""
        kept: list[tuple[int, int, str]] = []
        for start, end, kind in self._spans(text):  # the surer kinds come first and keep their place
            if all(end <= first or last <= start for first, last, _ in kept):
                kept.append((start, end, kind))
        for start, end, kind in sorted(kept, reverse=True):
            text = f"{text[:start]}<{kind}>{text[end:]}"
        return text, Counter(kind for _, _, kind in kept)

    def _spans(self, text: str) -> Iterator[tuple[int, int, str]]:
        try:
            import phonenumbers
        except ImportError:
            raise InputError(
                "masking personal data needs phonenumbers and python-stdnum; run: pip install 'harness[data]'"
            ) from None
        for match in EMAIL.finditer(text):
            if match[0].casefold() not in self.own_addresses:
                yield *match.span(), "EMAIL"
        yield from _checked_numbers(text)
        for found in phonenumbers.PhoneNumberMatcher(text, "ID", leniency=phonenumbers.Leniency.VALID):
            opened = found.raw_string.startswith("(") and ")" not in found.raw_string
            yield found.start + opened, found.end, "PHONE"
        for match in _ACCOUNT.finditer(text):
            yield *match.span(1), "ACCOUNT"
        for match in _INTRODUCTION.finditer(text):
            yield *match.span(1), "NAME"
        for match in self._named.finditer(text) if self._named else ():
            yield *match.span(), "NAME"


def _checked_numbers(text: str) -> Iterator[tuple[int, int, str]]:
    """IBAN, NIK and card numbers. Sixteen digits in one piece are taken for a mistyped NIK: no price has so many."""
    stdnum: Any = _stdnum()
    for match in _IBAN.finditer(text):
        if stdnum.iban.is_valid(match[0]):
            yield *match.span(), "IBAN"
    for match in _LONG_NUMBER.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if len(digits) == _NIK_DIGITS and stdnum.nik.is_valid(digits):
            yield *match.span(), "NIK"
        elif digits[0] in "3456" and stdnum.luhn.is_valid(digits):
            yield *match.span(), "CARD"
        elif len(digits) == _NIK_DIGITS and match[0] == digits:
            yield *match.span(), "NIK"


def _stdnum() -> Any:
    from types import SimpleNamespace

    from stdnum import iban, luhn
    from stdnum.id import nik

    return SimpleNamespace(iban=iban, luhn=luhn, nik=nik)


def _names_pattern(names: Iterable[str], vocabulary: Set[str]) -> re.Pattern[str] | None:
    """Full names in any case; their single words only as a name is written, with a capital: Putri, but not putri."""
    whole = sorted({" ".join(name.split()) for name in names if name.strip()}, key=len, reverse=True)
    parts = {word for name in whole for word in name.split() if len(word) > 2 and word[0].isalpha()}
    words = sorted((word for word in parts if word.casefold() not in vocabulary), key=len, reverse=True)
    if not whole:
        return None
    full = "|".join(re.escape(name).replace(r"\ ", r"\s+") for name in whole if " " in name) or r"(?!)"
    single = "|".join(re.escape(word[0].upper() + word[1:]) for word in words) or r"(?!)"
    shouted = "|".join(re.escape(word.upper()) for word in words) or r"(?!)"
    return re.compile(rf"\b(?:(?i:{full})|{single}|{shouted})\b")
