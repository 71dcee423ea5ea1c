"""What the reasoning of an answer says: is it there, and do its steps name the facts that the answer rests on?

No metric of a run, but a reading of one beside another: how much of a teacher's reasoning its student keeps. A step is a
sentence or clause ended by ``.``, ``;``, ``!`` or ``?``. Source: own definition, by the forms of facts that ``correct`` uses.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from harness.scoring.completion import parse
from harness.scoring.unsupported import unsupported_claims
from harness.suite.item import Item
from harness.suite.knowledge import KnowledgeBase
from harness.text.forms import find

_STEP = re.compile(r"(?<=[.;!?])\s+|\n+")


@dataclass(frozen=True, slots=True)
class Reasoning:
    """Counts of one completion's reasoning.

    ``right`` steps name a fact of the item and deny none, ``wrong`` ones deny one or state a value that nothing supports; the
    rest say neither, such as what the customer asks. ``named`` of ``required`` facts are said somewhere in it.
    """

    well_formed: bool
    steps: int
    right: int
    wrong: int
    named: int
    required: int


@dataclass(frozen=True, slots=True)
class Survival:
    """Shares (0 to 1) over completions: well-formed reasoning, right and wrong steps of all steps, required facts named."""

    well_formed: float
    right_steps: float
    wrong_steps: float
    facts_named: float


def read_reasoning(completion: str, item: Item, knowledge: KnowledgeBase) -> Reasoning:
    """Hold the reasoning of a raw completion against its item; without closed think tags there is none."""
    parsed = parse(completion)
    text = parsed.reasoning or ""
    required = [knowledge[one].said if isinstance(one, str) else one for one in item.facts_required]
    facts = {one for one in (*item.facts_required, *item.knowledge) if isinstance(one, str)}
    said = [knowledge[fact].said for fact in facts] + [one for one in item.facts_required if not isinstance(one, str)]
    denied = [knowledge[fact].denied for fact in facts]
    steps = [step for step in _STEP.split(text) if step.strip()]
    right = wrong = 0
    for step in steps:
        found = [find(forms, step) for forms in said]
        against = any(one.denied for one in found) or any(find(forms, step).said for forms in denied)
        if against or unsupported_claims(step, item, knowledge):
            wrong += 1
        elif any(one.said for one in found):
            right += 1
    named = sum(bool(find(forms, text).said) for forms in required)
    return Reasoning(parsed.well_formed, len(steps), right, wrong, named, len(required))


def survival(readings: Sequence[Reasoning]) -> Survival:
    """Shares over all readings; steps and facts are pooled. A model that reasons in no step has no right one: 0."""
    steps = sum(one.steps for one in readings)
    return Survival(
        well_formed=sum(one.well_formed for one in readings) / len(readings),
        right_steps=sum(one.right for one in readings) / max(steps, 1),
        wrong_steps=sum(one.wrong for one in readings) / max(steps, 1),
        facts_named=sum(one.named for one in readings) / sum(one.required for one in readings),
    )
