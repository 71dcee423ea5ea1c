"""Served models through an OpenAI-compatible endpoint: Chat Completions, many calls at once, each reply stored as it comes."""

import asyncio
import json
import random
from collections.abc import Iterator, Sequence
from typing import Any

from harness.candidates.candidate import Candidate
from harness.candidates.endpoint import Endpoint
from harness.engines import Answered, Batch, Engine, Usage
from harness.engines.asking import asking
from harness.errors import HarnessError, IntegrityError
from harness.scoring.completion import STOP
from harness.scoring.judge.client import Client, Missed
from harness.scoring.judge.pace import Pace, backoff, retry_after
from harness.scoring.judge.runner import PATIENCE
from harness.scoring.judge.settings import OPENAI
from harness.suite.item import Item
from harness.suite.prompts import Message

_CHARACTERS_PER_TOKEN = 3


class OpenAICompatibleEngine(Engine):
    """Answers for candidates of one endpoint."""

    def __init__(self, candidate: Candidate) -> None:
        assert candidate.settings.endpoint is not None
        self._endpoint: Endpoint = candidate.settings.endpoint
        self.together = 4 * self._endpoint.concurrency
        self._connect(candidate)  # a missing key or package is said before anything is rendered
        self.select(candidate)

    def select(self, candidate: Candidate) -> None:
        """Make its retrieval ready."""
        self._candidate = candidate
        self._ask = asking(candidate)

    def render(self, items: Sequence[Item], further: Sequence[Sequence[Message]] = ()) -> list[str]:
        """The messages as JSON: the chat template is the server's."""
        return [
            json.dumps([*self._ask(item), *turns], ensure_ascii=False)
            for item, turns in zip(items, further or [()] * len(items), strict=True)
        ]

    def lengths(self, prompts: Sequence[str]) -> list[int]:
        """Lengths in tokens, guessed: the tokenizer is the server's."""
        return [len(prompt) // _CHARACTERS_PER_TOKEN for prompt in prompts]

    def answer(self, items: Sequence[Item], prompts: Sequence[str]) -> list[str]:
        """Completions, all asked for together."""
        batches = [
            Batch(self._candidate, number, [item], [prompt])
            for number, (item, prompt) in enumerate(zip(items, prompts, strict=True))
        ]
        found = {answered.batch.number: answered.completions[0] for answered in self.stream(batches)}
        return [found[number] for number in range(len(batches))]

    def stream(self, batches: Sequence[Batch]) -> Iterator[Answered]:
        """Batches as their replies come. Where one fails for good, no new one is begun and the replies under way are kept.

        Raises `HarnessError` naming what failed; `InputError` where every call would fail alike; `IntegrityError` where the
        server answers with another model.
        """
        with asyncio.Runner() as runner:
            asking = _Asking(self._connect(self._candidate), self._endpoint)
            pending = {runner.get_loop().create_task(asking.ask(batch)) for batch in batches}
            try:
                while pending:
                    done, pending = runner.run(asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED))
                    yield from filter(None, (task.result() for task in done))
            finally:
                runner.run(asking.close())
        if asking.failure:
            raise asking.failure

    def proof(self) -> None:
        """No adapter of ours, nothing to prove."""

    def describe(self) -> dict[str, Any]:
        """The client and the server; which model the server says it is comes with the replies."""
        import openai

        return {
            "engine": "openai",
            "openai": openai.__version__,
            "model": self._endpoint.model,
            "device": self._endpoint.base_url,
        }

    def _connect(self, candidate: Candidate) -> Client:
        return Client(self._endpoint, f"candidate {candidate.name}", f"[candidates.{candidate.name}.endpoint]")


