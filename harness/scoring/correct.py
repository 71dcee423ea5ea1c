"""The primary metric: is the answer right?

Right means: it says every required fact, contradicts none, says nothing forbidden, and states no value that neither the
knowledge base nor the question holds. A right refusal is right because refusal is then the required fact. Some texts are no
answer at all (`harness.scoring.no_answer`): so long that the customer has to search them (over 150 words and five times the
gold's length), the customer's own words given back, another language than the customer's, a heap of keywords, two values left
to choose from, and an answer that takes itself back ("none of that is true") or gives up ("so we cannot help").

A fact is not said by words that only name it (`harness.text.mention`: "we have no information on sunglasses"), nor by a name
that the customer used, and that something is not known is no answer where it is said of another thing than was asked
(`harness.scoring.refusal`).

Scale 0 or 1, higher is better. Source: own definition, after FActScore's atomic facts (Min et al. 2023) with the facts
fixed per item instead of extracted by a model.
"""

from dataclasses import dataclass

from harness.scoring.completion import Completion
from harness.scoring.metric import Metric, Scores, scorer
from harness.scoring.no_answer import no_answer, retraction
from harness.scoring.refusal import NOT_KNOWN, gives_up, off_topic
from harness.scoring.unsupported import unsupported_claims
from harness.suite.item import Item, Requirement
from harness.suite.knowledge import KnowledgeBase
from harness.text.forms import asserts, compile_form, find

SUPPORT = "support.email"


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


def _forms(requirement: Requirement, knowledge: KnowledgeBase) -> tuple[str, ...]:
    return knowledge[requirement].said if isinstance(requirement, str) else requirement


def judge(answer: str, item: Item, knowledge: KnowledgeBase) -> Judgement:
    """Hold an answer, as the customer reads it, against an item."""
    missing, contradicted, forbidden = [], [], []
    for requirement in item.facts_required:
        stated = find(_forms(requirement, knowledge), answer)
        against = knowledge[requirement].denied if isinstance(requirement, str) else ()
        if not stated.said or not _says(requirement, answer, item, knowledge):
            missing.append(_label(requirement))
        if stated.denied or find(against, answer).said:
            contradicted.append(_label(requirement))
    only_support = item.is_answerable and set(item.facts_required) == {SUPPORT}
    if only_support and NOT_KNOWN in knowledge and find(knowledge[NOT_KNOWN].said, answer).said:
        contradicted.append(NOT_KNOWN)  # support is the answer here, not the way out
    for requirement in item.facts_forbidden:
        if find(_forms(requirement, knowledge), answer).said:
            forbidden.append(_label(requirement))
    unsupported = tuple(claim.text for claim in unsupported_claims(answer, item, knowledge))
    return Judgement(
        tuple(missing), tuple(contradicted), tuple(forbidden), unsupported, _no_answer(answer, item, knowledge)
    )


def _says(requirement: Requirement, answer: str, item: Item, knowledge: KnowledgeBase) -> bool:
    """Whether an answer that holds the words of a fact says it.

    Not where it only names them and neither the gold nor the fact's own text does so, nor where it gives the customer a name
    back and the gold says more.
    """
    if requirement == NOT_KNOWN:
        return not off_topic(answer, item, knowledge)
    if isinstance(requirement, str) and requirement.startswith("answer."):
        return True
    forms = _forms(requirement, knowledge)
    models = [item.expected_answer, *(knowledge[requirement].text.values() if isinstance(requirement, str) else ())]
    if _only_named(forms, answer) and not any(_only_named(forms, model) for model in models):
        return False
    new = tuple(form for form in forms if not (compile_form(form).is_name and find((form,), item.problem).said))
    return find(new, answer).said or not find(new, item.expected_answer).said


def _only_named(forms: tuple[str, ...], text: str) -> bool:
    return find(forms, text).said and not asserts(forms, text)


def _no_answer(answer: str, item: Item, knowledge: KnowledgeBase) -> str | None:
    required = [_forms(requirement, knowledge) for requirement in item.facts_required]
    keywords = tuple(
        form
        for requirement in item.facts_required
        if not (isinstance(requirement, str) and requirement.startswith("answer."))
        for form in _forms(requirement, knowledge)
    )
    if why := no_answer(answer, item, keywords, knowledge):
        return why
    # "That is not correct: Package D is ..." corrects the customer; "Package D is ... That is not correct." the answer.
    ends = [("takes itself back", retraction(answer))]
    if item.is_answerable and NOT_KNOWN not in item.facts_required and gives_up(item.expected_answer) is None:
        ends.append(("gives up", gives_up(answer)))
    for why, end in ends:
        if end is not None and not all(find(forms, answer[end:]).said for forms in required):
            return why
    return None


@scorer(
    version=5,
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
