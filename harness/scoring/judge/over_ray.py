"""Asking the judge from the nodes of a Ray cluster. Replies and budget stay where the command runs, in the one store.

Each node asks its share of the questions by `ask_here`, and each of its looks into the store, reservations of budget and replies
goes through an actor on the command's own node. So a reply is stored before the node that got it asks further, no node
can pass the budget, and what a lost node had under way stays counted at its most, like the calls of a killed process.
"""

import asyncio
import socket
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from harness import __version__
from harness.cluster.pool import Pool, join, result
from harness.errors import HarnessError, InputError
from harness.scoring.judge.cache import Cache, Cost, StoredReply
from harness.scoring.judge.client import api_key
from harness.scoring.judge.prompt import Question
from harness.scoring.judge.reply import Failure
from harness.scoring.judge.runner import BUDGET_SPENT, Arrived, Outcome, ask_here
from harness.scoring.judge.settings import JudgeSettings

_CALLS_A_SHARE = 16
"""Questions an actor is handed at once, for each of its calls at once."""


async def ask_over_ray(settings: JudgeSettings, questions: Sequence[Question], cache: Cache, arrived: Arrived) -> None:
    """`ask_all` from the nodes of the cluster ``settings.ray``, with ``settings.concurrency`` calls at once in all."""
    assert settings.ray
    # What this node finds by meaning is part of the judge's identity; a node without those packages is still this judge.
    alone = settings.model_copy(update={"ray": None, "embeddings": settings.entries_by_meaning})
    most = min(settings.concurrency, len(questions))
    join(settings.ray)
    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
    store = ray.remote(StoreActor).options(num_cpus=0, scheduling_strategy=here).remote(cache.path.resolve())
    pool = Pool(JudgeActor, (__version__, alone, store), settings.ray, computes=False, most=most)
    refused: list[Question] = []
    each_at_once = max(1, settings.concurrency // pool.size)
    replies = pool.stream("answer", questions, _CALLS_A_SHARE * each_at_once)
    while (found := await asyncio.to_thread(next, replies, None)) is not None:
        outcome: Outcome = found[1]
        if outcome.result == Failure(BUDGET_SPENT):
            refused.append(outcome.question)
        else:
            arrived(outcome)
    # What one node was refused, another may have given back since.
    await ask_here(alone, refused, cache, arrived)


class StoreActor:
    """The store, on the node of the command."""

    def __init__(self, path: Path) -> None:
        self._cache = Cache(path)

    def call(self, method: str, arguments: Sequence[Any]) -> Any:
        """What the store's ``method`` returns."""
        return getattr(self._cache, method)(*arguments)


class FarReplies:
    """The store as another node sees it."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def _call(self, method: str, *arguments: Any) -> Any:
        return result(self._store.call.remote(method, arguments))

    def reply(self, key: str, usable: bool = True) -> StoredReply | None:
        """As `Cache.reply`."""
        found: StoredReply | None = self._call("reply", key, usable)
        return found

    def keep(
        self,
        key: str,
        judge: str,
        request: Mapping[str, Any],
        body: str,
        usable: bool,
        used: tuple[int, int, float | None],
        seconds: float,
    ) -> None:
        """As `Cache.keep`."""
        self._call("keep", key, judge, request, body, usable, used, seconds)

    def reserve(self, judge: str, most: Cost, tokens: int | None, dollars: float | None) -> bool:
        """As `Cache.reserve`."""
        return bool(self._call("reserve", judge, most, tokens, dollars))

    def settle(self, judge: str, reserved: Cost, used: Cost) -> None:
        """As `Cache.settle`."""
        self._call("settle", judge, reserved, used)


class JudgeActor:
    """Asks a share of the questions from its node, with the key of its node."""

    def open(self, actors: int, version: str, settings: JudgeSettings, store: Any) -> None:
        """Take a share of the calls at once. Raises `InputError` where the node lacks the key or this version."""
        try:
            if version != __version__:
                raise InputError(f"harness is {__version__} there and {version} here; install one version")
            api_key(settings)
        except HarnessError as error:
            raise type(error)(f"node {socket.gethostname()}: {error}") from None
        self._settings = settings.model_copy(update={"concurrency": max(1, settings.concurrency // actors)})
        self._replies = FarReplies(store)

    def answer(self, pieces: Sequence[tuple[int, Question]]) -> Iterator[tuple[int, Outcome]]:
        """The outcomes of questions, as they come."""
        numbers = {question.key: number for number, question in pieces}
        came: SimpleQueue[Outcome | BaseException | None] = SimpleQueue()

        def ask() -> None:
            try:
                asyncio.run(ask_here(self._settings, [question for _, question in pieces], self._replies, came.put))
                came.put(None)
            except BaseException as error:
                came.put(error)

        Thread(target=ask, daemon=True).start()
        while (found := came.get()) is not None:
            if isinstance(found, BaseException):
                raise found
            yield numbers[found.question.key], found
