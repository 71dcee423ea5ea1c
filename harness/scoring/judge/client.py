"""One call to an OpenAI-compatible server, by the ``openai`` package; what came back, or what went wrong, as a value.

The key comes from the environment, is handed to the client, and is struck out of every text that leaves this file.
"""

import asyncio
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from harness.errors import InputError
from harness.scoring.judge.prompt import Question
from harness.scoring.judge.reply import Failure, schema
from harness.scoring.judge.settings import OPENAI, JudgeSettings

STRUCK_OUT = "[key]"
PATHS = {"responses": "/responses", "chat": "/chat/completions"}
JUDGE, TABLE = "the judge", "[judge]"
_AGAIN = frozenset({408, 409, 425, 429})


@dataclass(frozen=True, slots=True)
class Reached:
    """The server's reply with status 200, verbatim."""

    body: str
    headers: Mapping[str, str]
    seconds: float


@dataclass(frozen=True, slots=True)
class Missed:
    """A call without a usable reply. ``lost``: the server may have answered and billed, but the reply did not arrive."""

    failure: Failure
    headers: Mapping[str, str] = field(default_factory=dict)
    limited: bool = False
    lost: bool = False


class Server(Protocol):
    """What the settings of a served model say of the server; those of the judge and of a candidate's endpoint do."""

    @property
    def base_url(self) -> str:
        """Address up to and with ``/v1``."""

    @property
    def key_variable(self) -> str:
        """Environment variable that holds the key."""

    @property
    def asked(self) -> str:
        """The model name that is sent."""

    @property
    def api(self) -> str:
        """``responses`` or ``chat``."""

    @property
    def timeout(self) -> float:
        """Seconds for one call."""


def request_body(settings: JudgeSettings, question: Question) -> dict[str, Any]:
    """The request of a question, as it is sent and stored."""
    messages = [{"role": "system", "content": question.instructions}, {"role": "user", "content": question.item}]
    parameters = dict(settings.parameters)
    effort = parameters.pop("reasoning_effort", None)
    if settings.api == "responses":
        form = {"type": "json_schema", "name": question.form, "schema": schema(question.form), "strict": True}
        return {
            "model": settings.asked,
            "input": messages,
            "text": {"format": form},
            "max_output_tokens": settings.max_output_tokens,
            "store": False,
            **({"reasoning": {"effort": effort}} if effort else {}),
            **parameters,
        }
    form = {
        "type": "json_schema",
        "json_schema": {"name": question.form, "schema": schema(question.form), "strict": True},
    }
    # OpenAI's own models want the newer name of the limit, other servers mostly know the older one alone.
    limit = "max_completion_tokens" if settings.base_url == OPENAI else "max_tokens"
    return {
        "model": settings.asked,
        "messages": messages,
        "response_format": form,
        limit: settings.max_output_tokens,
        **({"reasoning_effort": effort} if effort else {}),
        **parameters,
    }


def api_key(settings: Server, who: str = JUDGE, table: str = TABLE) -> str:
    """The key. Raises `InputError` where OpenAI itself is asked without one; other servers may need none."""
    key = os.environ.get(settings.key_variable, "").strip()
    if not key and settings.base_url.rstrip("/") == OPENAI:
        raise InputError(
            f"{who} ({settings.asked}) needs a key: set the environment variable {settings.key_variable}, "
            f"or name another server as base_url under {table}"
        )
    return key or "none"


class Client:
    """A connection pool to a server. Retrying is the runner's: here a call is one call.

    ``who`` asks and ``table`` holds its settings, as errors name them.
    """

    def __init__(self, settings: Server, who: str = JUDGE, table: str = TABLE) -> None:
        try:
            import httpx2
            from openai import AsyncOpenAI, DefaultAioHttpClient
        except ModuleNotFoundError:
            raise InputError(f"{who} needs the openai package; run: pip install 'harness[judge]'") from None
        self._key = api_key(settings, who, table)
        self._settings, self._who, self._table = settings, who, table
        self._response = httpx2.Response
        self.openai = AsyncOpenAI(
            api_key=self._key,
            base_url=settings.base_url,
            max_retries=0,
            timeout=settings.timeout,
            http_client=DefaultAioHttpClient(),  # takes less of the processor than the default at 64 calls at once
        )

    async def close(self) -> None:
        """Close the connections."""
        await self.openai.close()

    async def ask(self, body: Mapping[str, Any]) -> Reached | Missed:
        """Send one request. Raises `InputError` where every further call would fail alike."""
        from openai import APIConnectionError, APIStatusError, APITimeoutError

        began = time.perf_counter()
        try:
            async with asyncio.timeout(self._settings.timeout):  # a server that drips bytes never trips a read timeout
                # The body is sent as it stands; the typed methods would walk through prompt and schema once more.
                reply = await self.openai.post(PATHS[self._settings.api], cast_to=self._response, body=body)
                return Reached(self.clean(reply.text), reply.headers, time.perf_counter() - began)
        except TimeoutError:
            return self._late()
        except APIConnectionError as error:
            cause = error.__cause__ or error
            # Only a refused connection is sure not to have reached a model; the client calls it a connect timeout.
            refused = "connect" in type(cause).__name__.lower()
            if isinstance(error, APITimeoutError) and not refused:
                return self._late()
            said = self.clean(f"{type(cause).__name__}: {cause}")
            return Missed(Failure(f"connection lost ({said})", again=True), lost=not refused)
        except APIStatusError as error:
            return self._status(error)

    def _late(self) -> Missed:
        return Missed(Failure(f"no reply within {self._settings.timeout:g} s", again=True), lost=True)

    def _status(self, error: Any) -> Missed:
        status, said = error.status_code, self.clean(" ".join(str(error.message).split())[:200])
        if status in (401, 403):
            raise InputError(
                f"{self._who}: the server refuses the key in {self._settings.key_variable} ({status}); set a valid one"
            ) from None
        if status == 404:
            raise InputError(
                f"{self._settings.base_url}: no model {self._settings.asked!r} or no such address (404); mend {self._table}"
            ) from None
        if getattr(error, "code", None) == "insufficient_quota":
            raise InputError(f"{self._who}: the account has no credit left; what was answered is kept") from None
        again = status in _AGAIN or status >= 500
        return Missed(Failure(f"the server said {status}: {said}", again=again), error.response.headers, status == 429)

    def clean(self, text: str) -> str:
        """``text`` without the key."""
        return text.replace(self._key, STRUCK_OUT) if len(self._key) > 7 else text
