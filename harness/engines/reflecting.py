"""Candidates that reflect: the model is asked to check its first answer and to write it anew, once. Over any engine."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from harness.candidates.candidate import Candidate
from harness.engines import Answered, Batch, Draft, Engine, Usage
from harness.suite.item import Item
from harness.suite.prompts import Message


class ReflectingEngine(Engine):
    """Answers as ``inner`` does; where a candidate reflects, the second answer counts and the first is kept as a draft."""

    def __init__(self, inner: Engine) -> None:
        self._inner = inner
        self.together = inner.together

    def select(self, candidate: Candidate) -> None:
        """Make ready for ``candidate``."""
        self._candidate = candidate
        self._inner.select(candidate)

    def render(self, items: Sequence[Item], further: Sequence[Sequence[Message]] = ()) -> list[str]:
        """The first prompts."""
        return self._inner.render(items, further)

    def lengths(self, prompts: Sequence[str]) -> list[int]:
        """Lengths of the first prompts."""
        return self._inner.lengths(prompts)

    def answer(self, items: Sequence[Item], prompts: Sequence[str]) -> list[str]:
        """The answers that count, for the selected candidate."""
        (answered,) = self.stream([Batch(self._candidate, 0, items, prompts)])
        return list(answered.completions)

    def stream(self, batches: Sequence[Batch]) -> Iterator[Answered]:
        """Batches of candidates that do not reflect first; the others a few at a time, so that a kill loses few drafts."""
        yield from self._inner.stream([batch for batch in batches if not batch.candidate.settings.reflection])
        for window in _windows([batch for batch in batches if batch.candidate.settings.reflection], self.together):
            first = {_key(answered.batch): answered for answered in self._inner.stream(window)}
            second = [self._second(answered) for answered in first.values()]
            for answered in self._inner.stream(second):
                yield _joined(first[_key(answered.batch)], answered)

    def proof(self) -> dict[str, Any] | None:
        """Evidence that the selected adapter acts."""
        return self._inner.proof()

    def describe(self) -> dict[str, Any]:
        """Versions and device."""
        return self._inner.describe()

    def _second(self, answered: Answered) -> Batch:
        """The batch with prompts that go on after the first answers."""
        batch = answered.batch
        self.select(batch.candidate)
        turns = [
            second_turn(batch.candidate, item, draft)
            for item, draft in zip(batch.items, answered.completions, strict=True)
        ]
        return replace(batch, prompts=self.render(batch.items, turns))


def second_turn(candidate: Candidate, item: Item, draft: str) -> list[Message]:
    """The first answer and the request to check it, in the language of the item."""
    reflection = candidate.settings.reflection
    assert reflection is not None
    return [
        {"role": "assistant", "content": draft},
        {"role": "user", "content": reflection.id if item.language == "id" else reflection.en},
    ]


def _joined(first: Answered, second: Answered) -> Answered:
    drafts = [Draft(*pair) for pair in zip(first.completions, second.batch.prompts, strict=True)]
    usage: list[Usage] = [*first.usage, *second.usage]
    return Answered(first.batch, second.completions, usage, drafts)


def _key(batch: Batch) -> tuple[str, int]:
    return batch.candidate.name, batch.number


def _windows(batches: Sequence[Batch], prompts: int) -> Iterator[list[Batch]]:
    """Batches in groups of at least ``prompts`` prompts, but for the last."""
    window: list[Batch] = []
    for batch in batches:
        window.append(batch)
        if sum(len(each.prompts) for each in window) >= prompts:
            yield window
            window = []
    if window:
        yield window
