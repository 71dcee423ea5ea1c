"""Pages as templates see them: words in the reader's language, texts with nothing hidden, guideline, facts."""

import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

from harness.scoring.completion import parse
from harness.suite.item import Item
from harness.suite.knowledge import Fact, KnowledgeBase
from harness.text.visible import pieces

Language = Literal["id", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
FOLDER = Path(__file__).parent
GUIDELINE = "1"
"""Version of the guideline, stored with every label; a changed meaning is a new version and a new file."""


@cache
def words(language: Language) -> dict[str, str]:
    """The interface's words."""
    table: dict[str, str] = tomllib.loads((FOLDER / "words.toml").read_text(encoding="utf-8"))[language]
    return table


@cache
def guideline(language: Language) -> Markup:
    """The guideline as HTML; markup inside the Markdown is not passed on."""
    text = (FOLDER / "guideline" / f"{GUIDELINE}.{language}.md").read_text(encoding="utf-8")
    return Markup(MarkdownIt("commonmark", {"html": False}).render(text))


def shown(text: str) -> Markup:
    """Text of others as HTML: escaped, every hidden character named, its direction kept to itself."""
    parts = (
        Markup('<span class="unseen">{}</span>').format(piece) if hidden else Markup.escape(piece)
        for piece, hidden in pieces(text)
    )
    return Markup('<bdi dir="auto">{}</bdi>').format(Markup("").join(parts))


def answer_view(completion: str) -> dict[str, Any]:
    """An answer as the customer reads it, or the best reading of what was written; its reasoning apart."""
    parsed = parse(completion)
    text = parsed.whole if parsed.answer is None else parsed.answer
    return {"text": text, "reached": parsed.answer is not None, "reasoning": parsed.reasoning or ""}


def facts_view(item: Item, retrieved: Sequence[str], knowledge: KnowledgeBase) -> dict[str, list[str]]:
    """Facts in the question's language: those it rests on, what a right answer does, and others that search found."""
    required = [each for each in item.facts_required if isinstance(each, str)]
    own = list(dict.fromkeys((*item.knowledge, *required)))
    groups: dict[str, list[Fact]] = {"own_facts": [], "right_answer": [], "found_facts": []}
    for fact_id in own:
        groups["right_answer" if fact_id.startswith("answer.") else "own_facts"].append(knowledge[fact_id])
    groups["found_facts"] = [knowledge[each] for each in retrieved if each in knowledge and each not in own]
    return {name: [fact.text[item.language] for fact in facts] for name, facts in groups.items() if facts}


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["shown"] = shown
    return environment


def render(template: str, language: Language, **values: Any) -> str:
    """A page in one language."""
    page = _environment().get_template(f"{template}.html.j2")
    return page.render(words=words(language), language=language, **values)
