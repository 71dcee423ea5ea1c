"""Shrunken group estimates against statsmodels' meta-analysis, and weighted proportions against drawn data."""

import numpy as np
import pytest
from statsmodels.stats.meta_analysis import combine_effects

from harness.stats import clustered_proportion, shrink, standard_error, weighted_proportion


def test_overall_and_between_are_dersimonian_and_laird() -> None:
    rng = np.random.default_rng(0)
    errors = rng.uniform(0.02, 0.1, 16)
    values = rng.normal(0.1, 0.08, 16) + rng.normal(0, errors)
    found, reference = shrink(values, errors), combine_effects(values, errors**2, method_re="chi2")
    assert found.between == pytest.approx(reference.tau2)
    assert found.overall == pytest.approx(reference.mean_effect_re)


def test_each_estimate_lies_between_its_own_and_the_overall() -> None:
    values, errors = np.array([0.0, 0.1, 0.5]), np.array([0.1, 0.02, 0.1])
    found = shrink(values, errors)
    assert all(min(v, found.overall) <= m <= max(v, found.overall) for v, m in zip(values, found.means, strict=True))
    assert abs(found.means[0] - values[0]) > abs(found.means[1] - values[1])  # the less certain moves more


def test_no_variance_between_groups_leaves_the_overall() -> None:
    found = shrink([0.1, 0.1, 0.1], [0.05, 0.1, 0.2])
    assert (found.between, found.means.tolist()) == (0, pytest.approx([0.1] * 3))
    assert (found.high - found.low < 2 * 1.96 * np.array([0.05, 0.1, 0.2])).all()


def test_shrinking_beats_the_raw_estimates_on_drawn_groups() -> None:
    rng = np.random.default_rng(1)
    raw = drawn = covered = 0.0
    for _ in range(300):
        truth = rng.normal(0.05, 0.06, 16)
        values = truth + rng.normal(0, 0.08, 16)
        found = shrink(values, np.full(16, 0.08))
        raw += ((values - truth) ** 2).sum()
        drawn += ((found.means - truth) ** 2).sum()
        covered += ((found.low <= truth) & (truth <= found.high)).mean()
    assert drawn < 0.65 * raw
    assert covered / 300 > 0.93


def test_standard_error_is_the_half_width_over_the_quantile() -> None:
    assert standard_error(-1.959964, 1.959964) == pytest.approx(1)
    with pytest.raises(ValueError, match="above 0"):
        shrink([0.1, 0.2], [0.1, 0])


def test_equal_weights_on_equal_strata_give_the_plain_estimate() -> None:
    rng = np.random.default_rng(2)
    x, cluster = (rng.random(400) < 0.3).astype(float), np.arange(400) // 2
    stratum = cluster % 4
    found, plain = weighted_proportion(x, cluster, stratum, np.ones(4)), clustered_proportion(x, cluster)
    assert (found.mean, found.low, found.high) == pytest.approx((plain.mean, plain.low, plain.high), abs=0.01)


def test_weighted_proportion_covers_the_weighted_truth() -> None:
    rng, covered = np.random.default_rng(3), 0
    shares, weights = np.array([0.1, 0.5, 0.9]), np.array([0.6, 0.3, 0.1])
    stratum = np.repeat([0, 1, 2], 60)
    cluster = np.arange(180) // 2
    for _ in range(500):
        x = (rng.random(180) < shares[stratum]).astype(float)
        found = weighted_proportion(x, cluster, stratum, weights)
        covered += found.low <= shares @ weights <= found.high
    assert covered / 500 >= 0.93


def test_weights_must_be_usable() -> None:
    with pytest.raises(ValueError, match="not all 0"):
        weighted_proportion([1, 0], [0, 1], [0, 1], [0, 0])
