"""Judging answers a second time: how stable a judge's verdicts are. Second replies lie in the judge's store under keys of their own."""

import asyncio
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from harness.config import Config
from harness.hashing import sha256_json
from harness.scoring.judge.budget import Estimate, estimate
from harness.scoring.judge.cache import Cache
from harness.scoring.judge.client import api_key
from harness.scoring.judge.evidence import retrieve
from harness.scoring.judge.judging import Answer, questions_on
from harness.scoring.judge.prompt import Question
from harness.scoring.judge.record import Judgement
from harness.scoring.judge.reply import Decided, Reply, read_body
from harness.scoring.judge.runner import ask_all, missing
from harness.scoring.judge.session import store_path
from harness.scoring.judge.settings import JudgeSettings
from harness.suite.suite import Suite


def again_key(reply_key: str) -> str:
    """Key of the second reply to a question."""
    return sha256_json([reply_key, "again"])


def judge_again(
    answers: Sequence[Answer], suite: Suite, config: Config, count: int, estimated: Callable[[Estimate], None]
) -> int:
    """Ask about ``count`` answers drawn at random a second time; returns how many of them have a second reply.

    The same ones are drawn each time, so that a second call buys nothing twice. Raises `InputError` where the judge cannot be
    asked.
    """
    settings = config.judge
    chosen = random.Random(0).sample(list(answers), min(count, len(answers)))
    items = list({answer.item.id: answer.item for answer in chosen}.values())
    evidence = retrieve(items, suite.knowledge, settings, config.root / config.store / "cache")
    questions = [second(one) for one in questions_on(chosen, suite.knowledge, evidence, settings)]
    cache = Cache(store_path(config))
    try:
        to_ask = missing(questions, cache)
        estimated(estimate(settings, len(questions), len(questions) - len(to_ask), to_ask))
        if to_ask:
            api_key(settings)
            asyncio.run(ask_all(settings, to_ask, cache, lambda outcome: None))
        return len(cache.has(one.key for one in questions))
    finally:
        cache.close()


def second(question: Question) -> Question:
    """The same question, to be asked once more."""
    return replace(question, key=again_key(question.key))


def second_verdicts(judgements: Iterable[Judgement], settings: JudgeSettings, path: Path) -> dict[str, Decided]:
    """Second verdicts by item, of judgements whose question was asked twice; ``path`` is the judge's store."""
    if not path.is_file():
        return {}
    cache, found = Cache(path), {}
    try:
        for each in judgements:
            stored = cache.reply(again_key(each.reply_key))
            if stored is not None:
                outcome = read_body(stored.body, settings.api, settings.asked).outcome
                verdict: Decided = outcome.verdict if isinstance(outcome, Reply) else "undecided"
                found[each.item] = verdict
    finally:
        cache.close()
    return found