class _Asking:
    """What all calls share."""

    def __init__(self, client: Client, endpoint: Endpoint) -> None:
        self._client, self._endpoint = client, endpoint
        self._at_once = asyncio.Semaphore(endpoint.concurrency)
        self._pace = Pace()
        self._random = random.Random()
        self.failure: HarnessError | None = None

    async def close(self) -> None:
        await self._client.close()

    async def ask(self, batch: Batch) -> Answered | None:
        """The answered batch, or ``None`` where this call or an earlier one failed for good."""
        used: list[Usage] = []
        async with self._at_once:
            if self.failure:
                return None
            try:
                completions = [await self._completion(batch.candidate, prompt, used) for prompt in batch.prompts]
            except HarnessError as error:
                where = f"item {batch.items[0].id}: " if type(error) is HarnessError else ""
                self.failure = self.failure or type(error)(f"{where}{error}")
                return None
        return Answered(batch, completions, used)

    async def _completion(self, candidate: Candidate, prompt: str, used: list[Usage]) -> str:
        body = request_body(candidate, self._endpoint, prompt)
        likely = len(prompt) // _CHARACTERS_PER_TOKEN + candidate.generation.max_new_tokens
        tries = told_to_wait = 0
        while True:
            mark = await self._pace.start(likely)
            found = await self._client.ask(body)
            limited = isinstance(found, Missed) and found.limited
            self._pace.hear(found.headers, mark, limited)
            if isinstance(found, Missed):
                why, again = found.failure.why, found.failure.again
            else:
                text, usage, why = read_reply(found.body, candidate, self._endpoint)
                if usage:
                    used.append(usage)
                if text is not None:
                    return text
                again = True
            tries, told_to_wait = tries + 1 - limited, told_to_wait + limited
            if not again or tries > self._endpoint.retries or told_to_wait > PATIENCE:
                raise HarnessError(
                    f"candidate {candidate.name}: {why} ({tries + told_to_wait} tries); "
                    "what was answered is kept, run the same command again"
                )
            asked = retry_after(found.headers) or 0.0
            own = backoff(tries, self._endpoint.longest_wait, self._random)
            await asyncio.sleep(own if limited else max(own, asked))  # Pace holds back everybody after a 429


def request_body(candidate: Candidate, endpoint: Endpoint, prompt: str) -> dict[str, Any]:
    """The request of a rendered prompt. Sampling settings that do not stand in the file are not sent.

    No stop string is sent: servers cut it off, and a reply that ends without ``</output>`` could not be told from one that
    ends there. `read_reply` cuts after it instead, as the hf engine does.
    """
    effort = endpoint.reasoning_effort
    return {
        "model": endpoint.model,
        "messages": json.loads(prompt),
        # OpenAI's own models want the newer name of the limit, other servers mostly know the older one alone.
        "max_completion_tokens"
        if endpoint.base_url.rstrip("/") == OPENAI
        else "max_tokens": candidate.generation.max_new_tokens,
        **candidate.generation.given(),
        **({"reasoning_effort": effort} if effort else {}),
    }


def read_reply(body: str, candidate: Candidate, endpoint: Endpoint) -> tuple[str | None, Usage | None, str]:
    """Completion, usage and what is wrong; a malformed reply has no completion. Raises `IntegrityError` on another model.

    An empty text is a completion: a model that refuses, or thinks up to its limit, has answered its customer nothing.
    """
    try:
        reply = json.loads(body)
        message = reply["choices"][0]["message"]
        content, reported = message["content"], reply["model"]
        thought = message.get("reasoning_content") or message.get("reasoning")
        text = message.get("refusal") or "" if content is None else content
        if not isinstance(text, str) or not isinstance(reported, str):
            raise TypeError
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        return None, None, f"the reply is no chat completion: {' '.join(body.split())[:80]!r}"
    if not endpoint.serves(reported):
        raise IntegrityError(
            f"candidate {candidate.name}: the server answers as model {reported!r}, not {endpoint.model!r}; "
            f"ask for the right one, or set reports under [candidates.{candidate.name}.endpoint] if that is the one meant"
        )
    if isinstance(thought, str) and thought and "</think>" not in text:
        text = f"<think>{thought}</think>{text}"  # servers with a reasoning parser take the model's text apart
    before, stop, _ = text.partition(STOP)
    return before + stop, _usage(reply.get("usage"), reported, endpoint), ""


def _usage(given: Any, served: str, endpoint: Endpoint) -> Usage:
    counts = given if isinstance(given, dict) else {}
    read, written = (counts.get(f"{name}_tokens") for name in ("prompt", "completion"))
    if not isinstance(read, int) or not isinstance(written, int):
        return Usage(0, 0, None, served)
    cached = (counts.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
    dollars = endpoint.prices.dollars(read, written, cached) if endpoint.prices else None
    return Usage(read, written, dollars, served)
