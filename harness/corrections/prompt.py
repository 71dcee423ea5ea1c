"""What the model under ``[judge]`` is told as a teacher. A changed text is a new version in a folder of its own."""

from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from string import Template

from harness.hashing import sha256_json
from harness.scoring.judge.prompt import NOTHING, Question, boundary, visible
from harness.scoring.judge.rubric import ITEM_HEADING
from harness.suite.item import Item
from harness.suite.knowledge import Fact

PROMPT_VERSION = "v1"


@lru_cache
def prompt_text(language: str) -> str:
    """The whole file of a language, ``"en"`` or ``"id"``."""
    folder = files("harness.corrections") / "prompt" / PROMPT_VERSION
    return (folder / f"{language}.md").read_text(encoding="utf-8")


def teaching_question(teacher_sha256: str, item: Item, facts: Sequence[Fact], service: str) -> Question:
    """The teacher's question on an item: its message and ``facts``, and neither its gold nor any run's answer."""
    told, _, template = prompt_text(item.language).partition(ITEM_HEADING)
    problem = visible(item.problem)
    text = Template(template.strip()).substitute(
        service=service,
        knowledge="\n".join(f"- {fact.text[item.language]}" for fact in facts) or NOTHING[item.language],
        boundary=boundary([problem]),
        problem=problem,
    )
    prompt = sha256_json([told.strip(), text])
    return Question(
        key=sha256_json([teacher_sha256, prompt]), instructions=told.strip(), item=text,
        knowledge=tuple(fact.id for fact in facts), prompt_sha256=prompt, answer_sha256="", has_reasoning=True,
        form="correction",
    )  # fmt: skip
