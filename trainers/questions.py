"""Questions that somebody other than the gold answers: those of the rows, and of the feedback split, which exists for it."""

from pydantic import Field

from harness.candidates.candidate import Candidate
from harness.errors import InputError
from harness.suite.item import Item, Split
from harness.trainers.rows import refuse_unfit, training_rows
from harness.trainers.settings import Recipe


class QuestionRecipe(Recipe):
    """Keys of methods that ask a model the questions of the rows."""

    feedback: bool = Field(False, description="the questions of the feedback split too")


def question_rows(candidate: Candidate, recipe: QuestionRecipe) -> list[Item]:
    """The items to ask, in a fixed order: of the recipe's rows without its corrections, then of the feedback split.

    Raises `InputError` where there are none, or one repeats a test question or holds a canary.
    """
    items: list[Item] = []
    if recipe.rows != "none" or recipe.paraphrases or not recipe.feedback:
        items += training_rows(candidate, recipe.model_copy(update={"corrections": ()}))
    if recipe.feedback:
        if not candidate.suite.has(Split.FEEDBACK):
            raise InputError(f"suite {candidate.suite.name} has no feedback split; set feedback = false")
        feedback = candidate.suite.items(Split.FEEDBACK)
        refuse_unfit(candidate, feedback)
        items += feedback
    return items
