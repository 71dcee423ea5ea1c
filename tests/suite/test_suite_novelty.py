"""Novelty: planted training sets, and the shipped suite against sets computed one by one."""

import pytest

from harness.suite.item import Item, Split
from harness.suite.novelty import novelty
from harness.suite.suite import load_suite

SUITE = load_suite("facencial")


def item(name: str, required: list, knowledge: tuple[str, ...] = ()) -> Item:
    return Item(
        id=name, intent=name, domain="d", language="en", register="terse", problem="?", generated_solution="!",
        expected_answer="!", answerable="in_scope", facts_required=required, knowledge=knowledge, author_kind="model",
        author="t",
    )  # fmt: skip


TRAINED = [
    item("1", ["a.x"]),
    item("2", ["a.y", "support.email"]),
    item("3", ["a.z", "a.w"]),
    item("4", ["answer.decline"]),
    item("5", [["said so"]], ("a.k",)),
    item("6", ["a.x", ["own form"]], ("a.m",)),
]


@pytest.mark.parametrize(
    ("required", "knowledge", "level"),
    [
        (["a.x"], (), "trained"),
        (["a.w"], (), "trained"),
        (["a.z", "a.w"], (), "trained"),
        (["a.w", "a.z", "answer.hello", "support.email"], (), "trained"),
        (["a.x", "a.y"], (), "combined"),
        (["a.x", "a.z", "a.w"], (), "combined"),
        (["a.x", "a.q"], (), "untrained"),
        (["a.q"], (), "untrained"),
        (["answer.decline"], (), "trained"),
        (["answer.hello"], (), "untrained"),
        (["support.email"], (), "trained"),
        (["answer.decline", "support.email"], (), "combined"),
        ([["inline"]], ("a.k",), "trained"),
        ([["inline"]], ("a.m",), "untrained"),
        (["a.x", ["inline"]], ("a.q",), "trained"),
        ([["inline"]], (), "untrained"),
    ],
)
def test_planted(required: list, knowledge: tuple[str, ...], level: str) -> None:
    assert novelty([item("t", required, knowledge)], iter(TRAINED)) == {"t": level}


def test_nothing_trained_and_nothing_asked() -> None:
    assert novelty([item("t", ["a.x"])], []) == {"t": "untrained"}
    assert novelty([], TRAINED) == {}


def test_the_shipped_suite_one_item_at_a_time() -> None:
    def named(row: Item) -> set[str]:
        return {fact for fact in row.facts_required if isinstance(fact, str)} or set(row.knowledge)

    train = SUITE.items(Split.TRAIN)
    expected = {}
    for test in SUITE.items(Split.TEST):
        facts = {f for f in named(test) if not f.startswith("answer.") and f != "support.email"} or named(test)
        if any(facts <= named(row) for row in train):
            expected[test.id] = "trained"
        elif all(any(fact in named(row) for row in train) for fact in facts):
            expected[test.id] = "combined"
        else:
            expected[test.id] = "untrained"
    assert novelty(SUITE.items(Split.TEST), train) == expected
    assert set(expected.values()) == {"trained", "combined", "untrained"}


def test_facts_that_only_a_training_manifest_names_count_as_taught() -> None:
    assert novelty([item("t", ["new.x", "new.y"])], [], [frozenset({"new.x", "new.y"})]) == {"t": "trained"}
    assert novelty([item("t", ["new.x", "new.y"])], TRAINED, [frozenset({"new.x"})]) == {"t": "untrained"}
