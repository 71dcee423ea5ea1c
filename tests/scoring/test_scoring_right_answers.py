"""Right answers in other words than the gold's must be taken for right."""

import json
from pathlib import Path

import pytest

from harness.scoring.correct import judge
from harness.suite.item import Split
from harness.suite.suite import load_suite

SUITE = load_suite("facencial")
ITEMS = {item.id: item for split in (Split.TRAIN, Split.FEEDBACK, Split.DEV) for item in SUITE.items(split)}
FRESH_ITEMS = {item.id: item for item in SUITE.items(Split.TEST)}
ROWS = [json.loads(line) for line in Path(__file__).with_name("right_answers.jsonl").read_text("utf-8").splitlines()]
# Of test items, so no form may be fitted to them: the batch measures, it does not teach.
FRESH = [
    json.loads(line) for line in Path(__file__).with_name("right_answers_fourth.jsonl").read_text("utf-8").splitlines()
]


@pytest.mark.parametrize("language", ["id", "en"])
def test_right_answers_in_other_words_are_right(language: str) -> None:
    rows = [row for row in ROWS if row["language"] == language]
    missed = {}
    for row in rows:
        found = judge(row["output"], ITEMS[row["id"]], SUITE.knowledge)
        if not found.correct:
            missed[row["id"]] = (row["output"], found)
    assert len(rows) >= 200
    assert 1 - len(missed) / len(rows) >= 0.95, missed


def test_a_writer_s_answers_to_which_no_form_was_fitted_are_right() -> None:
    right = [judge(row["output"], FRESH_ITEMS[row["id"]], SUITE.knowledge).correct for row in FRESH]
    assert len(right) == 150
    assert sum(right) / len(right) >= 0.95


def test_none_of_them_is_the_gold() -> None:
    assert all(row["output"] != ITEMS[row["id"]].expected_answer for row in ROWS)
    assert all(row["output"] != FRESH_ITEMS[row["id"]].expected_answer for row in FRESH)
