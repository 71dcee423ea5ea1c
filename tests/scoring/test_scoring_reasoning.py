"""Reasoning: steps that name the facts of an item, steps that deny them, and reasoning that is not there."""

import pytest

from harness.scoring.reasoning import Reasoning, read_reasoning, survival
from harness.suite.item import Item, Split
from harness.suite.suite import load_suite

SUITE = load_suite("facencial")


@pytest.fixture(scope="module")
def item() -> Item:
    return next(item for item in SUITE.items(Split.TRAIN) if item.id == "hostile-train-01-en")


@pytest.mark.parametrize(
    ("think", "steps", "right", "wrong", "named"),
    [
        (
            "The customer is angry and wants money back. There are no refunds; write to support@facencial.com.",
            3,
            2,
            0,
            2,
        ),
        ("The customer is angry. There are refunds within 30 days.", 2, 0, 1, 0),
        ("The customer is angry. Ultra costs Rp99.999.", 2, 0, 1, 0),
        ("The customer is angry.", 1, 0, 0, 0),
    ],
)
def test_steps_are_held_against_the_facts(
    item: Item, think: str, steps: int, right: int, wrong: int, named: int
) -> None:
    found = read_reasoning(f"<think>{think}</think><output>x</output>", item, SUITE.knowledge)
    assert found == Reasoning(True, steps, right, wrong, named, 2)


def test_reasoning_outside_closed_tags_does_not_count(item: Item) -> None:
    assert read_reasoning("There are no refunds.", item, SUITE.knowledge) == Reasoning(False, 0, 0, 0, 0, 2)


def test_shares_pool_steps_and_facts() -> None:
    found = survival([Reasoning(True, 3, 2, 0, 2, 2), Reasoning(False, 1, 0, 1, 0, 1)])
    assert (found.well_formed, found.right_steps, found.wrong_steps) == (0.5, 0.5, 0.25)
    assert found.facts_named == pytest.approx(2 / 3)
    assert survival([Reasoning(False, 0, 0, 0, 0, 1)]).right_steps == 0


def test_the_gold_names_its_facts_in_most_items_and_denies_none_of_its_own() -> None:
    items = SUITE.items(Split.TRAIN)
    found = survival([read_reasoning(item.generated_solution, item, SUITE.knowledge) for item in items])
    assert found.well_formed == 1
    assert found.facts_named > 0.7
    assert found.wrong_steps < 0.02
