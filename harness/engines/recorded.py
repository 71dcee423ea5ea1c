"""Recorded answers: a candidate that someone or something answered for elsewhere."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harness.candidates.candidate import Candidate
from harness.engines import Engine
from harness.errors import InputError
from harness.suite.item import Item
from harness.suite.prompts import Message
from harness.suite.suite import read_jsonl


class RecordedAnswer(BaseModel):
    """One answer, with who wrote it and where it came from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(min_length=1)
    completion: str
    author_kind: Literal["person", "model"]
    source: str = Field(min_length=1)


def read_answers(path: Path) -> dict[str, RecordedAnswer]:
    """Answers by item id. Raises `InputError` naming the line that is wrong or repeats an id."""
    answers: dict[str, RecordedAnswer] = {}
    for number, row in read_jsonl(path):
        try:
            answer = RecordedAnswer.model_validate(row)
        except ValidationError as error:
            first = error.errors()[0]
            raise InputError(f"{path}:{number}: field {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
        if answer.id in answers:
            raise InputError(f"{path}:{number}: id {answer.id!r} stands twice")
        answers[answer.id] = answer
    return answers


def author_kind(path: Path) -> str:
    """``person`` only where every answer was written by a person."""
    kinds = {answer.author_kind for answer in read_answers(path).values()}
    return "person" if kinds == {"person"} else "model"


class RecordedEngine(Engine):
    """Serves the answers of the selected candidate's file. An item without an answer is left out, not made up."""

    def __init__(self) -> None:
        self._answers: dict[str, RecordedAnswer] = {}

    def select(self, candidate: Candidate) -> None:
        """Read the candidate's file."""
        assert candidate.answers is not None
        self._answers = read_answers(candidate.answers)

    def render(self, items: Sequence[Item], further: Sequence[Sequence[Message]] = ()) -> list[str]:
        """The customer's message; nothing was wrapped around it."""
        return [item.problem for item in items]

    def lengths(self, prompts: Sequence[str]) -> list[int]:
        """All alike: nothing is computed."""
        return [0] * len(prompts)

    def answer(self, items: Sequence[Item], prompts: Sequence[str]) -> list[str]:
        """The recorded completions; empty where none was recorded."""
        return [self._answers[item.id].completion if item.id in self._answers else "" for item in items]

    def proof(self) -> None:
        """No adapter, nothing to prove."""

    def describe(self) -> dict[str, Any]:
        """Who wrote the answers, and how many."""
        kinds = sorted({answer.author_kind for answer in self._answers.values()})
        return {"engine": "recorded", "author_kinds": kinds, "answers": len(self._answers)}
