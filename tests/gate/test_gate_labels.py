"""The gate on people's labels: nothing passes while they are missing, and they alone decide when they are there."""

from dataclasses import replace

import numpy as np
import pytest
from tables import answers, table

from harness.comparison.table import ScoreTable
from harness.gate.corrected import PeoplesLabels, corrected_condition, labelling
from harness.gate.policy import Corrected, Policy

ROWS = 960
ITEMS = [f"i{row}" for row in range(ROWS)]
POLICY = Policy(margin=0.1, uses=1, corrected=Corrected(least_items=200, looks=4))


def scores(new: np.ndarray, base: np.ndarray) -> ScoreTable:
    return table(intents=480, facts=160, new=new, base=base)


def labels(
    new: np.ndarray, base: np.ndarray, count: int = 240, given: int | None = None, seed: int = 0
) -> PeoplesLabels:
    order = [ITEMS[row] for row in np.random.default_rng(seed).permutation(ROWS)[:count]]
    right = {
        (item, name): float(side[int(item[1:])]) for item in order[: count if given is None else given]
        for name, side in (("new", new), ("base", base))
    }  # fmt: skip
    return PeoplesLabels(tuple(order), right, 10)


def judged(truth: np.ndarray, lenient: float = 0.0, seed: int = 1) -> np.ndarray:
    chance = np.random.default_rng(seed).random(ROWS)
    return np.where(truth == 1, chance < 0.92, chance < 0.12 + lenient).astype(float)


BASE = answers(ROWS, 0.6)
WORSE = np.where(answers(ROWS, 0.3, seed=5) == 1, 0, BASE)  # about 18 points worse
TWIN = np.where(answers(ROWS, 0.05, seed=6) == 1, 1 - BASE, BASE)


def test_without_labels_it_is_unknown_and_says_what_to_do() -> None:
    got = corrected_condition(scores(TWIN, BASE), ITEMS, "new", "base", "correct", POLICY, None)
    assert (got.result, got.settle) == ("unknown", "harness review start new base --split test --items 200")
    few = corrected_condition(scores(TWIN, BASE), ITEMS, "new", "base", "correct", POLICY, labels(TWIN, BASE, given=12))
    assert few.result == "unknown"
    assert "48 more items" in few.reason


def test_an_equal_candidate_passes_and_stops_early() -> None:
    table_ = scores(judged(TWIN), judged(BASE, seed=2))
    got = corrected_condition(table_, ITEMS, "new", "base", "correct", POLICY, labels(TWIN, BASE))
    assert got.result == "pass"
    found = labelling(table_, ITEMS, "new", "base", "correct", POLICY, labels(TWIN, BASE))
    assert found.items < 240
    assert "need no labels" in got.reason


def test_a_lenient_instrument_does_not_release_a_worse_candidate() -> None:
    flattering = scores(judged(WORSE, lenient=0.35), judged(BASE, seed=2))
    assert flattering.values("new", "correct").mean() > flattering.values("base", "correct").mean() - 0.06
    got = corrected_condition(flattering, ITEMS, "new", "base", "correct", POLICY, labels(WORSE, BASE))
    assert got.result == "fail"
    assert "decided: worse" in got.reason


def test_an_instrument_like_a_coin_is_left_out() -> None:
    coin = scores(answers(ROWS, 0.5, seed=8), answers(ROWS, 0.5, seed=9))
    found = labelling(coin, ITEMS, "new", "base", "correct", POLICY, labels(TWIN, BASE))
    assert found.found is not None
    assert found.found.lam == 0
    assert found.outcome == "not inferior"


def test_answers_readers_are_unsure_of_count_against_the_candidate() -> None:
    sure = labels(TWIN, BASE)
    unsure = replace(
        sure, right={key: (np.nan if int(key[0][1:]) % 3 == 0 else value) for key, value in sure.right.items()}
    )
    table_ = scores(judged(TWIN), judged(BASE, seed=2))
    got = corrected_condition(table_, ITEMS, "new", "base", "correct", POLICY, unsure)
    assert got.result == "fail"


def test_leaked_rows_leave_the_labels_too() -> None:
    table_ = scores(judged(TWIN), judged(BASE, seed=2))
    leaked = replace(table_, clean={"new": np.arange(ROWS) % 2 == 0, "base": np.ones(ROWS, dtype=bool)})
    found = labelling(leaked, ITEMS, "new", "base", "correct", POLICY, labels(TWIN, BASE))
    assert found.planned == pytest.approx(120, abs=25)
    assert found.found is not None
    assert found.found.population == 480  # one row of each intent is left
