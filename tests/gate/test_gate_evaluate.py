"""The policy on tables of known truth: what releases, what blocks, what stays open, and how often it errs."""

from dataclasses import replace

import numpy as np
import pytest
from tables import answers, table

from harness.comparison.table import ScoreTable
from harness.gate.decide import Decision, decision
from harness.gate.evaluate import Condition, evaluate
from harness.gate.policy import Critical, Policy
from harness.gate.simulate import Truth, draw, simulate

BASE = answers(960, 0.6)
POLICY = Policy(
    margin=0.06,
    critical=Critical(domains=("domain0", "domain1"), margin=0.12, least_rows=300),
    floors={"politeness": 0.5},
    ceilings={},
)


def data(new: np.ndarray, base: np.ndarray = BASE) -> ScoreTable:
    return table(intents=480, facts=160, domains=8, unanswerable=1, base=base, new=new)


def judged(found: ScoreTable, policy: Policy = POLICY) -> tuple[Decision, dict[str, Condition]]:
    conditions = evaluate(found, "new", "base", "correct", policy)
    return decision(conditions), {condition.name: condition for condition in conditions}


def flipped(count: int, rows: np.ndarray | None = None, to: float = 0.0) -> np.ndarray:
    """``count`` of the base's answers among ``rows`` made wrong (or right)."""
    pool = np.flatnonzero((to != BASE) & (True if rows is None else rows))
    changed = BASE.copy()
    changed[np.random.default_rng(7).choice(pool, count, replace=False)] = to
    return changed


def test_equal_and_better_are_released() -> None:
    for new in (BASE, flipped(80, to=1.0), flipped(4)):
        assert judged(data(new))[0] == "RELEASE"


def test_much_worse_is_blocked_overall() -> None:
    verdict, conditions = judged(data(flipped(140)))
    assert verdict == "BLOCK"
    assert conditions["not inferior, overall"].result == "fail"


def test_worse_in_the_critical_group_alone_is_blocked() -> None:
    critical = data(BASE).critical(("domain0", "domain1"), unanswerable=True)
    verdict, conditions = judged(data(flipped(75, critical)))
    assert verdict == "BLOCK"
    assert conditions["not inferior, critical group"].result == "fail"


def test_one_collapsed_domain_blocks_though_the_mean_hardly_moves() -> None:
    domain = data(BASE).groups["domain"].rows("domain3")
    new = np.maximum(flipped(60, domain), 0)
    new[np.flatnonzero((new == 0) & ~domain)[:60]] = 1
    verdict, conditions = judged(data(new))
    assert abs(new.mean() - BASE.mean()) < 0.001
    assert verdict == "BLOCK"
    assert "domain3" in conditions["no other domain worse"].reason


def test_a_few_points_lost_stay_open_and_say_what_would_settle_it() -> None:
    new = np.where(BASE == 1, flipped(180), flipped(158, to=1.0))
    verdict, conditions = judged(data(new))
    overall = conditions["not inferior, overall"]
    assert (verdict, overall.result) == ("INCONCLUSIVE", "unknown")
    assert "more rows" in str(overall.settle)


