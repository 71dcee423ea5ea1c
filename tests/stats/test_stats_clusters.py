"""Clustered rows: against statsmodels, by hand, and by coverage of planted truths."""

from collections.abc import Callable
from math import isnan, sqrt

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import t, ttest_1samp

from harness.stats import (
    clopper_pearson,
    clustered_mean,
    clustered_pairs,
    clustered_proportion,
    clustered_se,
    wilson,
)


def sample(seed: int, clusters: int, rows: int, share: float, alike: float) -> tuple[np.ndarray, np.ndarray]:
    """0/1 rows whose cluster rates are beta with mean ``share`` and intraclass correlation ``alike``."""
    rng = np.random.default_rng(seed)
    size = (1 - alike) / alike
    rates = rng.beta(share * size, (1 - share) * size, clusters)
    return (rng.random((clusters, rows)) < rates[:, None]).astype(float).ravel(), np.repeat(np.arange(clusters), rows)


def test_clustered_se_matches_statsmodels() -> None:
    rng = np.random.default_rng(3)
    cluster = rng.integers(0, 25, 140)
    x = rng.normal(size=140) + rng.normal(size=25)[cluster]
    got = clustered_se(x, [f"intent-{c}" for c in cluster])
    model = sm.OLS(x, np.ones(140))
    for ours, correction in ((got.cr0, False), (got.cr1, True)):
        theirs = model.fit(cov_type="cluster", cov_kwds={"groups": cluster, "use_correction": correction})
        assert ours == pytest.approx(float(theirs.bse[0]), rel=1e-10)
    assert got.mean == pytest.approx(x.mean())
    assert got.iid == pytest.approx(x.std(ddof=1) / sqrt(140))
    assert got.cr0 > 1.5 * got.iid


def test_clustered_se_is_millers_formula() -> None:
    x, cluster = np.array([1.0, 1, 0, 0, 0, 1, 1]), np.array([0, 0, 0, 1, 1, 2, 2])
    total = 0.0
    for i in range(7):
        for j in range(7):
            if cluster[i] == cluster[j]:
                total += (x[i] - x.mean()) * (x[j] - x.mean())
    assert clustered_se(x, cluster).cr0 == pytest.approx(sqrt(total) / 7)


def test_clustered_se_of_singletons_is_the_usual_one() -> None:
    x = np.random.default_rng(0).normal(size=30)
    got = clustered_se(x, np.arange(30))
    assert got.cr1 == pytest.approx(got.iid)


def test_one_cluster_gives_no_error() -> None:
    got = clustered_se([1.0, 0.0], ["a", "a"])
    assert isnan(got.cr0)
    assert isnan(got.cr1)
    assert got.iid == pytest.approx(0.5)
    assert isnan(clustered_se([1.0], ["a"]).iid)
    mean = clustered_mean([1.0, 0.0], ["a", "a"])
    assert (mean.mean, mean.clusters) == (0.5, 1)
    assert isnan(mean.low)
    assert isnan(mean.high)


def test_clustered_mean_counts_every_cluster_once() -> None:
    x, cluster = [1.0, 1, 1, 1, 0, 0.5], ["a", "a", "a", "a", "b", "c"]
    got = clustered_mean(x, cluster, 0.1)
    low, high = ttest_1samp([1.0, 0.0, 0.5], 0).confidence_interval(0.9)
    assert (got.mean, got.low, got.high, got.clusters) == pytest.approx((0.5, low, high, 3))


def test_clustered_proportion_by_hand() -> None:
    x = np.array([1, 1, 1, 0, 1, 1, 0, 0, 1, 0], dtype=float)
    cluster = np.array([0, 0, 1, 1, 2, 2, 3, 3, 4, 4])
    means = np.array([1, 0.5, 1, 0, 0.5])
    p, variance = means.mean(), means.var(ddof=1) / 5
    effective = p * (1 - p) / variance * (t.ppf(0.975, 9) / t.ppf(0.975, 4)) ** 2
    assert effective < 10
    got = clustered_proportion(x, cluster)
    expected = clopper_pearson(p * effective, effective)
    assert (got.mean, got.low, got.high) == pytest.approx((p, expected.low, expected.high))
    assert got.effective_n == pytest.approx(effective)


def test_effective_size_never_exceeds_the_rows() -> None:
    # Each cluster holds one right and one wrong, save two: far less variance than independent rows have.
    x = np.array([1, 0] * 18 + [1, 1, 0, 0], dtype=float)
    got = clustered_proportion(x, np.repeat(np.arange(20), 2))
    assert got.effective_n == 40
    assert got.low == pytest.approx(clopper_pearson(20, 40).low)


