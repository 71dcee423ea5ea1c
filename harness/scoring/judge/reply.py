"""What the judge replies: the schema it is held to, and how a reply's text becomes a verdict or a reason why there is none."""

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from harness.parsing import parse_json

Decided = Literal["correct", "incorrect", "undecided"]
Reasoned = Literal["sound", "unsound", "absent"]
SCALES = ("politeness", "conciseness", "clarity")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Graded(_Strict):
    """A sentence of reason and the grade that follows from it."""

    reason: str
    score: Literal[1, 2, 3, 4, 5]


class Reply(_Strict):
    """The judge's reply. Reasons stand before what they support, so that they are written first."""

    verdict_reason: str
    verdict: Decided
    politeness: Graded
    conciseness: Graded
    clarity: Graded
    reasoning_reason: str
    reasoning: Reasoned


class Preference(_Strict):
    """The judge's reply on two answers. The reason stands before the choice, so that it is written first."""

    reason: str
    better: Literal["first", "second", "equal", "undecided"]


class Writing(_Strict):
    """A teacher's reply: an answer to the customer. The reasoning stands before the answer, so that it is written first."""

    think: str
    output: str


Form = Literal["judgement", "preference", "correction"]
_REPLIES: dict[Form, type[Reply] | type[Preference] | type[Writing]] = {
    "judgement": Reply, "preference": Preference, "correction": Writing,
}  # fmt: skip


def schema(form: Form = "judgement") -> dict[str, Any]:
    """The JSON schema of a reply, as strict modes want it: every key required, none beside them, no references."""
    if form == "preference":
        choices = ["first", "second", "equal", "undecided"]
        return _object({"reason": {"type": "string"}, "better": {"type": "string", "enum": choices}})
    if form == "correction":
        return _object({"think": {"type": "string"}, "output": {"type": "string"}})
    graded = _object({"reason": {"type": "string"}, "score": {"type": "integer", "enum": [1, 2, 3, 4, 5]}})
    properties = {
        "verdict_reason": {"type": "string"},
        "verdict": {"type": "string", "enum": ["correct", "incorrect", "undecided"]},
        **{name: graded for name in SCALES},
        "reasoning_reason": {"type": "string"},
        "reasoning": {"type": "string", "enum": ["sound", "unsound", "absent"]},
    }
    return _object(properties)


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no verdict. ``again``: another try may help; ``final``: the reply stands and is not bought again."""

    why: str
    again: bool = False
    final: bool = False


def read_reply(text: str, form: Form = "judgement") -> Reply | Preference | Writing | Failure:
    """The reply in a message's text."""
    if not text.strip():
        return Failure("the reply was empty", again=True)
    try:
        parse_json(text)
    except ValueError:
        return Failure(f"the reply was not JSON: {_short(text)}", again=True)
    try:
        return _REPLIES[form].model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the whole"
        return Failure(f"the reply did not fit the schema: {where}: {first['msg']}", again=True)


@dataclass(frozen=True, slots=True)
class Answered:
    """One HTTP reply taken apart: the message's text or why there is none, who answered, and what it used."""

    outcome: Reply | Preference | Writing | Failure
    model: str | None
    tokens_in: int
    tokens_out: int
    tokens_cached: int


def read_body(body: str, api: Literal["responses", "chat"], asked: str, form: Form = "judgement") -> Answered:
    """Take a 200 reply's body apart. A reply by another model than the one asked is no judgement."""
    try:
        data = parse_json(body)
        text, failure = _responses(data) if api == "responses" else _chat(data)
        tokens_in, tokens_out, cached = _tokens(data.get("usage") or {}, "input" if api == "responses" else "prompt")
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        return Answered(Failure(f"the server's reply could not be read: {_short(body)}", again=True), None, 0, 0, 0)
    model = data.get("model")
    outcome: Reply | Preference | Writing | Failure = failure or read_reply(text, form)
    if not same_model(asked, model):
        outcome = Failure(f"asked {asked}, but {model or 'a model without a name'} answered")
    return Answered(outcome, model, tokens_in, tokens_out, cached)


def _tokens(usage: dict[str, Any], asked: Literal["input", "prompt"]) -> tuple[int, int, int]:
    """Tokens in, out, and in from the server's cache."""
    answered = "output" if asked == "input" else "completion"
    details = usage.get(f"{asked}_tokens_details") or {}
    counts = (usage.get(f"{asked}_tokens"), usage.get(f"{answered}_tokens"), details.get("cached_tokens"))
    tokens_in, tokens_out, cached = map(_count, counts)
    return tokens_in, tokens_out, cached


def _count(value: Any) -> int:
    if value is not None and (type(value) is not int or value < 0):
        raise ValueError(value)
    return value or 0


def same_model(asked: str, reported: Any) -> bool:
    """Whether a server answered with the model asked for, or with a dated snapshot of it (``name-2025-08-07``)."""
    if not isinstance(reported, str):
        return False
    dated = reported.removeprefix(f"{asked}-")
    return reported == asked or (dated != reported and dated.replace("-", "").isdigit() and len(dated) >= 8)


def _responses(data: dict[str, Any]) -> tuple[str, Failure | None]:
    if data["status"] == "incomplete":
        return "", _cut((data.get("incomplete_details") or {}).get("reason"))
    if data["status"] != "completed":
        message = (data.get("error") or {}).get("message", "no reason given")
        return "", Failure(f"the server gave up ({data['status']}): {_short(message)}", again=True)
    parts = [part for block in data["output"] if block["type"] == "message" for part in block["content"]]
    refusals = [part["refusal"] for part in parts if part["type"] == "refusal"]
    if refusals:
        return "", Failure(f"the judge refused: {_short(refusals[0])}", final=True)
    return "".join(part["text"] for part in parts if part["type"] == "output_text"), None


def _chat(data: dict[str, Any]) -> tuple[str, Failure | None]:
    choice = data["choices"][0]
    message = choice["message"]
    if message.get("refusal"):
        return "", Failure(f"the judge refused: {_short(message['refusal'])}", final=True)
    if choice.get("finish_reason") in ("length", "content_filter"):
        return "", _cut(choice["finish_reason"])
    content = message.get("content") or ""
    if not isinstance(content, str):
        raise TypeError(content)
    return content, None


def _cut(reason: Any) -> Failure:
    if reason == "content_filter":
        return Failure("the server's content filter stopped the reply", final=True)
    return Failure("the reply was cut off at max_output_tokens; raise it under [judge]", final=True)


def _short(text: object, most: int = 160) -> str:
    line = " ".join(str(text).split())
    return line if len(line) <= most else f"{line[:most]}…"
