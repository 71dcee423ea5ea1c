"""One way to ask: an item becomes messages for a candidate, in ``lm_eval`` as in the harness."""

from collections.abc import Mapping, Sequence
from typing import Literal

from harness.suite.item import Item
from harness.suite.knowledge import Fact

Message = dict[str, str]
Exchange = tuple[str, str]
"""An earlier question and its answer."""

Headings = Mapping[Literal["id", "en"], str]
_NONE: Headings = {}


def user_turn(item: Item, facts: Sequence[Fact] = (), headings: Headings = _NONE) -> str:
    """The customer's message, under the knowledge entries retrieved for it, in its language.

    ``headings`` are the suite's ``knowledge_heading`` by language, wanted where there are facts.
    """
    if not facts:
        return item.problem
    entries = "\n".join(f"- {fact.text[item.language]}" for fact in facts)
    return f"{headings[item.language]}\n{entries}\n\n{item.problem}"


def messages(
    item: Item,
    system_prompt: str | None,
    facts: Sequence[Fact] = (),
    headings: Headings = _NONE,
    examples: Sequence[Exchange] = (),
) -> list[Message]:
    """Chat messages for an item; ``examples`` stand before it as turns of the conversation."""
    turns = [
        {"role": role, "content": content}
        for exchange in examples
        for role, content in zip(("user", "assistant"), exchange, strict=True)
    ]
    turns.append({"role": "user", "content": user_turn(item, facts, headings)})
    if system_prompt:
        turns.insert(0, {"role": "system", "content": system_prompt})
    return turns
