"""Judging through the Batch API, at half the price: submit, poll, collect, each step going on after a restart.

A batch is written down under a name of its own before it is submitted, and the server keeps that name with it. If a kill
comes between the submission and the server's answer, the batch is found again on the server instead of being bought twice.
"""

import asyncio
import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from harness.errors import InputError
from harness.hashing import sha256_json
from harness.scoring.judge.budget import used, worst
from harness.scoring.judge.cache import Batch, Cache, Cost
from harness.scoring.judge.client import PATHS, Client, request_body
from harness.scoring.judge.prompt import Question
from harness.scoring.judge.reply import Failure, Form, read_body
from harness.scoring.judge.runner import Arrived, Outcome, from_store
from harness.scoring.judge.settings import JudgeSettings

if TYPE_CHECKING:
    from openai import AsyncOpenAI

MOST_A_BATCH = 5_000
"""Requests in one batch; the server takes 50,000 or 200 MB."""
NAME = "harness_batch"
PAIRS = "preference"
"""A batch's name begins with the form of its replies, so that any command can collect it; without one they are judgements."""
ENDED = frozenset({"completed", "failed", "expired", "cancelled"})

Said = Callable[[str], None]


async def judge_batches(
    settings: JudgeSettings, questions: Sequence[Question], cache: Cache, arrived: Arrived, said: Said
) -> None:
    """Submit what no pending batch holds, wait for all, and hand every outcome to ``arrived``.

    Interrupt it at will: batches go on at the server, and the same command waits for them again. Raises `InputError` where
    the server knows no batches or the budget does not hold one.
    """
    client = Client(settings)
    try:
        pending = await _found_again(client.openai, cache, settings)
        held = {key for batch in pending for key in batch.keys}
        fresh = [question for question in questions if question.key not in held]
        for start in range(0, len(fresh), MOST_A_BATCH):
            pending.append(await _submit(client.openai, settings, fresh[start : start + MOST_A_BATCH], cache, said))
        by_key = {question.key: question for question in questions}
        for batch in pending:
            failures = await _collect(client, settings, batch, cache, said)
            for key in batch.keys:
                if key in by_key:
                    arrived(_outcome(settings, by_key[key], cache, failures))
    finally:
        await client.close()


def _outcome(settings: JudgeSettings, question: Question, cache: Cache, failures: Mapping[str, Failure]) -> Outcome:
    stored = from_store(settings, question, cache)
    if stored is not None:
        return stored
    failure = failures.get(question.key, Failure("the batch ended without a reply to this question"))
    return Outcome(question, failure, None, cache.reply(question.key, usable=False))


async def _found_again(server: "AsyncOpenAI", cache: Cache, settings: JudgeSettings) -> list[Batch]:
    """Pending batches, each with the id the server gave it; one that never arrived there is forgotten."""
    pending = cache.batches(settings.digest)
    if all(batch.id for batch in pending):
        return pending
    names: dict[str, str] = {}
    async for each in server.batches.list():
        if each.metadata and NAME in each.metadata:
            names[each.metadata[NAME]] = each.id
    found = []
    for batch in pending:
        identifier = batch.id or names.get(batch.name)
        if identifier is None:
            cache.settle(settings.digest, batch.reserved, Cost(0, 0.0))
            cache.drop_batch(batch.name)
            continue
        known = Batch(batch.name, identifier, batch.keys, batch.reserved)
        cache.put_batch(settings.digest, known)
        found.append(known)
    return found


async def _submit(
    server: "AsyncOpenAI", settings: JudgeSettings, questions: Sequence[Question], cache: Cache, said: Said
) -> Batch:
    costs = [worst(settings, question, batch=True) for question in questions]
    most = Cost(sum(cost.tokens for cost in costs), sum(cost.dollars for cost in costs))
    if not cache.reserve(settings.digest, most, settings.tokens, settings.dollars):
        raise InputError("the batch could pass the budget under [judge]; raise it, or judge fewer with --limit")
    endpoint = f"/v1{PATHS[settings.api]}"
    lines = [
        {"custom_id": question.key, "method": "POST", "url": endpoint, "body": request_body(settings, question)}
        for question in questions
    ]
    keys = tuple(question.key for question in questions)
    batch = Batch(f"{questions[0].form}-{sha256_json([keys, time.time_ns()])[:32]}", None, keys, most)
    content = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()
    file = await server.files.create(file=("judge.jsonl", content), purpose="batch")
    cache.put_batch(settings.digest, batch)
    made = await server.batches.create(
        input_file_id=file.id,
        endpoint=endpoint,  # type: ignore[arg-type]
        completion_window="24h",
        metadata={NAME: batch.name},
    )
    known = Batch(batch.name, made.id, keys, most)
    cache.put_batch(settings.digest, known)
    said(f"batch {made.id} submitted: {len(keys)} questions")
    return known


async def _collect(
    client: Client, settings: JudgeSettings, batch: Batch, cache: Cache, said: Said
) -> Mapping[str, Failure]:
    """Wait for a batch, store its replies, and say why others failed."""
    state = None
    while True:
        found = await client.openai.batches.retrieve(str(batch.id))
        if found.status != state:
            state = found.status
            said(f"batch {batch.id}: {state}")
        if state in ENDED:
            break
        await asyncio.sleep(settings.poll)
    failures: dict[str, Failure] = {}
    form: Form = "preference" if batch.name.startswith(PAIRS) else "judgement"
    tokens, dollars = 0, 0.0
    for file_id in (found.output_file_id, found.error_file_id):
        if not file_id:
            continue
        text = (await client.openai.files.content(file_id)).text
        for line in text.split("\n"):
            if line.strip():
                cost = _keep(client, settings, json.loads(line), form, cache, failures)
                tokens, dollars = tokens + cost.tokens, dollars + cost.dollars
    cache.settle(settings.digest, batch.reserved, Cost(tokens, dollars))
    cache.drop_batch(batch.name)
    return failures


def _keep(
    client: Client,
    settings: JudgeSettings,
    row: Mapping[str, Any],
    form: Form,
    cache: Cache,
    failures: dict[str, Failure],
) -> Cost:
    key, response = row["custom_id"], row.get("response") or {}
    if response.get("status_code") != 200:
        message = json.dumps(response.get("body") or row.get("error"), ensure_ascii=False)[:200]
        failures[key] = Failure(f"in the batch the server said {response.get('status_code')}: {client.clean(message)}")
        return Cost(0, 0.0)
    body = client.clean(json.dumps(response["body"], ensure_ascii=False))
    answered = read_body(body, settings.api, settings.asked, form)
    spent = used(settings, answered.tokens_in, answered.tokens_out, answered.tokens_cached, batch=True)
    usable = not isinstance(answered.outcome, Failure) or answered.outcome.final
    if isinstance(answered.outcome, Failure):
        failures[key] = Failure(answered.outcome.why)
    cost = (answered.tokens_in, answered.tokens_out, spent.dollars if settings.prices else None)
    cache.keep(key, settings.digest, {"batch": row.get("id")}, body, usable, cost, 0.0)
    return spent
