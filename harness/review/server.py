"""From candidates to a served review: draw, store, listen."""

import secrets
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from harness.candidates.candidate import Candidate
from harness.config import Config
from harness.errors import InputError
from harness.labels.planning import Answers, make_review, plan_tasks
from harness.labels.records import Kind, Review
from harness.labels.sampling import draw
from harness.labels.store import LabelStore
from harness.runs.answering import request, run_folders
from harness.runs.store import find_run
from harness.suite.item import Item, Split
from harness.suite.knowledge import KnowledgeBase
from harness.suite.lock import verify

if TYPE_CHECKING:
    from harness.corrections.queue import Queue

RETRIEVED = 5
LOOPBACK = ("127.0.0.1", "localhost")
SHORTEST_TOKEN = 16


def labels_path(config: Config) -> Path:
    """Where labels are stored."""
    return config.root / config.store / "labels.sqlite"


def stored_answers(candidate: Candidate, split: Split, config: Config) -> Answers:
    """What a candidate answered in its stored run, scored or not. Raises `InputError` where there is no complete run."""
    run = find_run(request(candidate, split).key, run_folders(config))
    if run is None:
        raise InputError(
            f"no complete run of {candidate.name} on {split}; make it first: harness run {candidate.name} --split {split}"
        )
    run.verify()
    return Answers(candidate.name, run.key, {sample.id: sample.completion for sample in run.samples()})


def prepare(
    candidates: Sequence[Candidate], split: Split, config: Config, items: int, double: float, seed: int, pairs: bool
) -> tuple[LabelStore, Review]:
    """The review of this draw: made, or the stored one where it was started before.

    Raises `InputError` where two candidates share a run, answers are missing, or the sizes do not fit.
    """
    from harness.engines.retrieval import Retriever

    suite = candidates[0].suite
    lock = verify(suite)["sha256"]
    kind: Kind = "pair" if pairs else "single"
    if pairs and len(candidates) < 2:
        raise InputError("--pairs needs two candidates")
    arms = [stored_answers(candidate, split, config) for candidate in candidates]
    if len({arm.run for arm in arms}) < len(arms):
        raise InputError("two of these candidates have one and the same run; name each only once")
    review = make_review(kind, suite.name, split, lock, arms, items, double, seed)
    drawn = draw(suite.items(split), items, double, seed)
    retriever = Retriever(suite.knowledge, RETRIEVED)

    def retrieve(item: Item) -> list[str]:
        return [fact.id for fact in retriever.find(item)]

    store = LabelStore(labels_path(config))
    store.add_review(review, plan_tasks(drawn, arms, kind, retrieve, seed))
    return store, review


def choose_token(host: str, given: str | None) -> str | None:
    """The token a host needs: none on this machine unless asked for, else the given one or a new one.

    Raises `InputError` where the given one could be guessed.
    """
    if given is not None and len(given) < SHORTEST_TOKEN:
        raise InputError(f"--token: at least {SHORTEST_TOKEN} characters; without --token one is made and printed")
    return given or (None if host in LOOPBACK else secrets.token_urlsafe(24))


def listen(host: str, port: int) -> socket.socket:
    """A bound socket; port 0 takes a free one. Raises `InputError` where the address is taken or not this machine's."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise InputError(f"{host}:{port}: cannot listen there ({error.strerror}); --port 0 takes a free port") from None


def address(listening: socket.socket, host: str, token: str | None) -> str:
    """The link to open; it carries the token where there is one."""
    shown = socket.gethostname() if host in ("0.0.0.0", "::") else host
    shown = f"[{shown}]" if ":" in shown else shown
    query = f"?{urlencode({'token': token})}" if token else ""
    return f"http://{shown}:{listening.getsockname()[1]}/{query}"


def serve(
    listening: socket.socket,
    store: LabelStore,
    review: Review,
    items: Sequence[Item],
    knowledge: KnowledgeBase,
    token: str | None,
    queue: "Queue | None" = None,
) -> None:
    """Answer until interrupted."""
    import uvicorn

    from harness.review.app import create_app
    from harness.review.visit import Desk

    app = create_app(Desk(store, review, {item.id: item for item in items}, knowledge, token, queue))
    settings = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, proxy_headers=False)
    uvicorn.Server(settings).run(sockets=[listening])
