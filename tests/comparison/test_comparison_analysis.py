"""Verdicts, groups and estimates on tables of known truth."""

from dataclasses import replace

import numpy as np
import pytest
from tables import answers, table

from harness.comparison.analysis import estimate, forest, group_means, of_customers, variance, verdicts
from harness.comparison.pairs import paired
from harness.stats import clustered_tango

BASE = answers(480, 0.5)


def better(by: int, seed: int = 1) -> np.ndarray:
    """The base's answers with ``by`` wrong ones turned right."""
    wrong = np.flatnonzero(BASE == 0)
    changed = BASE.copy()
    changed[np.random.default_rng(seed).choice(wrong, by, replace=False)] = 1
    return changed


def test_planted_differences_are_found_in_their_direction() -> None:
    found = verdicts(
        table(base=BASE, up=better(60), same=BASE), [("up", "base"), ("base", "up"), ("same", "base")], "correct"
    )
    assert [verdict.outcome for verdict in found] == ["better", "worse", "no difference established"]
    assert found[0].diff == pytest.approx(60 / 480)
    assert found[0].low > 0 > found[1].high
    assert found[2].detectable is None  # not one discordant pair


def test_intents_and_facts_that_disagree_are_inconclusive() -> None:
    """All gains lie in few facts: many intents say better, few facts cannot."""
    data = table(intents=240, facts=6, base=np.zeros(480), lucky=np.repeat([1.0, 0, 0, 0, 0, 0], 80))
    found = verdicts(data, [("lucky", "base")], "correct")[0]
    assert found.adjusted_p < 0.001 < 0.05 < found.adjusted_p_fact
    assert found.outcome == "inconclusive"


def test_holm_and_max_t_hold_the_family() -> None:
    many = {f"c{number}": better(14, seed=number) for number in range(1, 9)}
    data = table(base=BASE, **many)
    pairs = [(name, "base") for name in many]
    alone = verdicts(data, pairs[:1], "correct")[0]
    by_holm, by_max_t = verdicts(data, pairs, "correct"), verdicts(data, pairs, "correct", step_down=True)
    assert by_holm[0].adjusted_p >= alone.adjusted_p
    assert by_max_t[0].adjusted_p <= 8 * alone.adjusted_p + 0.01


def test_undecided_answers_bound_the_difference_from_both_sides() -> None:
    new = better(40)
    new[:24] = np.nan
    found = verdicts(table(base=BASE, new=new), [("new", "base")], "correct")[0]
    assert found.lowest == found.diff  # the base has none undecided
    assert found.highest - found.lowest == pytest.approx(24 / 480)


def test_all_undecided_is_the_worst_case_not_a_crash() -> None:
    found = verdicts(table(base=BASE, new=np.full(480, np.nan)), [("new", "base")], "correct")[0]
    assert found.outcome == "worse"
    assert found.highest == pytest.approx(1 - BASE.mean())


def test_leaked_rows_leave_the_pair() -> None:
    data = table(base=BASE, new=better(60))
    gained = data.values("new", "correct") > data.values("base", "correct")
    leaky = replace(data, clean={"base": data.clean["base"], "new": ~gained})
    found = verdicts(leaky, [("new", "base")], "correct")[0]
    assert (found.rows_left_out, found.diff, found.outcome) == (60, 0, "no difference established")


def test_one_cluster_has_no_interval_and_no_verdict() -> None:
    data = table(intents=2, facts=1, domains=1, base=np.zeros(4), new=np.ones(4))
    found = verdicts(data, [("new", "base")], "correct")[0]
    assert found.outcome != "better"


def test_the_pair_is_the_clustered_score_interval() -> None:
    data = table(base=BASE, new=better(30))
    found, own = paired(data, "new", "base", "correct"), clustered_tango(better(30) - BASE, data.intents)
    assert (found.low, found.high) == (own.low, own.high)


def test_traffic_weights_move_the_headline() -> None:
    values = np.repeat([1.0, 0, 0, 0, 0, 0, 0, 0], 60)
    data = table(base=values)
    every = np.ones(480, dtype=bool)
    labels = data.groups["domain"].labels
    even = of_customers(data, "base", "correct", every, dict.fromkeys(labels, 1.0))
    busy = of_customers(data, "base", "correct", every, {label: 9.0 if label == "domain0" else 1.0 for label in labels})
    assert (even.mean, busy.mean) == pytest.approx((1 / 8, 9 / 16))
    assert even.low < 1 / 8 < even.high


def test_forest_shrinks_towards_the_overall_and_names_every_group() -> None:
    rows = forest(table(base=BASE, new=better(60)), [("new", "base")], "correct")
    assert {(row.dimension, row.group) for row in rows} >= {
        ("domain", "domain0"),
        ("language", "id"),
        ("register", "slang"),
    }
    domains = [row for row in rows if row.dimension == "domain"]
    spread = np.ptp([row.diff for row in domains]), np.ptp([row.shrunken for row in domains])
    assert spread[1] < spread[0]


def test_group_means_are_plain_means() -> None:
    found = {(each.dimension, each.group): each for each in group_means(table(base=BASE), ["base"], "correct")}
    assert found["domain", "domain0"].means["base"] == BASE[:60].mean()


def test_variance_is_split_between_items_and_samples() -> None:
    rng = np.random.default_rng(5)
    chance = rng.choice([0.1, 0.9], 480)
    scores = np.full((2, 480, 5), 0.9)
    scores[0] = rng.random((480, 5)) < chance[:, None]
    data = table(base=scores)
    found = variance(data, "base", "correct")
    assert found is not None
    assert found.between_items == pytest.approx(0.16, abs=0.02)
    assert found.within_items == pytest.approx(0.09, abs=0.01)
    assert variance(table(base=BASE), "base", "correct") is None


def test_means_of_samples_widen_nothing() -> None:
    """Five copies of an answer are one answer."""
    scores = np.full((2, 480, 5), 0.9)
    scores[0] = BASE[:, None]
    five = estimate(table(base=scores).values("base", "correct"), table(base=BASE).intents, binary=True)
    one = estimate(BASE, table(base=BASE).intents, binary=True)
    assert (five.mean, five.low, five.high) == (one.mean, one.low, one.high)
