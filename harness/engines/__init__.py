"""Engines: they turn rendered prompts into completions, one file each, behind one small interface."""

from collections.abc import Sequence
from typing import Any, Protocol

from harness.candidates.candidate import Candidate
from harness.errors import InputError
from harness.suite.item import Item


class Engine(Protocol):
    """What the run needs of an engine. `select` comes first; it may be called again for another candidate."""

    def select(self, candidate: Candidate) -> None:
        """Make ready to answer for ``candidate``."""

    def render(self, items: Sequence[Item]) -> list[str]:
        """The prompt of each item, as the model reads it."""

    def lengths(self, prompts: Sequence[str]) -> list[int]:
        """Length of each prompt in tokens, by which batches are planned."""

    def answer(self, items: Sequence[Item], prompts: Sequence[str]) -> list[str]:
        """One raw completion a prompt, verbatim."""

    def proof(self) -> dict[str, Any] | None:
        """Evidence that the selected adapter acts, or ``None`` without an adapter. Raises `IntegrityError` if it does not."""

    def describe(self) -> dict[str, Any]:
        """Versions and device, for the manifest."""


def open_engine(candidate: Candidate) -> Engine:
    """A fresh engine for ``candidate``, which may serve others of the same model and precision by `Engine.select`."""
    if candidate.engine == "recorded":
        from harness.engines.recorded import RecordedEngine

        return RecordedEngine()
    try:
        from harness.engines.hf import HuggingFaceEngine
    except ModuleNotFoundError as error:
        raise InputError(
            f"candidate {candidate.name}: engine hf needs {error.name}; run: pip install -c constraints.txt -e '.[cpu]'"
        ) from None

    return HuggingFaceEngine(candidate)
