"""What is stored of a review, its tasks and its labels."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from harness.suite.item import AuthorKind

Verdict = Literal["correct", "incorrect", "unsure", "first", "second", "equal"]
"""Of one answer: correct, incorrect. Of two: first, second, equal. Of either: unsure."""
Role = Literal["reading", "adjudication"]
Kind = Literal["single", "pair", "import"]

OF_ONE: tuple[Verdict, ...] = ("correct", "incorrect", "unsure")
OF_TWO: tuple[Verdict, ...] = ("first", "second", "equal", "unsure")
SCALES = ("politeness", "conciseness", "clarity")


class _Stored(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Review(_Stored):
    """A drawn set of answers to be labelled. The id is the hash of what was drawn from and how."""

    id: str
    kind: Kind
    suite: str
    split: str
    lock: str
    items: int
    double: float = Field(ge=0, le=1)
    seed: int
    created: str


class Arm(_Stored):
    """A candidate whose answer a task shows. ``probability`` is that of the item to be drawn; none outside a random sample."""

    side: Literal[1, 2] = 1
    run: str
    candidate: str
    stratum: str
    probability: float | None = Field(gt=0, le=1)


class NewTask(_Stored):
    """A task before it is stored: completions as the candidates wrote them."""

    item: str
    retrieved: tuple[str, ...]
    completion: str
    other: str | None = None
    readers: Literal[1, 2] = 1
    arms: tuple[Arm, ...] = Field(min_length=1)


class Task(_Stored):
    """A question and one answer, or two; nothing in it says who wrote them."""

    id: int
    item: str
    retrieved: tuple[str, ...]
    completion: str
    other: str | None
    readers: int


class Judgement(_Stored):
    """What a reader says of a task; scales from 1 to 5, or none."""

    verdict: Verdict
    politeness: int | None = Field(default=None, ge=1, le=5)
    conciseness: int | None = Field(default=None, ge=1, le=5)
    clarity: int | None = Field(default=None, ge=1, le=5)
    comment: str = Field(default="", max_length=4000)


class Reviewer(_Stored):
    """Who labels; one name is one kind."""

    name: str
    author_kind: AuthorKind


class Reading(Judgement):
    """A stored label of a task."""

    id: int
    task: int
    role: Role
    reviewer: str
    author_kind: AuthorKind
    seconds: float | None


class Label(Reading):
    """A label with everything known of it; one for each candidate that gave the answer. ``other_*`` only for pairs."""

    review: str
    suite: str
    split: str
    lock: str
    item: str
    candidate: str
    run: str
    answer_sha256: str
    other_candidate: str | None
    other_run: str | None
    other_sha256: str | None
    stratum: str
    probability: float | None
    readers: int
    guideline: str | None
    shown_first: int | None
    session: int | None
    created: str
    undone: str | None
