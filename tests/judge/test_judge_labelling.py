"""The stopping rule: its error rates over all looks, when it stops, and what it says is still needed."""

import numpy as np
import pytest

from harness.scoring.judge.labelling import Labelling, LabellingPlan, decide_labelling, planned_times

INTENTS = 300
ITEMS = [str(number) for number in range(2 * INTENTS)]
GROUP = np.repeat(np.arange(INTENTS), 2)


def labelled(
    rng: np.random.Generator, difference: float, drawn: int = 200, given: int | None = None, discordance: float = 0.3
) -> Labelling:
    """A judge of 0.92 and 0.85 on two candidates whose answers to one intent tend to differ together."""
    luck = np.where(rng.random(INTENTS)[GROUP] < 0.3, rng.random(INTENTS)[GROUP], rng.random(GROUP.size))
    up = (discordance + difference) / 2
    delta = np.where(luck < up, 1.0, np.where(luck < discordance, -1.0, 0.0))
    same = rng.random(GROUP.size) < 0.5

    def judged(right: np.ndarray) -> np.ndarray:
        return (rng.random(GROUP.size) < np.where(right, 0.92, 0.15)).astype(float)

    seen = judged(np.where(delta == 0, same, delta > 0)) - judged(np.where(delta == 0, same, delta < 0))
    order = [ITEMS[place] for place in rng.permutation(len(ITEMS))[:drawn]]
    truth = {item: float(delta[int(item)]) for item in order[: drawn if given is None else given]}
    plan = LabellingPlan(0.08, 0.05, planned_times(drawn, 4, 10))
    return decide_labelling(order, truth, ITEMS, seen, GROUP, plan)


def share(outcome: str, difference: float, draws: int = 500) -> float:
    rng = np.random.default_rng(11)
    return float(np.mean([labelled(rng, difference).outcome == outcome for _ in range(draws)]))


def test_looks_are_whole_blocks() -> None:
    assert planned_times(200, 4, 10) == (50, 100, 150, 200)
    assert planned_times(203, 4, 10) == (60, 110, 160, 203)
    assert planned_times(12, 4, 10) == (10, 12)
    assert planned_times(5, 4, 10) == (5,)


def test_four_looks_spend_one_looks_error() -> None:
    # Three standard errors of 500 draws above 0.05.
    assert share("not inferior", -0.08) < 0.08
    assert share("worse", 0.0) < 0.08


def test_clear_cases_stop_early() -> None:
    rng = np.random.default_rng(3)
    better = [labelled(rng, 0.15) for _ in range(60)]
    worse = [labelled(rng, -0.25) for _ in range(60)]
    assert np.mean([each.outcome == "not inferior" for each in better]) > 0.95
    assert np.mean([each.outcome == "worse" for each in worse]) > 0.95
    assert np.mean([each.items for each in better + worse]) < 130
    early = next(each for each in better if each.items < 200)
    assert (early.next_look, early.more_items) == (None, None)
    assert "need no labels" in early.sentence


def test_before_the_first_look_nothing_is_tested() -> None:
    got = labelled(np.random.default_rng(4), 0.15, given=49)
    assert (got.outcome, got.found, got.next_look) == ("open", None, 50)
    assert "first look is at 50: 1 more items" in got.sentence


def test_a_gap_in_the_order_holds_the_look_back() -> None:
    plan = LabellingPlan(0.08, 0.05, (20, 40))
    order = ITEMS[:40]
    truth = dict.fromkeys(order, 0.0)
    del truth[order[5]]
    got = decide_labelling(order, truth, ITEMS, np.zeros(len(ITEMS)), GROUP, plan)
    assert (got.complete, got.found) == (5, None)


def test_the_number_said_to_be_needed_decides_four_times_in_five() -> None:
    rng = np.random.default_rng(6)
    open_ones = [
        each for each in (labelled(rng, 0.0, given=100, drawn=400) for _ in range(150)) if each.outcome == "open"
    ]
    more = [each.more_items for each in open_ones if each.more_items is not None]
    needed = 100 + int(np.median(more))
    decided = [labelled(rng, 0.0, drawn=needed).outcome == "not inferior" for _ in range(200)]
    assert 0.6 < np.mean(decided) < 0.95


def test_a_difference_at_the_margin_wants_more_items_not_labels() -> None:
    plan = LabellingPlan(0.08, 0.0001, (300,))
    rng = np.random.default_rng(9)
    delta = rng.choice([-1.0, 0.0, 1.0], len(ITEMS), p=[0.3, 0.46, 0.24])
    got = decide_labelling(ITEMS[:300], dict(zip(ITEMS, delta, strict=True)), ITEMS, np.zeros(len(ITEMS)), GROUP, plan)
    assert (got.outcome, got.more_items) == ("open", None)
    assert "add items to the suite" in got.sentence


def test_labels_of_one_intent_are_no_look() -> None:
    got = decide_labelling(
        ["0", "1"], {"0": 0.0, "1": 0.0}, ITEMS, np.zeros(len(ITEMS)), GROUP, LabellingPlan(0.08, 0.05, (2,))
    )
    assert got.found is None
    assert got.outcome == "open"


@pytest.mark.parametrize("lam", [None, 0.0])
def test_a_judge_left_out_costs_precision_only(lam: float | None) -> None:
    rng = np.random.default_rng(2)
    delta = rng.choice([-1.0, 0.0, 1.0], len(ITEMS), p=[0.15, 0.6, 0.25])
    plan = LabellingPlan(0.08, 0.05, (200,))
    got = decide_labelling(ITEMS[::3], dict(zip(ITEMS, delta, strict=True)), ITEMS, delta, GROUP, plan, lam)
    assert got.found is not None
    assert (got.found.lam > 0.9) == (lam is None)
