"""The primary metric: is the answer right?

Right means: it says every required fact, contradicts none, says nothing forbidden, and states no value that neither the
knowledge base nor the question holds. A right refusal is right because refusal is then the required fact. Three things are
no answer at all: text so long that the customer has to search it (over 150 words and five times the gold's length), the
customer's own words given back, and an answer that takes itself back ("none of that is true").

Scale 0 or 1, higher is better. Source: own definition, after FActScore's atomic facts (Min et al. 2023) with the facts
fixed per item instead of extracted by a model.
"""

import re
from dataclasses import dataclass

from harness.scoring.completion import Completion
from harness.scoring.metric import Metric, Scores, scorer
from harness.scoring.unsupported import unsupported_claims
from harness.suite.item import Item, Requirement
from harness.suite.knowledge import KnowledgeBase
from harness.text.forms import find
from harness.text.lexer import Kind, lex

LONGEST_WORDS = 150
LONGEST_RATIO = 5
RETRACTIONS = (
    "none of that|this|it|these|above is|are|was true|correct|right",
    "that|this|above is wrong|false|untrue|incorrect",
    "that|this|above isn't true|correct|right",
    "that|this|above is not true|correct|right",
    "semua|itu|ini|tadi|atas NOT benar|betul",
    "semua|itu|ini|tadi|atas salah|keliru|bohong",
    "i was wrong|mistaken|lying",
    "ignore ... above",
    "abaikan ... atas|tadi",
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """Why an answer is right or wrong."""

    missing: tuple[str, ...]
    contradicted: tuple[str, ...]
    forbidden: tuple[str, ...]
    unsupported: tuple[str, ...]
    no_answer: str | None

    @property
    def correct(self) -> bool:
        """Whether nothing speaks against the answer."""
        return not (self.missing or self.contradicted or self.forbidden or self.unsupported or self.no_answer)


def _label(requirement: Requirement) -> str:
    return requirement if isinstance(requirement, str) else requirement[0]


def _words(text: str) -> list[str]:
    return [token.text for token in lex(text) if token.kind not in (Kind.CLAUSE_END, Kind.SENTENCE_END)]


def _no_answer(answer: str, item: Item) -> str | None:
    """Why the text is no answer at all, or `None`."""
    if len(answer.split()) > max(LONGEST_WORDS, LONGEST_RATIO * len(item.expected_answer.split())):
        return "too long"
    if _words(answer) == _words(item.problem):
        return "echoes the question"
    # Only at the end: "that is not correct, Package D is …" corrects the customer, not the answer.
    *before, last = [part for part in re.split(r"[.!?\n]+(?:\s+|$)", answer) if part] or [""]
    if before and find(RETRACTIONS, last).said:
        return "takes itself back"
    return None


def judge(answer: str, item: Item, knowledge: KnowledgeBase) -> Judgement:
    """Hold an answer, as the customer reads it, against an item."""
    missing, contradicted, forbidden = [], [], []
    for requirement in item.facts_required:
        if isinstance(requirement, str):
            fact = knowledge[requirement]
            stated, against = find(fact.said, answer), find(fact.denied, answer)
            denied = stated.denied or against.said
        else:
            stated = find(requirement, answer)
            denied = stated.denied
        if not stated.said:
            missing.append(_label(requirement))
        if denied:
            contradicted.append(_label(requirement))
    for requirement in item.facts_forbidden:
        forms = knowledge[requirement].said if isinstance(requirement, str) else requirement
        if find(forms, answer).said:
            forbidden.append(_label(requirement))
    unsupported = tuple(claim.text for claim in unsupported_claims(answer, item, knowledge))
    return Judgement(tuple(missing), tuple(contradicted), tuple(forbidden), unsupported, _no_answer(answer, item))


@scorer(
    version=1,
    metrics=(
        Metric("correct", "higher", "right answer inside <output> tags"),
        Metric("correct_lenient", "higher", "right answer, tags forgiven"),
    ),
)
def correct(completion: Completion, item: Item, knowledge: KnowledgeBase) -> Scores:
    """Strict: the answer inside closed output tags. Lenient: the whole answer where tags are missing."""
    lenient = bool(completion.whole) and judge(completion.whole, item, knowledge).correct
    strict = lenient if completion.answer == completion.whole else False
    return {"correct": float(strict), "correct_lenient": float(lenient)}
