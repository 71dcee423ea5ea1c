"""A judgement as it is stored beside a run: one line an answer, appended and flushed, the last line of an item counting."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harness.errors import IntegrityError
from harness.journal import append_lines, checked, whole_lines, with_checksum
from harness.scoring.judge.prompt import Question
from harness.scoring.judge.reply import Decided, Failure, Reasoned, Reply
from harness.scoring.judge.settings import DIGITS


class Scales(BaseModel):
    """Grades from 1 to 5."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    politeness: int = Field(ge=1, le=5)
    conciseness: int = Field(ge=1, le=5)
    clarity: int = Field(ge=1, le=5)


class Judgement(BaseModel):
    """What one judge says of one answer, why, by which reply, and what that took.

    ``delivered`` is whether the answer stands inside closed output tags, so that the customer gets it; the judge does not see
    that. ``failed``: no usable reply came, and the next `harness judge run` asks again.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    item: str
    run: str
    candidate: str = Field(description="fingerprint of the candidate")
    verdict: Decided
    scales: Scales | None
    reasons: dict[str, str] = Field(description="by verdict, politeness, conciseness, clarity, reasoning")
    reasoning: Reasoned | None
    why_undecided: str | None
    failed: bool
    delivered: bool
    knowledge: tuple[str, ...] = Field(description="ids of the knowledge entries retrieved for the item")
    lock: str = Field(description="SHA-256 of the suite's lock when it was judged")
    judge: str = Field(description="digest of the judge's identity")
    model_asked: str
    model_reported: str | None
    rubric: str
    prompt_sha256: str
    answer_sha256: str
    reply_key: str = Field(description="key of request and reply in the judge's store; equal answers share one")
    tokens_in: int
    tokens_out: int
    dollars: float | None
    seconds: float | None


def decided(reply: Reply, question: Question) -> dict[str, object]:
    """The fields of a judgement that come from a reply. Where no reasoning was written, it is absent whatever the judge says."""
    return {
        "verdict": reply.verdict,
        "scales": Scales(
            politeness=reply.politeness.score, conciseness=reply.conciseness.score, clarity=reply.clarity.score
        ),
        "reasons": {
            "verdict": reply.verdict_reason,
            "politeness": reply.politeness.reason,
            "conciseness": reply.conciseness.reason,
            "clarity": reply.clarity.reason,
            "reasoning": reply.reasoning_reason,
        },
        "reasoning": reply.reasoning if question.has_reasoning else "absent",
        "why_undecided": "the judge could not decide by the facts given" if reply.verdict == "undecided" else None,
        "failed": False,
    }


def undecided(failure: Failure) -> dict[str, object]:
    """The fields of a judgement that no reply decided."""
    return {
        "verdict": "undecided",
        "scales": None,
        "reasons": {},
        "reasoning": None,
        "why_undecided": failure.why,
        "failed": not failure.final,
    }


def judgement_file(run_folder: Path, digest: str) -> Path:
    """Where one judge's judgements of a run lie."""
    return run_folder / f"judgements-{digest[:DIGITS]}.jsonl"


def read_judgements(path: Path) -> dict[str, Judgement]:
    """Judgements by item, later lines before earlier ones; empty where there is no file.

    A torn last line, as a kill leaves it, is passed over. Raises `IntegrityError` naming any other broken line.
    """
    return {judgement.item: judgement for judgement in _lines(path)}


def _lines(path: Path) -> Iterator[Judgement]:
    for number, line in whole_lines(path):
        # Lines of earlier versions have no checksum; a changed name of that member is refused as an unknown one.
        plain = checked(line) if b'"crc32"' in line[-22:] else line
        try:
            yield Judgement.model_validate_json(plain or b"")
        except ValidationError:
            raise IntegrityError(
                f"{path}:{number}: not a judgement; remove the line and run harness judge run"
            ) from None


def append_judgements(path: Path, judgements: Iterable[Judgement]) -> None:
    """Add lines and flush them to the disk; a torn line before them is cut off first."""
    append_lines(path, [with_checksum(judgement.model_dump_json()) for judgement in judgements])


def by_reply(judgements: Iterable[Judgement]) -> Mapping[str, Judgement]:
    """One judgement a reply: what is summed to costs, since equal answers share a reply."""
    return {judgement.reply_key: judgement for judgement in judgements}
