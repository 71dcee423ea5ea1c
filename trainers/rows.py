"""Which rows a recipe trains on, and which are refused: those that repeat a test question or hold a benchmark's canary."""

from harness.candidates.candidate import Candidate
from harness.errors import InputError
from harness.suite.canary import holds_canary
from harness.suite.item import Item, Split
from harness.suite.leakage import find_leaks
from harness.suite.topics import expand, load_topics
from harness.trainers.settings import Recipe


def training_rows(candidate: Candidate, recipe: Recipe) -> list[Item]:
    """All rows of a recipe, in a fixed order: of the training split, then of the topic files.

    Raises `InputError` where there are none, or one is too close to a test question, holds a canary or stands twice.
    """
    suite = candidate.suite
    items: list[Item] = []
    if recipe.rows != "none":
        items += select_rows(suite.items(Split.TRAIN), recipe.rows)
    if recipe.paraphrases:
        for topic in load_topics(candidate.config.root / recipe.paraphrases, suite):
            items += expand(topic, recipe.seed, recipe.questions_per_topic, recipe.answers_per_question)
    if not items:
        raise InputError(
            f'candidate {candidate.name}: its recipe chooses no rows; set rows = "all" or name paraphrases'
        )
    refuse_unfit(candidate, items)
    return items


def select_rows(items: list[Item], rows: str) -> list[Item]:
    """The part of the training split a recipe asks for."""
    if rows == "all":
        return items
    first: dict[str, str] = {}
    for item in items:
        first.setdefault(item.domain, item.intent)
    return [item for item in items if first[item.domain] == item.intent]


def refuse_unfit(candidate: Candidate, items: list[Item]) -> None:
    """Raise `InputError` where a row repeats a test question, holds a canary, or shares its id with another."""
    suite = candidate.suite
    marked = [item.id for item in items if holds_canary(f"{item.problem}\n{item.generated_solution}", suite)]
    if marked:
        raise InputError(
            f"{len(marked)} training rows hold a test set's canary, first {marked[0]}: they were copied from a benchmark; "
            "remove them from the training split"
        )
    leaks = find_leaks(
        [(item.id, item.problem) for item in items],
        [(item.id, item.problem) for item in suite.items(Split.TEST)],
    )
    if leaks:
        worst = leaks[0]
        raise InputError(
            f"{len(leaks)} training rows repeat test questions, first {worst.train_id} and {worst.test_id} "
            f"({worst.kind}, {worst.similarity:.2f}); remove them from the training split"
        )
    seen: set[str] = set()
    for item in items:
        if item.id in seen:
            raise InputError(f"training row {item.id} stands twice; remove one, or give it another id")
        seen.add(item.id)
