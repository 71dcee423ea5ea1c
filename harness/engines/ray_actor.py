"""What runs on a node of a Ray cluster: an engine of this package, made there and asked from afar. Nothing here needs ray."""

import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from harness import __version__
from harness.candidates.candidate import Candidate
from harness.config import CandidateConfig, Config
from harness.engines import Batch, Draft, Usage, open_engine
from harness.errors import HarnessError, InputError, IntegrityError
from harness.suite.item import Item


@dataclass(frozen=True, slots=True)
class Sent:
    """A candidate on its way to a node, without what was computed of it: the node computes its fingerprint anew."""

    name: str
    settings: CandidateConfig
    config: Config
    fingerprint: str

    @classmethod
    def of(cls, candidate: Candidate) -> "Sent":
        """A candidate, with the folder of its project as every node must see it."""
        config = candidate.config.model_copy(update={"root": candidate.config.root.resolve()})
        return cls(candidate.name, candidate.settings, config, candidate.fingerprint)

    def here(self) -> Candidate:
        """The candidate on this node. Raises `IntegrityError` where its files are not those of the command's node."""
        candidate = Candidate(self.name, self.settings, self.config)
        if candidate.fingerprint != self.fingerprint:
            raise IntegrityError(
                f"candidate {self.name}: its files under {self.config.root} are not those of the node that asks; share the "
                "project's folder, or copy it anew"
            )
        return candidate


@dataclass(frozen=True, slots=True)
class Piece:
    """A batch on its way to a node."""

    candidate: str
    items: Sequence[Item]
    prompts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a batch, on its way back."""

    completions: Sequence[str]
    usage: Sequence[Usage]
    drafts: Sequence[Draft]


class EngineActor:
    """Holds an engine and answers batches with it."""

    def open(self, actors: int, version: str, sent: Sequence[Sent]) -> None:
        """Load the engine, one of ``actors`` alike. Raises what it raises, with the node's name before it."""
        try:
            if version != __version__:
                raise InputError(f"harness is {__version__} there and {version} here; install one version")
            self._candidates = {each.name: _share_of(each.here(), actors) for each in sent}
            self._engine = open_engine(list(self._candidates.values()))
        except HarnessError as error:
            raise type(error)(f"node {socket.gethostname()}: {error}") from None
        self._shown: set[str] = set()

    def call(self, candidate: str, method: str, *arguments: Any) -> Any:
        """A method of the engine, for a candidate."""
        self._engine.select(self._candidates[candidate])
        return getattr(self._engine, method)(*arguments)

    def answer(self, pieces: Sequence[tuple[int, Piece]]) -> Iterator[tuple[int, Reply]]:
        """Batches answered, as they are done. Before its first answer each adapter is shown to act on this node too."""
        batches = []
        for number, piece in pieces:
            candidate = self._candidates[piece.candidate]
            if piece.candidate not in self._shown:
                self._engine.select(candidate)
                self._engine.proof()
                self._shown.add(piece.candidate)
            batches.append(Batch(candidate, number, piece.items, piece.prompts))
        for answered in self._engine.stream(batches):
            yield answered.batch.number, Reply(answered.completions, answered.usage, answered.drafts)


def _share_of(candidate: Candidate, actors: int) -> Candidate:
    """The candidate with its share of the calls that its server is asked at once; where there is none, as it is."""
    endpoint = candidate.settings.endpoint
    if endpoint is None:
        return candidate
    fewer = endpoint.model_copy(update={"concurrency": max(1, endpoint.concurrency // actors)})
    return replace(candidate, settings=candidate.settings.model_copy(update={"endpoint": fewer}))
