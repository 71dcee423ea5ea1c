"""Sign flips against brute force and scipy; BCa against scipy's bootstrap."""

from itertools import product
from math import isnan

import numpy as np
import pytest
from scipy.stats import bootstrap, permutation_test

from harness.stats import Interval, bca, mcnemar, sign_flip
from harness.stats import Pairs as Counts


def test_sign_flip_is_exact_for_few_clusters() -> None:
    d, cluster = [1, 0, 1, -1, 1, 1, 0, 0, 1, 1, -1, 0], [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    sums = np.array([1, 0, 2, 0, 2, -1])
    hits = [abs(np.dot(signs, sums)) >= abs(sums.sum()) for signs in product((1, -1), repeat=6)]
    assert sign_flip(d, cluster) == pytest.approx(np.mean(hits))


def test_sign_flip_matches_scipy_and_ignores_rounding() -> None:
    d = np.array([0.1, 0.2, 0.3, -0.1, 0.4, 0.7, -0.3, 0.1, 0.2, 0.6])
    theirs = permutation_test((d,), np.sum, permutation_type="samples", n_resamples=np.inf)
    assert sign_flip(d, np.arange(10)) == pytest.approx(theirs.pvalue)
    assert sign_flip(d * 10, np.arange(10)) == sign_flip(d, np.arange(10))


def test_sign_flip_of_single_pairs_is_mcnemar() -> None:
    d = [1] * 9 + [-1] * 3 + [0] * 50
    assert sign_flip(d, np.arange(62)) == pytest.approx(mcnemar(Counts(25, 9, 3, 25)).exact)


def test_sampled_sign_flip_is_near_the_exact_answer_and_reproducible() -> None:
    d, cluster = [1] * 16 + [-1] * 8, np.arange(24)
    exact = mcnemar(Counts(0, 16, 8, 0)).exact
    first = sign_flip(d, cluster, samples=20000, seed=5)
    assert first == pytest.approx(exact, abs=0.01)
    assert first == sign_flip(d, cluster, samples=20000, seed=5)
    assert first != sign_flip(d, cluster, samples=20000, seed=6)
    assert sign_flip([1] * 40, np.arange(40), samples=999) == 1 / 1000


def test_sign_flip_without_differences() -> None:
    assert sign_flip([0, 0, 1, -1], [0, 0, 1, 1]) == 1.0


def test_bca_matches_scipy() -> None:
    x = np.random.default_rng(2).exponential(size=40)
    got = bca(x, lambda v: float(v.std()), 0.9, resamples=1999, seed=11)
    theirs = bootstrap(
        (x,), np.std, vectorized=False, confidence_level=0.9, n_resamples=1999, rng=np.random.default_rng(11)
    ).confidence_interval
    assert (got.low, got.high) == pytest.approx((theirs.low, theirs.high))


def test_bca_covers_a_skewed_mean() -> None:
    trials, hits = 200, 0
    for seed in range(trials):
        x = np.random.default_rng(seed).exponential(size=40)
        got = bca(x, lambda v: float(v.mean()), 0.9, resamples=300, seed=seed)
        hits += got.low <= 1.0 <= got.high
    assert 0.83 <= hits / trials <= 0.95


def test_bca_says_nothing_about_data_that_do_not_vary() -> None:
    for x, statistic in (([1.0] * 10, np.mean), ([1.0, 2.0, 3.0], lambda v: 7.0)):
        got = bca(x, lambda v, s=statistic: float(s(v)), resamples=100)  # type: ignore[misc]
        assert isinstance(got, Interval)
        assert isnan(got.low)
        assert isnan(got.high)


def test_bad_input_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 2 value"):
        bca([1.0], lambda v: float(v.mean()))
    with pytest.raises(ValueError, match="confidence must lie strictly"):
        bca([1.0, 2.0], lambda v: float(v.mean()), 95)
    with pytest.raises(ValueError, match="resamples must be a whole number of at least 100"):
        bca([1.0, 2.0], lambda v: float(v.mean()), resamples=9)
    with pytest.raises(ValueError, match="at least 1 value"):
        sign_flip([], [])
    with pytest.raises(ValueError, match="one label for each of the 2 rows"):
        sign_flip([1, 1], [1])
    with pytest.raises(ValueError, match="not finite"):
        sign_flip([1, float("nan")], [1, 2])
    with pytest.raises(ValueError, match="samples must be a whole number of at least 1"):
        sign_flip([1, 1], [1, 2], samples=0)
