"""Sequence-level knowledge distillation: a student learns the answers that a teacher gave and the scorers passed.

The teacher is any candidate: one that reads the knowledge base, or an endpoint. Its answers are an ordinary run, so a teacher
that fails half-way goes on where it stopped. Source: Kim & Rush (2016), EMNLP, arXiv:1606.07947.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from harness.candidates.candidate import Candidate
from harness.errors import InputError
from harness.scoring import METRICS
from harness.scoring.completion import parse
from harness.suggest import nearest
from harness.suite.item import Item
from harness.trainers.answers import Answers, answering_candidate, answers_of, failed
from harness.trainers.manifest import Training, adapter_folder, write_manifest
from harness.trainers.prepare import prepare
from harness.trainers.questions import QuestionRecipe, question_rows
from harness.trainers.rows import corrected_rows, refuse_unfit
from harness.trainers.settings import SupervisedRecipe
from harness.trainers.sft import fit


class DistillAnswersRecipe(QuestionRecipe, SupervisedRecipe):
    """A recipe of method ``distill-answers``."""

    method: Literal["distill-answers"] = "distill-answers"
    teacher: str = Field(description="candidate that answers the questions")
    filters: tuple[str, ...] = Field(
        ("correct", "unsupported", "format", "language"), min_length=1, description="metrics an answer must be best in"
    )

    @field_validator("filters")
    @classmethod
    def _known(cls, filters: tuple[str, ...]) -> tuple[str, ...]:
        for name in filters:
            if name not in METRICS:
                raise ValueError(f"unknown metric {name!r}{nearest(name, METRICS)}")
        return filters


def train(candidate: Candidate, recipe: DistillAnswersRecipe, work: Path) -> Training:
    """Ask the teacher, keep what passes the filters, train on it and on the recipe's corrections.

    Raises `InputError` on unfit data, and where nothing that the teacher wrote is kept.
    """
    adapter_folder(candidate)
    config = candidate.config
    teacher = answering_candidate(recipe.teacher, config, "teacher")
    questions = question_rows(candidate, recipe)
    answers = answers_of(recipe.teacher, questions, config)
    kept, dropped = passed(questions, answers, recipe.filters, teacher_model(teacher))
    if not kept:
        worst = ", ".join(f"{name} {count}" for name, count in dropped.most_common())
        raise InputError(
            f"no answer of teacher {recipe.teacher} to {len(questions)} questions passed the filters (failed: {worst}); "
            "name a better teacher or fewer filters"
        )
    rows = kept + [row for path in recipe.corrections for row in corrected_rows(config.root / path, candidate.suite)]
    refuse_unfit(candidate, rows)
    prepared = prepare(candidate, recipe, rows)
    training = fit(candidate, recipe, prepared, work)
    write_manifest(
        candidate, recipe, rows, prepared.data_sha256, training,
        instruments=recipe.filters,
        models=[teacher_model(teacher)],
        extra={
            "teacher": teacher_model(teacher),
            "teacher_candidate": recipe.teacher,
            "teacher_fingerprint": teacher.fingerprint,
            "teacher_run": answers.run,
            "answers": {
                "asked": len(questions), "kept": len(kept), "dropped": len(questions) - len(kept),
                "failed": dict(dropped.most_common()),
            },
        },
    )  # fmt: skip
    return training


def passed(
    questions: Sequence[Item], answers: Answers, filters: Sequence[str], author: str
) -> tuple[list[Item], Counter[str]]:
    """The questions whose answer passes all filters, with that answer in place of the gold; and how many failed each filter."""
    kept: list[Item] = []
    dropped: Counter[str] = Counter()
    for item in questions:
        if reasons := failed(answers.scores[item.id], filters):
            dropped.update(reasons)
            continue
        answer = parse(answers.completions[item.id])
        kept.append(
            item.model_copy(
                update={
                    "generated_solution": answer.text.strip(),
                    "expected_answer": answer.whole,
                    "author_kind": "model",
                    "author": author,
                }
            )
        )
    return kept, dropped


def teacher_model(teacher: Candidate) -> str:
    """Name of the model behind a teacher."""
    endpoint = teacher.settings.endpoint
    return endpoint.model if endpoint else teacher.settings.model or teacher.name
