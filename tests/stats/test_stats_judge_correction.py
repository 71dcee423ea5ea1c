"""A judge's share corrected: against Lang and Reiczigel's examples, ppi-python, and planted truths."""

from math import isnan, sqrt

import numpy as np
import pytest
from scipy.stats import norm

from harness.stats import ppi_mean, rogan_gladen

# Lang & Reiczigel (2014), examples as quoted in R asht::prevSeSp: positives, n, sensitivity and specificity counts.
EXAMPLES = [
    ((4060, 11284, 178, 179, 358, 359), (0.349, 0.372), 5e-4),
    ((51, 2971, 32, 33, 20, 20), (0, 0.053), 5e-4),
    ((0.06 * 11862, 11862, 8, 10, 12, 12), (0, 0.147), 5e-4),
    ((259, 509, 84, 127, 96, 109), (0.58, 0.87), 5e-3),
    ((51, 509, 23, 41, 187, 195), (0.037, 0.195), 5e-4),
]
ROW = np.arange(60)
TRUTH = ((ROW * 7) % 10 < 6).astype(float)
SEEN = np.where((ROW * 3) % 11 < 8, TRUTH, 1 - TRUTH)
UNSEEN = ((np.arange(400) * 13) % 20 < 11).astype(float)


@pytest.mark.parametrize(("counts", "published", "rounding"), EXAMPLES)
def test_lang_and_reiczigels_examples(
    counts: tuple[float, ...], published: tuple[float, float], rounding: float
) -> None:
    got = rogan_gladen(*counts).lang_reiczigel
    assert (got.low, got.high) == pytest.approx(published, abs=rounding)


def test_rogan_gladen_by_hand() -> None:
    got = rogan_gladen(60, 100, 45, 50, 40, 50)
    theta = (0.6 + 0.8 - 1) / 0.7
    se = sqrt(0.6 * 0.4 / 100 + theta**2 * 0.9 * 0.1 / 50 + (1 - theta) ** 2 * 0.8 * 0.2 / 50) / 0.7
    z = norm.ppf(0.975)
    assert (got.theta, got.se, got.informedness) == pytest.approx((theta, se, 0.7))
    assert (got.delta.low, got.delta.high) == pytest.approx((theta - z * se, theta + z * se))


def test_a_judge_known_to_be_perfect_changes_nothing() -> None:
    got = rogan_gladen(70, 100, 10**9, 10**9, 10**9, 10**9)
    z2 = norm.ppf(0.975) ** 2
    agresti_coull = (70 + z2 / 2) / (100 + z2)
    half = sqrt(z2 * agresti_coull * (1 - agresti_coull) / (100 + z2))
    assert (got.theta, got.se) == pytest.approx((0.7, sqrt(0.7 * 0.3 / 100)))
    assert (got.lang_reiczigel.low, got.lang_reiczigel.high) == pytest.approx(
        (agresti_coull - half, agresti_coull + half), abs=1e-6
    )


def test_planted_truth_is_recovered_and_covered() -> None:
    rng = np.random.default_rng(12)
    truth, sens, spec, trials = 0.7, 0.9, 0.75, 2000
    passed = truth * sens + (1 - truth) * (1 - spec)
    draws = [
        rogan_gladen(rng.binomial(300, passed), 300, rng.binomial(60, sens), 60, rng.binomial(40, spec), 40)
        for _ in range(trials)
    ]
    assert np.mean([draw.theta for draw in draws]) == pytest.approx(truth, abs=0.01)
    covered = np.mean([draw.lang_reiczigel.low <= truth <= draw.lang_reiczigel.high for draw in draws])
    assert 0.935 <= covered <= 0.975
    assert np.mean([draw.delta.low <= truth <= draw.delta.high for draw in draws]) > 0.9


def test_nothing_is_claimed_from_a_judge_no_better_than_chance() -> None:
    for counts in ((50, 100, 5, 10, 5, 10), (50, 100, 2, 10, 3, 10)):
        got = rogan_gladen(*counts)
        assert got.informedness <= 0
        assert isnan(got.theta)
        assert isnan(got.se)
        assert isnan(got.delta.low)
        assert isnan(got.lang_reiczigel.high)
    barely = rogan_gladen(50, 100, 1, 1, 10, 100)
    assert (barely.lang_reiczigel.low, barely.lang_reiczigel.high) == (0.0, 1.0)


