"""Impostors: wrong candidates made from a suite's own items, to see whether the scorers let one pass.

Each writes an answer that a customer would not be helped by: a constant refusal, the gold with its meaning turned, another
question's gold, a heap of keywords. Where one does not apply (no number to change) it gives no answer, and the item is left
out of its denominator. Every choice is made by a hash of the item's id, so the answers are the same on every machine.

After the checklists of Ribeiro et al. (2020), ACL, arXiv:2005.04118, and the null models of Zheng et al. (2024),
arXiv:2410.07137, which win benchmarks with a constant answer.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from harness.suite.item import Item, Requirement
from harness.suite.knowledge import KnowledgeBase
from harness.suite.negation import negate_fact
from harness.text.forms import Term, compile_form
from harness.text.lexer import lex, parse_number

LIMIT = 0.02
"""Largest share of the answerable items an impostor may earn, and of all where the gold's meaning was turned."""

REFUSAL = {
    "id": "Mohon maaf, hal itu di luar layanan Facencial. Silakan bertanya seputar Facencial.",
    "en": "Sorry, that is outside Facencial's service. Please ask us about Facencial.",
}
NOT_KNOWN = {
    "id": "Mohon maaf, informasi itu tidak tersedia. Silakan tulis ke support@facencial.com.",
    "en": "Sorry, that information is not available. Please write to support@facencial.com.",
}
RETRACTIONS = {
    "id": (
        "Itu tidak benar.", "Maaf, jawaban tadi salah.", "Eh, bukan begitu.", "Semua itu bohong.",
        "Sebenarnya kebalikannya.", "Abaikan jawaban di atas.", "Tapi info barusan keliru.",
    ),
    "en": (
        "That is not true.", "Sorry, the answer above is wrong.", "Actually, it is the other way round.",
        "None of this is correct.", "Scratch that, it is false.", "Please ignore the above.", "But what I just said is wrong.",
    ),
}  # fmt: skip
ACTUALLY = {"id": ("Sebenarnya ", "Eh, ", "Namun, ", ""), "en": ("Actually, ", "Then again, ", "However, ", "")}
THANKS = {"id": "Terima kasih, Kak!", "en": "Thank you!"}

_NUMBER_WORDS = {
    "id": "satu dua tiga empat lima enam tujuh delapan sembilan sepuluh".split(),
    "en": "one two three four five six seven eight nine ten".split(),
}
_NUMBER = re.compile(r"\d+(?:[.,]\d{3})*(?![\d%])|[^\W\d_]+")


def _pick(item: Item, salt: str, count: int) -> int:
    """A number below ``count``, fixed by the item."""
    return int.from_bytes(hashlib.sha256(f"{salt}:{item.id}".encode()).digest()[:8], "big") % count


@dataclass(frozen=True)
class Deck:
    """The items of one split with their knowledge base, looked up by domain and intent."""

    items: Sequence[Item]
    knowledge: KnowledgeBase

    @cached_property
    def by_domain(self) -> Mapping[tuple[str, str], list[Item]]:
        """Items by domain and language."""
        groups: dict[tuple[str, str], list[Item]] = {}
        for item in self.items:
            groups.setdefault((item.domain, item.language), []).append(item)
        return groups

    @cached_property
    def by_intent(self) -> Mapping[str, list[Item]]:
        """Items by intent."""
        groups: dict[str, list[Item]] = {}
        for item in self.items:
            groups.setdefault(item.intent, []).append(item)
        return groups

    def forms(self, requirement: Requirement) -> tuple[str, ...]:
        """The forms that state a requirement."""
        return self.knowledge[requirement].said if isinstance(requirement, str) else requirement

    def service_facts(self, item: Item) -> list[Requirement]:
        """What the item requires beyond the gestures of refusing and pointing to support."""
        return [
            fact
            for fact in item.facts_required
            if not (isinstance(fact, str) and fact.startswith(("answer.", "support.email")))
        ]


def _refuse(item: Item, deck: Deck) -> str:
    return REFUSAL[item.language]


def _not_known(item: Item, deck: Deck) -> str:
    return NOT_KNOWN[item.language]


def _echo(item: Item, deck: Deck) -> str:
    return item.problem


def _dump(item: Item, deck: Deck) -> str:
    return " ".join(fact.text[item.language] for fact in deck.knowledge.stated())


def _empty(item: Item, deck: Deck) -> str:
    return ""


def _other_gold(item: Item, deck: Deck) -> str | None:
    """The gold of another intent of the domain that does not rest on everything this item requires."""

    def rests_elsewhere(other: Item) -> bool:
        held = {*other.facts_required, *other.knowledge}
        return other.intent != item.intent and not set(item.facts_required) <= held

    others = [other for other in deck.by_domain[item.domain, item.language] if rests_elsewhere(other)]
    return others[_pick(item, "other", len(others))].expected_answer if others else None


def _other_language(item: Item, deck: Deck) -> str | None:
    others = [other for other in deck.by_intent[item.intent] if other.language != item.language]
    return others[0].expected_answer if others else None


def _required_values(item: Item, deck: Deck) -> set[Decimal]:
    values: set[Decimal] = set()
    for requirement in item.facts_required:
        if isinstance(requirement, str):
            stated = deck.knowledge[requirement].value
            found = stated if isinstance(stated, tuple) else () if stated is None else (stated,)
            values.update(Decimal(str(value)) for value in found)
        else:
            values.update(token.value for form in requirement for token in lex(form) if token.value is not None)
    return values


