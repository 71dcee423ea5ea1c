"""Adjusted p values: against statsmodels and against step-down maxT written out."""

from itertools import product

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from harness.stats import benjamini_hochberg, holm, max_t, sign_flip


def test_holm_and_benjamini_hochberg_match_statsmodels() -> None:
    rng = np.random.default_rng(4)
    cases = [rng.random(size) ** 2 for size in (1, 2, 7, 40)] + [np.array([0.01, 0.01, 0.04, 0.03, 1.0, 0.0])]
    for p in cases:
        assert holm(p) == pytest.approx(multipletests(p, method="holm")[1])
        assert benjamini_hochberg(p) == pytest.approx(multipletests(p, method="fdr_bh")[1])


def test_the_papers_example() -> None:
    # Benjamini & Hochberg (1995), section 3.2: four claims at q = 0.05 where Bonferroni makes three.
    p = [
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.3240,
        0.4262,
        0.5719,
        0.6528,
        0.7590,
        1.0,
    ]
    assert (benjamini_hochberg(p) <= 0.05).sum() == 4
    assert (holm(p) <= 0.05).sum() == 3


def by_definition(sums: np.ndarray) -> np.ndarray:
    """Westfall and Young's step-down maxT over all sign patterns, one hypothesis at a time."""
    norm = np.sqrt((sums**2).sum(axis=0))
    observed = np.abs(sums.sum(axis=0)) / norm
    order, worst, p = np.argsort(-observed), 0.0, np.empty(sums.shape[1])
    for rank, candidate in enumerate(order):
        left = order[rank:]
        hits = [
            np.max(np.abs(np.array(signs) @ sums[:, left]) / norm[left]) >= observed[candidate] - 1e-9
            for signs in product((1, -1), repeat=len(sums))
        ]
        worst = max(worst, float(np.mean(hits)))
        p[candidate] = worst
    return p


def test_max_t_matches_its_definition() -> None:
    rng = np.random.default_rng(7)
    deltas = rng.integers(-1, 2, (18, 4)) + np.array([0, 1, 0, -1])
    cluster = np.repeat(np.arange(9), 2)
    sums = np.add.reduceat(deltas, np.arange(0, 18, 2), axis=0)
    got = max_t(deltas, cluster)
    assert got == pytest.approx(by_definition(sums))
    assert got.min() < 0.1 < got.max()


def test_max_t_never_ranks_a_weaker_candidate_above_a_stronger_one() -> None:
    # Unadjusted steps would give 0.516, 0.625, 0.5625 from strongest to weakest.
    deltas = np.array([[0, 2, 2, 0, 0, 0, -1], [1, -1, 2, 2, 2, 1, -1], [2, -1, -1, 0, 0, 1, 2]]).T
    assert max_t(deltas, np.arange(7)) == pytest.approx(by_definition(deltas))
    assert max_t(deltas, np.arange(7)) == pytest.approx([0.625, 0.515625, 0.625])


def test_max_t_of_one_candidate_is_the_sign_flip_test() -> None:
    rng = np.random.default_rng(1)
    for clusters in (10, 40):
        d = rng.integers(-1, 3, clusters)
        assert max_t(d[:, None], np.arange(clusters), seed=3) == pytest.approx(
            [sign_flip(d, np.arange(clusters), seed=3)]
        )


def test_max_t_charges_nothing_for_copies_and_less_than_holm() -> None:
    rng = np.random.default_rng(2)
    d, cluster = rng.normal(0.6, 1, 14), np.arange(14)
    alone = sign_flip(d, cluster)
    assert max_t(np.stack([d, d, d], axis=1), cluster) == pytest.approx([alone] * 3)
    deltas = np.stack([d, d + rng.normal(0, 0.3, 14), d + rng.normal(0, 0.3, 14)], axis=1)
    single = [sign_flip(column, cluster) for column in deltas.T]
    assert (max_t(deltas, cluster) >= np.array(single) - 1e-12).all()
    assert max_t(deltas, cluster).min() < holm(single).min()


def test_max_t_holds_the_familywise_error() -> None:
    trials, wrong = 400, 0
    for seed in range(trials):
        rng = np.random.default_rng(seed)
        deltas = rng.normal(size=(12, 1)) + rng.normal(size=(12, 4))
        wrong += max_t(deltas, np.arange(12)).min() <= 0.05
    assert 0.02 <= wrong / trials <= 0.08


def test_max_t_gives_a_column_of_zeros_one() -> None:
    deltas = np.stack([np.ones(8), np.zeros(8)], axis=1)
    assert max_t(deltas, np.arange(8)) == pytest.approx([2 / 2**8, 1.0])
    assert max_t(np.zeros((3, 2)), [0, 1, 2]).tolist() == [1.0, 1.0]


def test_bad_input_is_refused() -> None:
    for adjust in (holm, benjamini_hochberg):
        for p, message in (([], "at least 1 value"), ([0.2, 1.2], "must lie in"), ([float("nan")], "not finite")):
            with pytest.raises(ValueError, match=message):
                adjust(p)
    with pytest.raises(ValueError, match="two-dimensional"):
        max_t([1.0, 2.0], [0, 1])
    with pytest.raises(ValueError, match="two-dimensional and not empty"):
        max_t(np.empty((3, 0)), [0, 1, 2])
    with pytest.raises(ValueError, match="one label for each of the 2 rows"):
        max_t([[1.0], [2.0]], [0])
    with pytest.raises(ValueError, match="not finite"):
        max_t([[1.0], [float("nan")]], [0, 1])
