"""Topic files: many phrasings of one question with a few near-identical answers, expanded into training rows.

One JSON line a topic and language::

    {"topic": "pricing.lite_price", "domain": "pricing", "language": "id", "answerable": "in_scope", "facts": ["package.lite"],
     "questions": [...], "answers": [{"think": "...", "output": "..."}, ...], "author_kind": "model", "author": "..."}
"""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harness.errors import InputError
from harness.hashing import sha256_text
from harness.suggest import nearest
from harness.suite.item import AuthorKind, Item, Scope, Split
from harness.suite.suite import Suite, read_jsonl


class Answer(BaseModel):
    """One wording of a topic's answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    think: str = Field(min_length=1)
    output: str = Field(min_length=1)


class Topic(BaseModel):
    """One thing a customer wants to know, in one language."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    topic: str = Field(pattern=r"^[A-Za-z0-9_.-]+$")
    domain: str = Field(min_length=1)
    language: Literal["id", "en"]
    answerable: Scope
    facts: tuple[str, ...] = Field(min_length=1)
    questions: tuple[str, ...] = Field(min_length=1)
    answers: tuple[Answer, ...] = Field(min_length=1)
    author_kind: AuthorKind
    author: str = Field(min_length=1)


def load_topics(folder: Path, suite: Suite) -> list[Topic]:
    """Every topic of the folder's ``*.jsonl`` files, in the order of names and lines.

    Raises `InputError` naming file and line: a missing or unknown key, an unknown or withheld fact, a domain the suite lacks,
    a topic that stands twice in a language.
    """
    paths = sorted(folder.glob("*.jsonl"))
    if not paths:
        raise InputError(f"{folder}: no topic files (*.jsonl) there; name the folder that holds them")
    taught, domains = _taught(suite), suite.domains()
    seen: dict[tuple[str, str], str] = {}
    topics = []
    for path in paths:
        for number, row in read_jsonl(path):
            where = f"{path}:{number}"
            try:
                topic = Topic.model_validate(row)
            except ValidationError as error:
                first = error.errors()[0]
                raise InputError(f"{where}: field {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
            if topic.domain not in domains:
                raise InputError(f"{where}: unknown domain {topic.domain!r}{nearest(topic.domain, domains)}")
            for fact in topic.facts:
                if fact not in suite.knowledge:
                    raise InputError(f"{where}: unknown fact {fact!r}{nearest(fact, suite.knowledge.facts)}")
                if fact not in taught and not fact.startswith("answer."):
                    raise InputError(
                        f"{where}: fact {fact!r} is withheld: no row of the training split names it, so that the test set can "
                        "ask what was never taught; drop the topic, or add a row to the training split"
                    )
            first_place = seen.setdefault((topic.topic, topic.language), where)
            if first_place != where:
                raise InputError(
                    f"{where}: topic {topic.topic} stands twice in {topic.language}, first at {first_place}"
                )
            topics.append(topic)
    return topics


def _taught(suite: Suite) -> frozenset[str]:
    """Facts that a row of the training split asks for or rests on."""
    return frozenset(
        fact
        for item in suite.items(Split.TRAIN)
        for fact in (*item.facts_required, *item.knowledge)
        if isinstance(fact, str)
    )


def expand(topic: Topic, seed: int, questions: int | None = None, answers: int = 1) -> Iterator[Item]:
    """Rows of a topic: each question with ``answers`` of its answers, taken in turn from a start that the seed chooses.

    ``questions`` caps the number of questions; those kept are drawn by the seed and stay in file order. A row's id holds a
    digest of its question, so that an id never names another text after the file was edited.
    """
    chance = random.Random(f"{seed} {topic.topic} {topic.language}")
    start = chance.randrange(len(topic.answers))
    chosen = range(len(topic.questions))
    if questions is not None and questions < len(chosen):
        kept = sorted(chance.sample(chosen, questions))
    else:
        kept = list(chosen)
    for place, index in enumerate(kept):
        question = topic.questions[index]
        for turn in range(min(answers, len(topic.answers))):
            answer = topic.answers[(start + place + turn) % len(topic.answers)]
            yield _item(topic, question, answer, f"-{turn + 1}" if turn else "")


def _item(topic: Topic, question: str, answer: Answer, suffix: str) -> Item:
    return Item(
        id=question_id(topic, question) + suffix,
        intent=topic.topic,
        domain=topic.domain,
        language=topic.language,
        register="chatty",  # nobody labelled it, and no trainer reads it
        problem=question,
        generated_solution=f"<think>{answer.think}</think>\n<output>{answer.output}</output>",
        expected_answer=answer.output,
        answerable=topic.answerable,
        facts_required=topic.facts,
        knowledge=topic.facts,
        author_kind=topic.author_kind,
        author=topic.author,
        canary=None,
    )


def question_id(topic: Topic, question: str) -> str:
    """Id of a question's first row."""
    return f"{topic.topic}-{topic.language}-{sha256_text(question)[:8]}"