@pytest.mark.parametrize(("x", "mean"), [([1.0] * 12, 1.0), ([0.0] * 12, 0.0), ([1.0, 0.0] * 6, 0.5)])
def test_without_variance_a_cluster_is_one_trial(x: list[float], mean: float) -> None:
    got = clustered_proportion(x, np.repeat(np.arange(6), 2))
    expected = clopper_pearson(6 * mean, 6)
    assert (got.mean, got.effective_n) == (mean, 6)
    assert (got.low, got.high) == pytest.approx((expected.low, expected.high))
    assert clustered_proportion(x, ["a"] * 12).effective_n == 1


def test_clustered_intervals_cover_where_row_intervals_do_not() -> None:
    trials, share = 600, 0.85
    hits = {"proportion": 0, "mean": 0, "rows": 0}
    for seed in range(trials):
        x, cluster = sample(seed, clusters=40, rows=6, share=share, alike=0.5)
        by_row = wilson(x.sum(), x.size)
        proportion, mean = clustered_proportion(x, cluster), clustered_mean(x, cluster)
        hits["proportion"] += proportion.low <= share <= proportion.high
        hits["mean"] += mean.low <= share <= mean.high
        hits["rows"] += by_row.low <= share <= by_row.high
    assert 0.94 <= hits["proportion"] / trials <= 0.995
    assert 0.90 <= hits["mean"] / trials <= 0.97
    assert hits["rows"] / trials < 0.8


def test_clustered_pairs_is_a_t_test_of_cluster_means() -> None:
    rng = np.random.default_rng(8)
    delta, cluster = rng.integers(-1, 2, 90), np.repeat(np.arange(30), 3)
    got = clustered_pairs(delta, cluster, 0.05)
    theirs = ttest_1samp(delta.reshape(30, 3).mean(axis=1), 0)
    low, high = theirs.confidence_interval(0.95)
    assert (got.diff, got.low, got.high, got.p) == pytest.approx((delta.mean(), low, high, theirs.pvalue))
    assert got.clusters == 30


def test_clustered_pairs_holds_its_error_rate() -> None:
    trials, wrong = 1000, 0
    for seed in range(trials):
        rng = np.random.default_rng(seed)
        delta = rng.choice([-1, 0, 1], 20, p=[0.25, 0.5, 0.25]).repeat(4) * (rng.random(80) < 0.8)
        wrong += clustered_pairs(delta, np.repeat(np.arange(20), 4)).p < 0.05
    assert 0.03 <= wrong / trials <= 0.07


def test_clustered_pairs_degenerate_cases() -> None:
    one = clustered_pairs([1.0, 0.0], ["a", "a"])
    assert isnan(one.low)
    assert isnan(one.high)
    assert (one.diff, one.p) == (0.5, 1.0)
    none = clustered_pairs([0.0] * 6, [0, 0, 1, 1, 2, 2])
    assert (none.diff, none.low, none.high, none.p) == (0.0, 0.0, 0.0, 1.0)
    same = clustered_pairs([1.0] * 6, [0, 0, 1, 1, 2, 2])
    assert (same.low, same.high, same.p) == (1.0, 1.0, 0.25)
    # Differences that cancel within each cluster leave rounding behind, which is not a finding.
    rounding = clustered_pairs([0.1, 0.2, -0.3] * 4, np.repeat(np.arange(4), 3))
    assert sum([0.1, 0.2, -0.3]) != 0
    assert (rounding.diff, rounding.p) == (0.0, 1.0)


@pytest.mark.parametrize("function", [clustered_se, clustered_mean, clustered_proportion, clustered_pairs])
@pytest.mark.parametrize(
    ("x", "cluster", "message"),
    [
        ([], [], "at least 1 value"),
        ([[1.0, 0.0]], ["a", "b"], "one-dimensional"),
        ([1.0, float("nan")], ["a", "b"], "not finite"),
        ([1.0, float("inf")], ["a", "b"], "not finite"),
        ([1.0, 0.0], ["a"], "one label for each of the 2 rows"),
        ([1.0, 0.0], ["a", None], "missing label"),
        ([1.0, 0.0], [1.0, float("nan")], "missing label"),
        ([1.0, 0.0], np.array(["a", 1], dtype=object), "all strings or all numbers"),
    ],
)
def test_bad_rows_are_refused(function: Callable[..., object], x: object, cluster: object, message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        function(x, cluster)
    assert "\n" not in str(caught.value)


def test_other_bad_input_is_refused() -> None:
    with pytest.raises(ValueError, match="0 and 1 only"):
        clustered_proportion([0.5, 1.0], ["a", "b"])
    for function in (clustered_mean, clustered_proportion, clustered_pairs):
        for labels in (["a", "a"], ["a", "b"]):
            with pytest.raises(ValueError, match="alpha must lie strictly between"):
                function([1.0, 1.0], labels, 1.5)
