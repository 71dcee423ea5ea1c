"""One item of a suite: a customer's message, its gold answer, and what a right answer must and must not say."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from harness.text.forms import compile_form


class Split(StrEnum):
    """The four splits; an intent belongs to exactly one."""

    TRAIN = "train"
    FEEDBACK = "feedback"
    DEV = "dev"
    TEST = "test"


CORRECTED = "~"
"""Between the id of an item and the digest of a correction of it, in the id of a training row."""

IN_SCOPE = "in_scope"
Scope = Literal["in_scope", "not_known", "out_of_scope"]
AuthorKind = Literal["person", "model"]

Requirement = str | Annotated[tuple[str, ...], Field(min_length=1)]
"""A fact id of the knowledge base, or a list of accepted forms for this item alone."""


class Item(BaseModel):
    """A row of the suite (lm-eval: a doc)."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())

    id: str = Field(min_length=1)
    intent: str = Field(min_length=1, description="the cluster: every paraphrase and language of one question")
    domain: str = Field(min_length=1)
    language: Literal["id", "en"]
    speech_register: Literal["formal", "chatty", "slang", "typo", "terse", "long"] = Field(
        alias="register", description="the linguistic register of the customer's message"
    )
    problem: str = Field(min_length=1, description="the customer's message")
    generated_solution: str = Field(min_length=1, description="gold reasoning and answer, in tags")
    expected_answer: str = Field(min_length=1, description="gold answer, as the customer reads it")
    answerable: Scope
    facts_required: tuple[Requirement, ...] = Field(min_length=1)
    facts_forbidden: tuple[Requirement, ...] = ()
    knowledge: tuple[str, ...] = Field(default=(), description="ids of the facts the gold rests on")
    author_kind: AuthorKind = Field(description="who wrote the row")
    author: str = Field(min_length=1)
    canary: str | None = Field(None, description="the suite's canary, in the test split; absent elsewhere")

    @field_validator("facts_required", "facts_forbidden")
    @classmethod
    def _forms_compile(cls, requirements: tuple[Requirement, ...]) -> tuple[Requirement, ...]:
        for requirement in requirements:
            for form in () if isinstance(requirement, str) else requirement:
                compile_form(form)  # its FormError is a ValueError
        return requirements

    @property
    def is_answerable(self) -> bool:
        """Whether the knowledge base answers the question."""
        return self.answerable == IN_SCOPE

    @property
    def main_fact(self) -> str:
        """The fact the item mainly tests, by which results are clustered a second time; else the intent."""
        return main_fact(self.facts_required, self.knowledge) or self.intent


def main_fact(required: Iterable[object], knowledge: Iterable[str]) -> str | None:
    """The first of ``required`` (ids, or lists of forms) that says something of the company, else the first such of ``knowledge``."""
    named = (fact for fact in (*required, *knowledge) if isinstance(fact, str))
    return next((fact for fact in named if not fact.startswith("answer.") and fact != "support.email"), None)
