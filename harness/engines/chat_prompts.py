"""Prompts of a model that is held on this machine: the conversation through its chat template, as text and as token ids.

Every engine that reads weights renders here, so that a candidate is asked the same by each of them.
"""

from collections.abc import Sequence
from typing import Any

from harness.candidates.candidate import Candidate
from harness.engines.asking import asking
from harness.errors import InputError
from harness.suite.item import Item
from harness.suite.prompts import Message


class ChatPrompts:
    """Renders for one candidate at a time."""

    def __init__(self, tokenizer: Any, context: int, candidate: Candidate) -> None:
        """``context`` is the longest prompt and answer together, in tokens."""
        self._tokenizer, self._context = tokenizer, context
        self.select(candidate)

    def select(self, candidate: Candidate) -> None:
        """Ask as ``candidate`` is asked from here on."""
        self._candidate = candidate
        self._ask = asking(candidate)

    def render(self, items: Sequence[Item], further: Sequence[Sequence[Message]] = ()) -> list[str]:
        """Prompts by the candidate's chat template, system prompt and retrieval; ``further`` turns of each item follow its own."""
        if not (self._candidate.chat_template or self._tokenizer.chat_template):
            raise InputError(
                f"candidate {self._candidate.name}: model {self._candidate.settings.model} has no chat template; "
                f"set chat_template under [candidates.{self._candidate.name}]"
            )
        return [
            self._tokenizer.apply_chat_template(
                [*self._ask(item), *turns],
                tokenize=False,
                add_generation_prompt=True,
                chat_template=self._candidate.chat_template,
            )
            for item, turns in zip(items, further or [()] * len(items), strict=True)
        ]

    def token_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text. The template writes all special tokens itself: none is added, so none stands twice."""
        found: list[list[int]] = self._tokenizer(list(texts), add_special_tokens=False)["input_ids"]
        return found

    def lengths(self, prompts: Sequence[str]) -> list[int]:
        """Token counts. Raises `InputError` where a prompt leaves no room for an answer."""
        counts = [len(ids) for ids in self.token_ids(prompts)]
        new = self._candidate.generation.max_new_tokens
        later = 0
        if (
            reflection := self._candidate.settings.reflection
        ):  # its second prompt holds the first answer and the request
            later = new + max(map(len, self.token_ids([reflection.id, reflection.en])))
        if max(counts) + later + new > self._context:
            raise InputError(
                f"candidate {self._candidate.name}: a prompt of {max(counts) + later} tokens leaves no room for "
                f"{new} new ones in a context of {self._context}"
            )
        return counts
