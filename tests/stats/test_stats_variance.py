"""Variance components and the intraclass correlation: Shrout and Fleiss, statsmodels, planted truths."""

from math import isnan
from typing import Any

import numpy as np
import pytest
from statsmodels.regression.mixed_linear_model import MixedLM

from harness.stats import intraclass_correlation, variance_components

# Shrout & Fleiss (1979), table 2: 6 targets, 4 judges; ICC(1,1) = 0.17, mean squares 11.24 and 6.26.
SHROUT = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], dtype=float)


def test_shrout_and_fleiss() -> None:
    assert intraclass_correlation(SHROUT.ravel(), np.repeat(np.arange(6), 4)) == pytest.approx(0.166, abs=5e-4)
    got = variance_components(SHROUT)
    assert got.within == pytest.approx(6.26, abs=5e-3)
    assert got.between == pytest.approx((11.24 - 6.26) / 4, abs=5e-3)
    assert got.between / (got.between + got.within) == pytest.approx(0.166, abs=5e-4)


def test_balanced_components_are_those_of_a_mixed_model() -> None:
    rng = np.random.default_rng(1)
    scores = rng.normal(0, 1.5, (40, 1)) + rng.normal(0, 1, (40, 5))
    fit = MixedLM(scores.ravel(), np.ones((200, 1)), groups=np.repeat(np.arange(40), 5)).fit()
    got = variance_components(scores)
    assert got.within == pytest.approx(fit.scale, rel=1e-3)
    assert got.between == pytest.approx(float(fit.cov_re[0, 0]), rel=1e-3)


def test_between_is_never_negative() -> None:
    assert variance_components([[0, 1], [1, 0], [0, 1]]).between == 0.0
    assert variance_components([[1, 1], [0, 0]]).within == 0.0


def test_icc_of_unequal_clusters_by_hand() -> None:
    # Sizes 3, 2, 1; means 2, 5, 3; grand mean 19/6.
    x, cluster = [1, 2, 3, 4, 6, 3], ["a", "a", "a", "b", "b", "c"]
    within = (2 + 2) / 3
    between = (3 * (2 - 19 / 6) ** 2 + 2 * (5 - 19 / 6) ** 2 + (3 - 19 / 6) ** 2) / 2
    typical = (6 - 14 / 6) / 2
    assert intraclass_correlation(x, cluster) == pytest.approx((between - within) / (between + (typical - 1) * within))


def test_planted_icc_is_recovered() -> None:
    rng = np.random.default_rng(3)
    sizes = rng.integers(1, 8, 3000)
    cluster = np.repeat(np.arange(3000), sizes)
    x = rng.normal(0, np.sqrt(0.3), 3000)[cluster] + rng.normal(0, np.sqrt(0.7), cluster.size)
    assert intraclass_correlation(x, cluster) == pytest.approx(0.3, abs=0.02)


def test_icc_ends() -> None:
    assert intraclass_correlation([1, 1, 0, 0], [0, 0, 1, 1]) == 1.0
    assert intraclass_correlation([1, 0, 1, 0], [0, 0, 1, 1]) == -1.0
    for x, cluster in (([1, 0], [0, 0]), ([1, 0, 1], [0, 1, 2]), ([1, 1, 1, 1], [0, 0, 1, 1])):
        assert isnan(intraclass_correlation(x, cluster))


def test_bad_input_is_refused() -> None:
    cases: list[tuple[Any, str]] = [
        ([[1, 2]], "at least 2 items and 2 samples"),
        ([[1], [2]], "at least 2 items and 2 samples"),
        ([1, 2], "two-dimensional"),
        ([[1, float("nan")], [1, 2]], "not finite"),
    ]
    for scores, message in cases:
        with pytest.raises(ValueError, match=message):
            variance_components(scores)
    with pytest.raises(ValueError, match="at least 1 value"):
        intraclass_correlation([], [])
    with pytest.raises(ValueError, match="one label for each of the 2 rows"):
        intraclass_correlation([1, 0], [0])
