"""Invented values: amounts, durations, counts, rates, emails, links and phone numbers that nothing supports.

A value named only to be denied ("bukan Rp16.000", "not 5 minutes") is no claim. A value is supported where the knowledge base, the customer's question or the gold answer holds the same value in the same
unit, or, where there is something to compute, follows in one step from values that were named
(`harness.scoring.arithmetic`). A credit is a photo, and a
bare number of the question supports any count. Scale: ``unsupported`` is 1 where the answer holds at least one such claim,
else 0; ``invented_price`` the same for rupiah amounts alone. Lower is better. Source: own definition.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from harness.scoring.arithmetic import computable
from harness.scoring.completion import Completion
from harness.scoring.metric import Metric, Scores, scorer
from harness.suite.item import Item
from harness.suite.knowledge import KnowledgeBase
from harness.text.lexer import Kind, Token, lex

_UNITS = {
    "second": "detik dtk dtik sekon second seconds sec secs",
    "minute": "menit mnt mnit minute minutes min mins",
    "hour": "jam hour hours hr hrs",
    "day": "hari hri day days",
    "week": "minggu mgg mnggu pekan week weeks",
    "month": "bulan bln month months",
    "year": "tahun thn year years",
    "photo": "kredit kredt credit credits foto poto gambar selfie lembar photo photos picture pictures selfies image images portrait portraits shots",
    "percent": "percent persen",
}
_COUNTS = frozenset({"photo"})
UNIT_OF = {word: unit for unit, words in _UNITS.items() for word in words.split()}
_BETWEEN = frozenset(
    "ai face facial wajah buah lembar clear good foto more or atau to sampai hingga additional hari".split()
)
_PHONE_DIGITS = 8
_DENIERS = frozenset("bukan bukannya not isn't wasn't aren't".split())
_BEFORE_VALUES = frozenset("the a at for of sebesar seharga untuk".split())


@dataclass(frozen=True, slots=True)
class Claim:
    """A value an answer states, with its unit, in a comparable form."""

    unit: str
    value: Decimal | str
    text: str
    denied: bool = False

    @property
    def key(self) -> tuple[str, Decimal | str]:
        """What makes two claims the same."""
        return self.unit, self.value


def _unit_after(tokens: tuple[Token, ...], position: int) -> str | None:
    """The unit of the number at ``position``, looking past a second number of a range and a few plain words."""
    for token in tokens[position + 1 : position + 4]:
        if token.kind is Kind.WORD and token.text in UNIT_OF:
            return UNIT_OF[token.text]
        skippable = token.kind is Kind.NUMBER or token.text in "-–—" or token.text in _BETWEEN
        if not skippable:
            return None
    return None


@lru_cache(maxsize=16_384)
def values(text: str) -> tuple[tuple[Decimal, int, str], ...]:
    """Amounts and numbers with a unit, in order: value, position of its token, unit."""
    tokens = lex(text)
    found = []
    for position, token in enumerate(tokens):
        if token.value is not None:
            unit = "money" if token.kind is Kind.MONEY else _unit_after(tokens, position)
            if unit:
                found.append((token.value.normalize(), position, unit))
    return tuple(found)


def _denied(tokens: tuple[Token, ...], position: int) -> bool:
    """Whether a negator stands right before the value: "not Rp16,000", but neither "not only ..." nor "no more than ..."."""
    position -= 1
    while position >= 0 and tokens[position].text in _BEFORE_VALUES:
        position -= 1
    return position >= 0 and tokens[position].text in _DENIERS


def _claims(text: str) -> Iterator[Claim]:
    tokens = lex(text)
    for position, token in enumerate(tokens):
        if token.kind in (Kind.EMAIL, Kind.LINK, Kind.PHONE, Kind.FOREIGN_MONEY):
            yield Claim(token.kind.value, token.text, token.text, _denied(tokens, position))
        elif token.value is not None:
            digits = sum(character.isdigit() for character in token.text)
            unit = "money" if token.kind is Kind.MONEY else _unit_after(tokens, position)
            if unit is None and digits >= _PHONE_DIGITS:
                unit = "phone"
            if unit:
                shown = token.text if unit == "money" else f"{token.text} {unit}"
                yield Claim(unit, token.value.normalize(), shown, _denied(tokens, position))


@lru_cache(maxsize=64)
def _known(texts: tuple[str, ...]) -> frozenset[tuple[str, Decimal | str]]:
    return frozenset(claim.key for text in texts for claim in _claims(text))


def unsupported_claims(answer: str, item: Item, knowledge: KnowledgeBase) -> list[Claim]:
    """Claims of ``answer`` that neither the knowledge base, the question nor the gold support."""
    stated = [
        claim for claim in _claims(answer) if not claim.denied and (claim.unit == "money" or claim.value not in (0, 1))
    ]
    if not stated:
        return []
    supported = _known(tuple(text for fact in knowledge.stated() for text in fact.text.values()))
    own = {claim.key for text in (item.problem, item.expected_answer) for claim in _claims(text)}
    asked = {token.value for token in lex(item.problem) if token.kind is Kind.NUMBER and token.value is not None}
    named = _known(tuple(text for fact in _named(item, knowledge) for text in knowledge[fact].text.values()))
    open_claims, operands = [], own | named
    for claim in stated:
        if claim.key in supported or claim.key in own or (claim.value in asked and claim.unit in _COUNTS):
            operands = operands | {claim.key}
        else:
            open_claims.append(claim)
    if not asked and all(claim.key in supported for claim in _claims(item.expected_answer)):
        return open_claims  # nothing to compute: no number asked about, none in the gold that the knowledge base lacks
    numbers = {(unit, value) for unit, value in operands if isinstance(value, Decimal)}
    counts = asked | {value for unit, value in numbers if unit in _COUNTS}
    return [
        claim
        for claim in open_claims
        if not isinstance(claim.value, Decimal) or not computable(claim.unit, claim.value, numbers, counts)
    ]


def _named(item: Item, knowledge: KnowledgeBase) -> list[str]:
    """The facts an item rests on that state something of the company."""
    return [fact for fact in (*item.facts_required, *item.knowledge) if isinstance(fact, str) and fact in knowledge]


@scorer(
    version=3,
    metrics=(
        Metric("unsupported", "lower", "states a value that nothing supports"),
        Metric("invented_price", "lower", "states a rupiah amount that nothing supports"),
    ),
)
def unsupported(completion: Completion, item: Item, knowledge: KnowledgeBase) -> Scores:
    """Judge the answer as the customer would read it; reasoning does not count."""
    claims = unsupported_claims(completion.whole, item, knowledge)
    return {
        "unsupported": float(bool(claims)),
        "invented_price": float(any("money" in claim.unit for claim in claims)),
    }
