"""The validation itself: planted values of simulated judges come back, and a coin is refused."""

import numpy as np
import pytest

from harness.scoring.judge.validation import JUDGES, Validation, validate
from harness.suite.item import Split
from harness.suite.suite import load_suite

DRAWS = 40


@pytest.fixture(scope="module")
def found() -> dict[str, Validation]:
    items = load_suite("facencial", None).items(Split.TEST)[:480]
    return {judge.name: validate(judge, items, 160, DRAWS, seed=1) for judge in JUDGES[2:]}


def test_planted_values_come_back(found: dict[str, Validation]) -> None:
    for validation in (found["lenient to the new one"], found["first and long preferred"]):
        assert validation.refused == 0
        assert len(validation.recovered) == 15
        for row in validation.recovered:
            assert row.mean == pytest.approx(row.planted, rel=0.08, abs=0.02), row.figure
        # Four standard errors of 40 draws below 95%, and all figures together near it.
        assert min(row.covered for row in validation.recovered) > 0.8
        assert np.mean([row.covered for row in validation.recovered]) > 0.92


def test_leniency_shows_raw_and_not_corrected(found: dict[str, Validation]) -> None:
    lenient = found["lenient to the new one"]
    assert lenient.judged_difference > 0.14
    corrected = next(row for row in lenient.recovered if row.figure == "difference, corrected")
    assert corrected.mean == pytest.approx(0.1, abs=0.02)


def test_a_coin_is_refused(found: dict[str, Validation]) -> None:
    assert found["no better than a coin"].refused >= 0.85