def _changed_number(item: Item, deck: Deck) -> str | None:
    """Every mention of one required number becomes another: a known one of its kind where there is one."""
    words = _NUMBER_WORDS[item.language]

    def value_of(text: str) -> Decimal | None:
        if text[0].isdigit():
            return parse_number(text)
        return Decimal(words.index(text.lower()) + 1) if text.lower() in words else None

    required = _required_values(item, deck)
    present = sorted({value for text in _NUMBER.findall(item.expected_answer) if (value := value_of(text)) in required})
    if not present:
        return None
    old = present[_pick(item, "number", len(present))]
    assert old is not None
    known = [
        Decimal(number) for number in ((10_000, 16_000, 50_000) if old >= 1_000 else (500, 625) if old >= 500 else ())
    ]
    choices = [value for value in known if value != old] or [old + 2, old * 3]
    new = choices[_pick(item, "value", len(choices))]
    left = 1 if old == 1 else 1_000  # "1 credit = 1 photo" stays true where both are changed

    def change(found: re.Match[str]) -> str:
        nonlocal left
        if value_of(found[0]) != old or not left:
            return found[0]
        left -= 1
        if not found[0][0].isdigit() and new <= len(words):
            return words[int(new) - 1]
        return f"{int(new):,}".replace(",", "." if item.language == "id" else ",")

    return _NUMBER.sub(change, item.expected_answer)


def _negated_pairs(item: Item, deck: Deck) -> list[tuple[str, str]] | None:
    facts = deck.service_facts(item)
    return negate_fact(item.expected_answer, deck.forms(facts[0]), item.language) if facts else None


def _negated(item: Item, deck: Deck) -> str | None:
    pairs = _negated_pairs(item, deck)
    return " ".join(negated for _, negated in pairs) if pairs else None


def _retracted(item: Item, deck: Deck) -> str:
    wordings = RETRACTIONS[item.language]
    return f"{item.expected_answer} {wordings[_pick(item, 'retraction', len(wordings))]}"


def _contradicted(item: Item, deck: Deck) -> str | None:
    pairs = _negated_pairs(item, deck)
    if not pairs:
        return None
    against = next(negated for sentence, negated in pairs if negated != sentence)
    wordings = ACTUALLY[item.language]
    opening = wordings[_pick(item, "actually", len(wordings))]
    return f"{item.expected_answer} {opening}{against[0].lower() + against[1:] if opening else against}"


def _thanking(make: "Make") -> "Make":
    def thanking(item: Item, deck: Deck) -> str | None:
        answer = make(item, deck)
        return f"{answer} {THANKS[item.language]}" if answer else None

    return thanking


def _soup(item: Item, deck: Deck) -> str | None:
    """The words and values of every form of the required facts, shuffled; a few words are a terse answer, no soup."""
    words: set[str] = set()
    for requirement in item.facts_required:
        for form in deck.forms(requirement):
            for term in compile_form(form).terms:
                if isinstance(term, Term) and not term.other:
                    words |= {*term.words, *term.prefixes, *(token.text for token in term.values)}
    if len(words) < 6:
        return None
    return " ".join(sorted(words, key=lambda word: hashlib.sha256(f"{item.id}:{word}".encode()).digest()))


Make = Callable[[Item, Deck], str | None]


@dataclass(frozen=True)
class Impostor:
    """A way to answer wrongly. ``turned``: it turns the meaning of the gold, so that unanswerable items count too."""

    name: str
    make: Make
    turned: bool = False
    reasons: bool = False

    def completion(self, item: Item, deck: Deck) -> str | None:
        """What the impostor writes, in tags, or `None` where it does not apply."""
        answer = self.make(item, deck)
        if answer is None:
            return None
        thought = re.search(r"<think>(.*?)</think>", item.generated_solution, re.DOTALL) if self.reasons else None
        return f"<think>{thought[1] if thought else '...'}</think>\n<output>{answer}</output>"


IMPOSTORS: tuple[Impostor, ...] = (
    Impostor("always-refuse", _refuse),
    Impostor("always-not-known", _not_known),
    Impostor("echo", _echo),
    Impostor("knowledge-dump", _dump),
    Impostor("other-gold", _other_gold),
    Impostor("other-language", _other_language),
    Impostor("empty-output", _empty, reasons=True),
    Impostor("keyword-soup", _soup),
    Impostor("changed-number", _changed_number, turned=True),
    Impostor("negated", _negated, turned=True),
    Impostor("retracted", _retracted, turned=True),
    Impostor("retracted-thanks", _thanking(_retracted), turned=True),
    Impostor("contradicted", _contradicted, turned=True),
    Impostor("contradicted-thanks", _thanking(_contradicted), turned=True),
)


@dataclass(frozen=True)
class Outcome:
    """What an impostor earned: intent means of `correct`, `None` where it applies to no such item."""

    name: str
    items: int
    answerable: float | None
    unanswerable: float | None
    limit: float
    passed: bool


def outcome(impostor: Impostor, items: Iterable[Item], right: Mapping[str, float]) -> Outcome:
    """Hold an impostor's ``right`` (0 or 1 by item id, where it applies) against its limit."""
    means: dict[bool, dict[str, list[float]]] = {True: {}, False: {}}
    for item in items:
        if item.id in right:
            means[item.is_answerable].setdefault(item.intent, []).append(right[item.id])

    def mean(intents: dict[str, list[float]]) -> float | None:
        return sum(sum(rows) / len(rows) for rows in intents.values()) / len(intents) if intents else None

    answerable, unanswerable = mean(means[True]), mean(means[False])
    held = [answerable, unanswerable] if impostor.turned else [answerable]
    passed = all(share is None or share <= LIMIT for share in held)
    return Outcome(impostor.name, len(right), answerable, unanswerable, LIMIT, passed)
