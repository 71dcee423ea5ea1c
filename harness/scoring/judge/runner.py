"""Ask many questions at once: concurrency, pace, retries, budget, and a store that never buys a reply twice."""

import asyncio
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.errors import InputError
from harness.scoring.judge.budget import likely_tokens, used, worst
from harness.scoring.judge.cache import Cache, Cost, Replies, StoredReply
from harness.scoring.judge.client import Client, Missed, Reached, request_body
from harness.scoring.judge.pace import Pace, backoff, retry_after
from harness.scoring.judge.prompt import Question
from harness.scoring.judge.reply import Answered, Failure, Preference, Reply, Writing, read_body
from harness.scoring.judge.settings import JudgeSettings

BUDGET_SPENT = "the budget was spent before this answer was judged; raise it under [judge] and run again"
YIELDS = 4
"""Rounds of the event loop left to others before a reply is read: enough for a waiting call to be sent."""
PATIENCE = 50
"""How often one question may be sent away by a rate limit; such tries do not count as `JudgeSettings.retries`."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a question, whether just asked or found in the store; ``stored`` is ``None`` where no reply came."""

    question: Question
    result: Reply | Preference | Writing | Failure
    model: str | None
    stored: StoredReply | None


Arrived = Callable[[Outcome], None]


def from_store(settings: JudgeSettings, question: Question, cache: Replies) -> Outcome | None:
    """The outcome of a question whose reply is stored."""
    stored = cache.reply(question.key)
    if stored is None:
        return None
    answered = read_body(stored.body, settings.api, settings.asked, question.form)
    return Outcome(question, answered.outcome, answered.model, stored)


def missing(questions: Iterable[Question], cache: Cache) -> list[Question]:
    """Questions without a stored reply, each key once."""
    once = {question.key: question for question in questions}
    kept = cache.has(once)
    return [question for key, question in once.items() if key not in kept]


async def ask_all(
    settings: JudgeSettings, questions: Sequence[Question], cache: Cache, arrived: Arrived, *, seed: int | None = None
) -> None:
    """Ask every question and hand each outcome to ``arrived`` as it comes. Stored replies are not asked for again.

    With ``[judge.ray]`` the questions are asked from the nodes of that cluster. Raises `InputError` where every call would
    fail alike (no key, no such model); what came before is stored.
    """
    if settings.ray:
        try:
            from harness.scoring.judge.over_ray import ask_over_ray
        except ModuleNotFoundError:
            raise InputError("[judge.ray] needs the ray package; run: pip install 'harness[ray,judge]'") from None
        await ask_over_ray(settings, questions, cache, arrived)
    else:
        await ask_here(settings, questions, cache, arrived, seed=seed)


async def ask_here(
    settings: JudgeSettings, questions: Sequence[Question], cache: Replies, arrived: Arrived, *, seed: int | None = None
) -> None:
    """`ask_all` from this process."""
    client = Client(settings)
    asking = _Asking(settings, client, cache, random.Random(seed))
    waiting = iter(questions)

    async def worker() -> None:
        for question in waiting:
            arrived(await asking.outcome(question))

    # Twice as many workers as calls at once: wherever a call ends, the next question stands ready.
    workers = min(len(questions), 2 * settings.concurrency)
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(workers):
                group.create_task(worker())
    except ExceptionGroup as errors:  # not except*, which some 3.11 wrap what is raised in it into a group again
        raise _first(errors) from None
    finally:
        await client.close()


def _first(errors: BaseException) -> BaseException:
    while isinstance(errors, BaseExceptionGroup):
        errors = errors.exceptions[0]
    return errors


class _Asking:
    """One question after another, with what all workers share."""

    def __init__(self, settings: JudgeSettings, client: Client, cache: Replies, source: random.Random) -> None:
        self._settings, self._client, self._cache, self._random = settings, client, cache, source
        self._at_once = asyncio.Semaphore(settings.concurrency)
        self._pace = Pace()
        self._reserved = 0
        self._settled = asyncio.Condition()
        self._spent_out = False

    async def outcome(self, question: Question) -> Outcome:
        stored = from_store(self._settings, question, self._cache)  # another process may have bought it meanwhile
        if stored is not None:
            return stored
        tries = told_to_wait = 0
        while True:
            found = await self._try(question)
            if isinstance(found, Outcome):
                return found
            failure = found.failure
            tries, told_to_wait = tries + 1 - found.limited, told_to_wait + found.limited
            if not failure.again:
                return self._failed(question, failure)
            if tries > self._settings.retries or told_to_wait > PATIENCE:
                why = f"{failure.why} ({tries + told_to_wait} tries)"
                return self._failed(question, Failure(why))
            asked = retry_after(found.headers) or 0.0
            # Each worker's own wait is drawn, so that those sent away together do not come back together.
            own = backoff(tries, self._settings.longest_wait, self._random)
            await asyncio.sleep(own if found.limited else max(own, asked))

    def _failed(self, question: Question, failure: Failure) -> Outcome:
        return Outcome(question, failure, None, self._cache.reply(question.key, usable=False))

    async def _try(self, question: Question) -> Outcome | Missed:
        settings, body = self._settings, request_body(self._settings, question)
        most = worst(settings, question)
        if not await self._reserve(most):
            return Missed(Failure(BUDGET_SPENT))
        spent = most
        try:
            async with self._at_once:
                mark = await self._pace.start(likely_tokens(question) + settings.max_output_tokens)
                found = await self._client.ask(body)
                self._pace.hear(found.headers, mark, isinstance(found, Missed) and found.limited)
                if isinstance(found, Missed):
                    spent = most if found.lost else Cost(0, 0.0)
                    return found
                # Stored before the next call may start: what a kill can lose is never more than the calls under way.
                answered, spent = self._keep(question, body, found)
            for _ in range(YIELDS):  # calls that were waiting go out first: many replies may have come at one moment
                await asyncio.sleep(0)
        finally:
            await self._settle(most, spent)
        if isinstance(answered.outcome, Failure) and not answered.outcome.final:
            return Missed(answered.outcome)
        return Outcome(question, answered.outcome, answered.model, self._cache.reply(question.key))

    def _keep(self, question: Question, body: Mapping[str, Any], found: Reached) -> tuple[Answered, Cost]:
        settings = self._settings
        answered = read_body(found.body, settings.api, settings.asked, question.form)
        spent = used(settings, answered.tokens_in, answered.tokens_out, answered.tokens_cached)
        usable = not isinstance(answered.outcome, Failure) or answered.outcome.final
        dollars = spent.dollars if settings.prices else None
        self._cache.keep(
            question.key, settings.digest, body, found.body, usable,
            (answered.tokens_in, answered.tokens_out, dollars), found.seconds,
        )  # fmt: skip
        return answered, spent

    async def _reserve(self, most: Cost) -> bool:
        """Take the most a call can cost from the budget; where that fails, wait for calls under way to give theirs back."""
        async with self._settled:
            while not self._spent_out:
                if self._cache.reserve(self._settings.digest, most, self._settings.tokens, self._settings.dollars):
                    self._reserved += 1
                    return True
                if not self._reserved:
                    self._spent_out = True
                    self._settled.notify_all()
                    break
                await self._settled.wait()
        return False

    async def _settle(self, most: Cost, spent: Cost) -> None:
        self._cache.settle(self._settings.digest, most, spent)
        async with self._settled:
            self._reserved -= 1
            self._settled.notify_all()