def test_more_rows_as_promised_settle_it() -> None:
    """The rows named in the settle text bring the condition to pass in about 80% of draws."""
    rng, small, large, told = np.random.default_rng(3), 0, 0, []
    truth = Truth(0.0, 0.2, 0.1, 0.0)
    policy = POLICY.model_copy(update={"uses": 1})
    for size in (100, 400):
        passes = 0
        for _ in range(60):
            frame = table(intents=size, facts=size // 2, domains=2, base=np.zeros(2 * size), new=np.zeros(2 * size))
            delta = draw(frame, truth, rng)
            drawn = table(
                intents=size, facts=size // 2, domains=2, base=(delta < 0).astype(float), new=(delta > 0).astype(float)
            )
            overall = judged(drawn, policy)[1]["not inferior, overall"]
            passes += overall.result == "pass"
            if size == 100 and overall.settle and "about" in overall.settle and delta.mean() >= 0:
                told.append(int(overall.settle.split()[1].replace(",", "")))
        small, large = (passes, large) if size == 100 else (small, passes)
    assert small < 40 < large
    assert 100 < np.median(told) < 500


@pytest.mark.parametrize("rows", [28, 100])
def test_small_sets_with_identical_verdicts_never_release(rows: int) -> None:
    values = answers(rows, 0.5)
    found = table(intents=rows // 2, facts=rows // 2, domains=1, base=values, new=values)
    assert judged(found)[0] == "INCONCLUSIVE"


def test_undecided_answers_count_against_the_candidate() -> None:
    new = BASE.copy()
    new[::4] = np.nan
    assert judged(data(new))[0] == "BLOCK"
    assert judged(data(np.full(960, np.nan)))[0] == "BLOCK"
    base = BASE.copy()
    base[::4] = np.nan
    assert judged(data(BASE, base))[0] != "RELEASE"


def test_leaked_rows_cannot_buy_a_release() -> None:
    """The candidate knows the leaked half by heart and is much worse on the rest."""
    new = BASE.copy()
    new[480:] = 1.0
    new[:480][np.flatnonzero(BASE[:480])[:120]] = 0.0
    everything = data(new)
    leaked = np.arange(960) >= 480
    clean = replace(everything, clean={"base": everything.clean["base"], "new": ~leaked})
    assert judged(everything)[1]["not inferior, overall"].result == "pass"
    assert judged(clean)[1]["not inferior, overall"].result == "fail"


def test_floors_ceilings_and_improvement() -> None:
    found = data(flipped(60, to=1.0))
    assert judged(found, POLICY.model_copy(update={"floors": {"politeness": 0.95}}))[0] == "BLOCK"
    assert judged(found, POLICY.model_copy(update={"ceilings": {"politeness": 0.8}}))[0] == "BLOCK"
    assert judged(found, POLICY.model_copy(update={"improvement": 0.02}))[0] == "RELEASE"
    assert judged(found, POLICY.model_copy(update={"improvement": 0.06}))[0] == "INCONCLUSIVE"
    assert judged(found, POLICY.model_copy(update={"improvement": 0.20}))[0] == "BLOCK"


def test_a_critical_group_too_small_to_decide_is_not_a_pass() -> None:
    small = POLICY.model_copy(update={"critical": Critical(domains=("domain0",), unanswerable=False, least_rows=300)})
    verdict, conditions = judged(data(BASE), small)
    assert verdict == "INCONCLUSIVE"
    assert "too small" in conditions["not inferior, critical group"].reason


def test_drawn_truths_are_as_asked() -> None:
    frame = data(BASE)
    rng = np.random.default_rng(0)
    truth = Truth(-0.05, 0.2, 0.5, 0.2)
    drawn = np.stack([draw(frame, truth, rng) for _ in range(400)])
    assert drawn.mean() == pytest.approx(-0.05, abs=0.005)
    assert np.abs(drawn).mean() == pytest.approx(0.2, abs=0.01)
    centred = drawn + 0.05
    variance = (centred**2).mean()
    assert (centred[:, ::2] * centred[:, 1::2]).mean() / variance == pytest.approx(0.5, abs=0.04)
    same_fact = (centred[:, 0::6] * centred[:, 3::6]).mean() / variance  # other intent, same fact
    assert same_fact == pytest.approx(0.2, abs=0.06)


def test_error_rates_of_the_evaluation() -> None:
    """300 draws: a 1% error may show 3%, an 80% power 74%. The full table is in benchmarks/error_rates.py."""
    truth = Truth(0.0, 0.17, 0.06, 0.05)
    equal = simulate(data(BASE), "base", "correct", POLICY, truth, 300)
    assert equal.release >= 0.74
    at_margin = simulate(data(BASE), "base", "correct", POLICY, replace(truth, difference=-0.06), 300)
    assert at_margin.release <= 0.03
