"""A whole judging, from answers to written judgements: what the command line and the lm-eval task both call."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from harness.config import Config
from harness.scoring.judge.batch import judge_batches
from harness.scoring.judge.budget import Estimate, estimate
from harness.scoring.judge.cache import Cache
from harness.scoring.judge.client import api_key
from harness.scoring.judge.evidence import retrieve
from harness.scoring.judge.judging import Answer, Work, questions_on
from harness.scoring.judge.record import Judgement
from harness.scoring.judge.runner import Outcome, ask_all
from harness.suite.lock import verify
from harness.suite.suite import Suite

Estimated = Callable[[Estimate], None]
Progress = Callable[[int, int], None]
Said = Callable[[str], None]


def store_path(config: Config) -> Path:
    """The judge's store of a project."""
    return config.root / config.store / "judge" / "replies.sqlite"


def judge_answers(
    answers: Sequence[Answer],
    suite: Suite,
    config: Config,
    folders: Mapping[str, Path],
    *,
    estimated: Estimated,
    progress: Progress,
    said: Said = lambda line: None,
    batch: bool = False,
) -> list[Judgement]:
    """A judgement of every answer, in their order; those of runs in ``folders`` are also written there.

    ``estimated`` is called before the first call, ``progress`` with judgements done and wanted. Raises `InputError` where
    the judge cannot be asked at all; what was judged before that is kept.
    """
    settings, lock = config.judge, verify(suite)["sha256"]
    items = list({answer.item.id: answer.item for answer in answers}.values())
    evidence = retrieve(items, suite.knowledge, settings, config.root / config.store / "cache")
    work = Work(answers, questions_on(answers, suite.knowledge, evidence, settings), settings, lock, folders)
    cache = Cache(store_path(config))
    try:
        to_ask = work.settle(cache)
        estimated(estimate(settings, work.total, len(work.done), to_ask, batch))
        progress(len(work.done), work.total)

        def arrived(outcome: Outcome) -> None:
            work.arrived(outcome)
            progress(len(work.done), work.total)

        if to_ask:
            api_key(settings)
            asking = (
                judge_batches(settings, to_ask, cache, arrived, said)
                if batch
                else ask_all(settings, to_ask, cache, arrived)
            )
            asyncio.run(asking)
    finally:
        work.flush()
        cache.close()
    found = {(each.run, each.item): each for each in work.done}
    return [found[answer.run, answer.item.id] for answer in answers]
