"""Which rows a recipe trains on: of the training split, of topic files, of corrections.

Rows that repeat a test question, hold a benchmark's canary or stand twice are refused, whatever method asks for them.
"""

from collections.abc import Iterator
from pathlib import Path

from harness.candidates.candidate import Candidate
from harness.corrections import Correction, load_corrections
from harness.errors import InputError
from harness.hashing import sha256_text
from harness.suite.canary import holds_canary
from harness.suite.item import CORRECTED, Item, Split
from harness.suite.leakage import find_leaks
from harness.suite.suite import Suite
from harness.suite.topics import expand, load_topics
from harness.trainers.settings import Recipe


def training_rows(candidate: Candidate, recipe: Recipe) -> list[Item]:
    """All rows of a recipe, in a fixed order: of the training split, of the topic files, of the corrections.

    Raises `InputError` where there are none, or one is too close to a test question, holds a canary or stands twice.
    """
    suite = candidate.suite
    items: list[Item] = []
    if recipe.rows != "none":
        items += select_rows(suite.items(Split.TRAIN), recipe.rows)
    if recipe.paraphrases:
        for topic in load_topics(candidate.config.root / recipe.paraphrases, suite):
            items += expand(topic, recipe.seed, recipe.questions_per_topic, recipe.answers_per_question)
    for path in recipe.corrections:
        items += corrected_rows(candidate.config.root / path, suite)
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


def corrected_rows(path: Path, suite: Suite) -> Iterator[Item]:
    """The corrected items of a dataset, with the correction as their answer and ``item~digest`` as their id.

    Raises `InputError` for an item outside the training and feedback splits, or one whose question has changed since.
    """
    known = {
        item.id: item for split in (Split.TRAIN, Split.FEEDBACK) if suite.has(split) for item in suite.items(split)
    }
    for correction in load_corrections(path):
        item = known.get(correction.item)
        if item is None:
            raise InputError(
                f"{path}: {correction.item} is no item of the training or feedback split, and others are not trained on; "
                "correct a run on one of these"
            )
        if item.problem != correction.problem:
            raise InputError(
                f"{path}: the question of {correction.item} has changed since it was corrected; correct it anew"
            )
        yield item.model_copy(
            update={
                "id": f"{item.id}{CORRECTED}{sha256_text(correction.completion)[:8]}",
                "generated_solution": correction.completion,
                "expected_answer": correction.output,
                "author_kind": correction.author_kind,
                "author": correction.author,
            }
        )


def correctors(candidate: Candidate, recipe: Recipe) -> tuple[set[str], set[str]]:
    """Instruments that chose or checked the recipe's corrections, and models that wrote them."""
    found: list[Correction] = []
    for path in recipe.corrections:
        found += load_corrections(candidate.config.root / path)
    instruments = {name for correction in found for name in correction.instruments}
    return instruments, {correction.model for correction in found if correction.author_kind == "model"}


def refuse_unfit(candidate: Candidate, items: list[Item]) -> None:
    """Raise `InputError` where a row repeats a test question, holds a canary, or shares its id with another."""
    suite = candidate.suite
    marked = [item.id for item in items if holds_canary(f"{item.problem}\n{item.generated_solution}", suite)]
    if marked:
        raise InputError(
            f"{len(marked)} training rows hold a test set's canary, first {marked[0]}: they were copied from a benchmark; "
            "remove them"
        )
    leaks = find_leaks(
        [(item.id, item.problem) for item in items],
        [(item.id, item.problem) for item in suite.items(Split.TEST)],
    )
    if leaks:
        worst = leaks[0]
        raise InputError(
            f"{len(leaks)} training rows repeat test questions, first {worst.train_id} and {worst.test_id} "
            f"({worst.kind}, {worst.similarity:.2f}); remove them"
        )
    seen: set[str] = set()
    for item in items:
        if item.id in seen:
            raise InputError(f"training row {item.id} stands twice; remove one, or give it another id")
        seen.add(item.id)
