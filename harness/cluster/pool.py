"""Ray actors as a pool: pieces of work are shared out, replies come back one by one, and a lost actor's pieces go to others."""

import logging
import os
import socket
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")

import ray
from ray.exceptions import RayError, RayTaskError

from harness.cluster.settings import RaySettings
from harness.errors import HarnessError, InputError, error_line

LOSSES = 3
"""How often a piece may be under way on an actor that dies before the piece is taken to be the reason."""

_log = logging.getLogger("harness.ray")


def join(settings: RaySettings) -> None:
    """Connect to the cluster, or start one on this machine that ends with this process. Raises `InputError`."""
    if ray.is_initialized():
        return
    logging.getLogger("ray").setLevel(logging.ERROR)
    # Ray prints to standard output that a node died, whatever its settings: `Pool` says it, and there may be JSON.
    ray._private.worker.print_to_stdstream = lambda *data, **how: None
    address = settings.address or os.environ.get("RAY_ADDRESS")
    try:
        if settings.address not in (None, "auto"):  # Ray itself takes minutes to give up
            host, _, port = str(settings.address).rpartition(":")
            socket.create_connection((host, int(port)), timeout=10).close()
        ray.init(
            address, logging_level=logging.ERROR, log_to_driver=False, include_dashboard=None if address else False
        )
    except (OSError, RuntimeError, ValueError, AssertionError) as error:
        raise InputError(
            f"[ray] no cluster at {address or 'this machine'} ({error_line(error)}); start one (ray start --head), or mend "
            "address"
        ) from None


def room(settings: RaySettings, computes: bool) -> tuple[int, float]:
    """How many actors to start, and the GPUs of each; actors that do not compute get none by default.

    Raises `InputError` where the cluster has room for none, or for fewer than asked.
    """
    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    has_gpus = any(node.get("GPU", 0) for node in nodes)
    gpus = settings.gpus if settings.gpus is not None else float(has_gpus and computes)
    fits = sum(
        int(min(node.get("CPU", 0) // settings.cpus, node.get("GPU", 0) // gpus if gpus else float("inf")))
        for node in nodes
    )
    if fits < (settings.actors or 1):
        raise InputError(
            f"[ray] the cluster ({len(nodes)} nodes) has room for {fits} actors of {settings.cpus} CPUs and {gpus:g} GPUs, "
            f"not for {settings.actors or 1}; change actors, cpus or gpus, or add nodes"
        )
    return settings.actors or fits, gpus


def result(reference: Any) -> Any:
    """What an actor returned. An error meant for the user comes out as itself; `RayError` means that the actor is lost."""
    try:
        return ray.get(reference)
    except RayTaskError as error:
        if isinstance(error.cause, HarnessError):
            raise error.cause from None
        raise HarnessError(f"on a node of the Ray cluster: {error_line(error.cause)}") from error


@dataclass(slots=True)
class _Share:
    """Pieces that an actor has and has not replied to."""

    actor: Any
    left: set[int]


class Pool:
    """Actors of one class. Each is opened by its method ``open``, told how many there are, and used from then on."""

    def __init__(
        self,
        actor_class: type,
        arguments: Sequence[Any],
        settings: RaySettings,
        computes: bool,
        most: int | None = None,
    ) -> None:
        """``arguments`` are the further ones of ``open``. Waits for the first actor; raises what ``open`` raises."""
        join(settings)
        self._settings = settings
        self.size, gpus = room(settings, computes)
        self.size = min(self.size, most or self.size)
        remote = ray.remote(actor_class).options(
            num_cpus=settings.cpus, num_gpus=gpus, max_restarts=0, max_task_retries=0, scheduling_strategy="SPREAD"
        )
        actors = [remote.remote() for _ in range(self.size)]
        self._opening = {actor.open.remote(self.size, *arguments): actor for actor in actors}
        self._idle: list[Any] = []
        self._some_idle()

    def call(self, method: str, *arguments: Any) -> Any:
        """The result of ``method`` of any idle actor; where it dies, of the next."""
        while True:
            self._some_idle()
            try:
                return result(getattr(self._idle[0], method).remote(*arguments))
            except RayError:
                self._lost(self._idle.pop(0), 0)

    def stream(self, method: str, pieces: Sequence[Any], most: int) -> Iterator[tuple[int, Any]]:
        """The number of each of ``pieces`` with what a ``method`` of some actor yields for it, as they come.

        ``method`` takes a list of numbers and pieces, and yields each number with its reply. An actor gets at most ``most``
        pieces at a time, and never more than half of its even share of what waits, so that all end together.
        Raises what ``method`` raises, and `HarnessError` where a piece is lost `LOSSES` times or no actor is left.
        """
        waiting = deque(range(len(pieces)))
        losses: Counter[int] = Counter()
        under_way: dict[Any, _Share] = {}
        try:
            while waiting or under_way:
                while waiting and self._idle:
                    actor = self._idle.pop(0)
                    size = max(1, min(most, len(waiting) // (2 * self.size)))
                    taken = [waiting.popleft() for _ in range(min(size, len(waiting)))]
                    stream = getattr(actor, method).remote([(number, pieces[number]) for number in taken])
                    under_way[stream] = _Share(actor, set(taken))
                if not under_way:
                    self._some_idle()
                    continue
                (ready,), _ = ray.wait([*self._opening, *under_way])
                if ready in self._opening:
                    self._opened(ready)
                    continue
                share = under_way[ready]
                try:
                    number, reply = result(next(ready))
                except StopIteration:
                    del under_way[ready]
                    self._idle.append(share.actor)
                except RayError:
                    del under_way[ready]
                    waiting.extendleft(sorted(share.left, reverse=True))
                    losses.update(share.left)
                    self._lost(share.actor, len(share.left))
                    self._not_too_often(losses)
                else:
                    share.left.remove(number)
                    yield number, reply
        finally:
            for share in under_way.values():  # only where the work is given up: what is under way need not end
                ray.kill(share.actor)
                self.size -= 1

    def _some_idle(self) -> None:
        """Wait until an actor is open, where none is at work."""
        while not self._idle:
            if not self.size:
                raise HarnessError(
                    "no node of the Ray cluster is left to answer; what was answered is kept, run the same command again"
                )
            ready, _ = ray.wait(list(self._opening), timeout=self._settings.wait)
            if not ready:
                raise HarnessError(
                    f"[ray] no actor was ready within {self._settings.wait:g} s: others hold the cluster's CPUs or GPUs, or "
                    "loading takes longer; wait for them, or raise wait"
                )
            self._opened(ready[0])

    def _opened(self, reference: Any) -> None:
        actor = self._opening.pop(reference)
        try:
            result(reference)
        except RayError:
            self._lost(actor, 0)
        else:
            self._idle.append(actor)

    def _lost(self, actor: Any, pieces: int) -> None:
        """Go on without an actor whose process or node is gone or does not answer."""
        ray.kill(actor)
        self.size -= 1
        given = f"; what it had goes to others ({pieces} in all)" if pieces else ""
        _log.warning("harness: an actor or its node was lost%s; %d left", given, self.size)

    def _not_too_often(self, losses: Counter[int]) -> None:
        if losses and max(losses.values()) >= LOSSES:
            raise HarnessError(
                f"{LOSSES} actors of the Ray cluster died over the same piece of work, likely for want of memory; lower "
                "batch_size or give actors more room; what was answered is kept"
            )