def test_theta_stays_a_share() -> None:
    assert rogan_gladen(0, 100, 45, 50, 40, 50).theta == 0.0
    assert rogan_gladen(100, 100, 45, 50, 40, 50).theta == 1.0


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ((11, 10, 5, 5, 5, 5), "judge_pass must lie between 0 and the 10 trials"),
        ((1, 10, 6, 5, 5, 5), "true_pos_passed must lie between 0 and the 5 trials"),
        ((1, 10, 5, 5, 6, 5), "true_neg_failed must lie between 0 and the 5 trials"),
        ((1, 10, 0, 0, 5, 5), "trials for true_pos_passed must be positive"),
        ((float("nan"), 10, 5, 5, 5, 5), "judge_pass must lie between"),
    ],
)
def test_impossible_counts_are_refused(counts: tuple[float, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        rogan_gladen(*counts)


def test_ppi_matches_ppi_python() -> None:
    # ppi-python 0.2.3, ppi_mean_pointestimate and ppi_mean_ci at alpha 0.05, lam 0, 1 and None.
    got = ppi_mean(TRUTH, SEEN, UNSEEN, 0.05)
    for ours, estimate, low, high in (
        (got.classical, 0.6, 0.47604099, 0.72395901),
        (got.ppi, 0.55, 0.41053655, 0.68946345),
        (got.ppi_plus, 0.58125, 0.46838299, 0.69411701),
    ):
        assert ours.estimate == pytest.approx(estimate, abs=1e-8)
        # It divides variances by n, we by n - 1; with 60 labels and 400 others that is under 1 percent.
        assert sqrt(400 / 399) < (ours.high - ours.low) / (high - low) < sqrt(60 / 59) + 1e-6
        assert (ours.high + ours.low) / 2 == pytest.approx(ours.estimate)
    assert (got.classical.high - got.classical.low) / (0.72395901 - 0.47604099) == pytest.approx(
        sqrt(60 / 59), abs=1e-6
    )


def test_a_given_weight_is_used() -> None:
    assert ppi_mean(TRUTH, SEEN, UNSEEN, lam=0.0).ppi_plus == ppi_mean(TRUTH, SEEN, UNSEEN).classical
    assert ppi_mean(TRUTH, SEEN, UNSEEN, lam=1.0).ppi_plus == ppi_mean(TRUTH, SEEN, UNSEEN).ppi
    assert ppi_mean(TRUTH, 1 - SEEN, UNSEEN).lam == 0.0
    assert ppi_mean(TRUTH, np.ones(60), np.ones(400)).lam == 0.0


def test_ppi_covers_a_planted_truth_under_a_biased_judge_and_is_narrower() -> None:
    rng = np.random.default_rng(9)
    trials, covered, narrower = 800, np.zeros(3), 0
    for _ in range(trials):
        truth = (rng.random(1100) < 0.7).astype(float)
        judged = np.where(truth == 1, rng.random(1100) < 0.97, rng.random(1100) < 0.25).astype(float)
        got = ppi_mean(truth[:100], judged[:100], judged[100:])
        covered += [e.low <= 0.7 <= e.high for e in (got.classical, got.ppi, got.ppi_plus)]
        narrower += got.ppi_plus.high - got.ppi_plus.low < got.classical.high - got.classical.low
    assert (covered / trials > 0.92).all()
    assert (covered / trials < 0.975).all()
    assert narrower == trials


def test_bad_ppi_input_is_refused() -> None:
    for arguments, message in (
        (([1.0], [1.0], [1.0, 0.0]), "y must be one-dimensional with at least 2"),
        (([1.0, 0.0], [1.0, 0.0, 1.0], [1.0, 0.0]), "same length, got 2 and 3"),
        (([1.0, 0.0], [1.0, 0.0], [1.0]), "yhat_unlabelled must be"),
        (([1.0, float("nan")], [1.0, 0.0], [1.0, 0.0]), "y holds a value that is not finite"),
        (([1.0, 0.0], [1.0, 0.0], [1.0, 0.0], 0.0), "alpha must lie strictly"),
        (([1.0, 0.0], [1.0, 0.0], [1.0, 0.0], 0.05, 1.5), "lam must lie in"),
    ):
        with pytest.raises(ValueError, match=message):
            ppi_mean(*arguments)
