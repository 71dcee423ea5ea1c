"""From an item and a completion to the messages the judge reads. What a candidate wrote is data, and cannot leave its frame.

The boundary is drawn by SHA-256 from everything between the lines, so that nobody can write a text that holds its own
boundary, and the same question to the judge is always the same text: replies can be found again by content.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from string import Template
from typing import Literal

from harness.hashing import sha256_json
from harness.scoring.completion import parse
from harness.scoring.judge.reply import Form
from harness.scoring.judge.rubric import instructions, item_template
from harness.suite.item import Item, Requirement
from harness.suite.knowledge import Fact, KnowledgeBase

BOUNDARY_DIGITS = 24
NOTHING = {"en": "(none)", "id": "(tidak ada)"}
_LOOK_ALIKES = {"<": "‹", ">": "›", "===": "＝＝＝"}
_CONTROL_TOKEN = re.compile(r"\[(/?[A-Z_]+)\]")


@dataclass(frozen=True, slots=True)
class Question:
    """What the judge is asked about one answer. ``key`` names its reply by content, under one judge's identity."""

    key: str
    instructions: str
    item: str
    knowledge: tuple[str, ...]
    prompt_sha256: str
    answer_sha256: str
    has_reasoning: bool
    form: Form = "judgement"


def visible(text: str) -> str:
    """The text with nothing hidden and nothing that a chat template would read as its own.

    Brackets of control tokens (``<|im_end|>``, ``[INST]``) and ``===`` are replaced by look-alikes, and characters that are
    not seen (zero width, bidirectional, tag characters) by their code.
    """
    shown = "".join(
        character
        if character == "\n" or unicodedata.category(character) not in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp")
        else f"\\u{ord(character):04x}"
        for character in text.replace("\r\n", "\n").replace("\t", " ")
    )
    for sign, alike in _LOOK_ALIKES.items():
        shown = shown.replace(sign, alike)
    return _CONTROL_TOKEN.sub(r"⟦\1⟧", shown)


def boundary(texts: Sequence[str]) -> str:
    """Letters and digits that stand in none of ``texts``."""
    for attempt in count():
        found = sha256_json([*texts, attempt])[:BOUNDARY_DIGITS]
        if not any(found in text for text in texts):
            return found
    raise AssertionError  # count() does not end


def question(
    judge_digest: str,
    item: Item,
    completion: str,
    knowledge: KnowledgeBase,
    found: Sequence[Fact],
    rubric: Literal["item", "en", "id"],
) -> Question:
    """The judge's question on a raw completion; ``found`` are the knowledge entries retrieved for the item."""
    language = item.language if rubric == "item" else rubric
    parsed = parse(completion)
    reasoning = parsed.reasoning or ""
    problem, thought, answer = (visible(text) for text in (item.problem, reasoning, parsed.whole))
    text = Template(item_template(language)).substitute(
        item_parts(item, knowledge, found, language),
        boundary=boundary((problem, thought, answer)),
        problem=problem,
        reasoning=thought or NOTHING[language],
        answer=answer or NOTHING[language],
    )
    prompt = sha256_json([instructions(language), text])
    answered = sha256_json(completion)
    return Question(
        key=sha256_json([judge_digest, prompt, answered]),
        instructions=instructions(language),
        item=text,
        knowledge=tuple(fact.id for fact in found),
        prompt_sha256=prompt,
        answer_sha256=answered,
        has_reasoning=bool(reasoning),
    )


def item_parts(item: Item, knowledge: KnowledgeBase, found: Sequence[Fact], language: str) -> dict[str, str]:
    """What the judge is told of an item, by the names in the template."""
    return {
        "scope": item.answerable,
        "required": _lines([_said(one, knowledge, language) for one in item.facts_required], language),
        "forbidden": _lines([_said(one, knowledge, language) for one in item.facts_forbidden], language),
        "gold": " ".join(item.expected_answer.split()),
        "knowledge": _lines([fact.text[language] for fact in found], language),
    }


def _said(requirement: Requirement, knowledge: KnowledgeBase, language: str) -> str:
    return knowledge[requirement].text[language] if isinstance(requirement, str) else " / ".join(requirement)


def _lines(texts: Sequence[str], language: str) -> str:
    return "\n".join(f"- {text}" for text in dict.fromkeys(texts)) or NOTHING[language]
