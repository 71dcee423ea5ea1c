"""Ray: a pool of actors over a cluster, each of which holds one of the other engines. Which one decides the answers."""

from collections.abc import Iterator, Sequence
from typing import Any

import ray

from harness import __version__
from harness.candidates.candidate import Candidate
from harness.cluster.pool import Pool
from harness.engines import Answered, Batch, Engine
from harness.engines.ray_actor import EngineActor, Piece, Sent
from harness.suite.item import Item
from harness.suite.prompts import Message

_PROMPTS_A_SHARE = {"hf": 1, "vllm": 4096, "openai": 512}
"""Prompts an actor is handed at once. A batch fills hf; the others mix what they have, and must not run empty."""


class RayEngine(Engine):
    """Answers for candidates of one engine inside and one model. Nothing is loaded in this process."""

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self._inside = candidates[0].inside.engine
        sent = [Sent.of(candidate.inside) for candidate in candidates]
        self._pool = Pool(EngineActor, (__version__, sent), candidates[0].ray, computes=self._inside != "openai")
        self._candidate = candidates[0]

    def select(self, candidate: Candidate) -> None:
        """Ask as ``candidate`` is asked."""
        self._candidate = candidate

    def render(self, items: Sequence[Item], further: Sequence[Sequence[Message]] = ()) -> list[str]:
        """Prompts, rendered by the engine on one node."""
        return list(self._call("render", items, further))

    def lengths(self, prompts: Sequence[str]) -> list[int]:
        """Lengths of prompts, by the engine on one node."""
        return list(self._call("lengths", prompts))

    def answer(self, items: Sequence[Item], prompts: Sequence[str]) -> list[str]:
        """Completions for the selected candidate, in batches of its size."""
        size = self._candidate.batch_size
        batches = [
            Batch(self._candidate, number, items[start : start + size], prompts[start : start + size])
            for number, start in enumerate(range(0, len(items), size))
        ]
        found = {answered.batch.number: answered.completions for answered in self.stream(batches)}
        return [completion for number in range(len(batches)) for completion in found[number]]

    def stream(self, batches: Sequence[Batch]) -> Iterator[Answered]:
        """Batches as they come from any node; those of a node that dies are answered by others.

        Raises `HarnessError` where no node is left.
        """
        pieces = [Piece(batch.candidate.name, batch.items, batch.prompts) for batch in batches]
        most = max(1, _PROMPTS_A_SHARE[self._inside] // max((len(batch.items) for batch in batches), default=1))
        for number, reply in self._pool.stream("answer", pieces, most):
            yield Answered(batches[number], reply.completions, reply.usage, reply.drafts)

    def proof(self) -> dict[str, Any] | None:
        """Evidence from one node that the selected adapter acts. Every other shows it before its first answer."""
        found: dict[str, Any] | None = self._call("proof")
        return found

    def describe(self) -> dict[str, Any]:
        """What one node says of its engine, and how many there were to begin with."""
        inside: dict[str, Any] = self._call("describe")
        return {
            **inside,
            "engine": "ray",
            "inside": inside["engine"],
            "ray": ray.__version__,
            "actors": self._pool.size,
        }

    def _call(self, method: str, *arguments: Any) -> Any:
        return self._pool.call("call", self._candidate.name, method, *arguments)
