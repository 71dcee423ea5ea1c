"""Engines: they turn rendered prompts into completions, one file each, behind one small interface."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from harness.candidates.candidate import Candidate
from harness.errors import InputError
from harness.suite.item import Item


@dataclass(frozen=True, slots=True)
class Batch:
    """Items of one candidate that are answered and stored together."""

    candidate: Candidate
    number: int
    items: Sequence[Item]
    prompts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Usage:
    """What a batch took: tokens read and written, and where a server answered what it costs and which model it was."""

    prompt_tokens: int
    completion_tokens: int
    dollars: float | None = None
    served: str | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """A batch with one raw completion a prompt, verbatim. ``usage`` also counts replies that could not be used."""

    batch: Batch
    completions: Sequence[str]
    usage: Sequence[Usage] = ()


class Engine(Protocol):
    """What the run needs of an engine. `select` comes first; it may be called again for another candidate."""

    def select(self, candidate: Candidate) -> None:
        """Make ready to render and answer for ``candidate``."""

    def render(self, items: Sequence[Item]) -> list[str]:
        """The prompt of each item, as the model reads it."""

    def lengths(self, prompts: Sequence[str]) -> list[int]:
        """Length of each prompt in tokens, by which batches are planned."""

    def answer(self, items: Sequence[Item], prompts: Sequence[str]) -> list[str]:
        """One raw completion a prompt, verbatim, for the selected candidate."""

    def stream(self, batches: Sequence[Batch]) -> Iterator[Answered]:
        """Every batch answered, as it is done; several candidates' batches may come together.

        Here one after the other. An engine that answers several batches at once does so in its own.
        """
        selected = None
        for batch in batches:
            if batch.candidate is not selected:
                self.select(selected := batch.candidate)
            yield Answered(batch, self.answer(batch.items, batch.prompts))

    def proof(self) -> dict[str, Any] | None:
        """Evidence that the selected adapter acts, or ``None`` without an adapter. Raises `IntegrityError` if it does not."""

    def describe(self) -> dict[str, Any]:
        """Versions and device, for the manifest."""


_EXTRAS = {"hf": "cpu", "openai": "judge"}


def open_engine(candidates: Sequence[Candidate]) -> Engine:
    """A fresh engine for ``candidates`` that share one: `Candidate.shared_engine`."""
    first = candidates[0]
    try:
        if first.engine == "recorded":
            from harness.engines.recorded import RecordedEngine

            return RecordedEngine()
        if first.engine == "openai":
            from harness.engines.openai_compatible import OpenAICompatibleEngine

            return OpenAICompatibleEngine(first)
        from harness.engines.hf import HuggingFaceEngine
    except ModuleNotFoundError as error:
        extra = _EXTRAS[first.engine]
        raise InputError(
            f"candidate {first.name}: engine {first.engine} needs {error.name}; "
            f"run: pip install -c constraints.txt -e '.[{extra}]'"
        ) from None
    return HuggingFaceEngine(first)
