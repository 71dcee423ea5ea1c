"""Logistic regression and strengths with clustered errors: against statsmodels, the jackknife, and planted truths."""

import numpy as np
import pytest
import statsmodels.api as sm

from harness.stats import bradley_terry, clustered_bradley_terry, clustered_logit


def drawn(rng: np.random.Generator, clusters: int = 80) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows whose clusters share a part of their luck; slopes 0.3, 0.8."""
    cluster = np.repeat(np.arange(clusters), 4)
    x = np.stack([np.ones(cluster.size), rng.normal(size=clusters)[cluster] + rng.normal(size=cluster.size)], axis=1)
    luck = np.where(rng.random(clusters)[cluster] < 0.3, rng.random(clusters)[cluster], rng.random(cluster.size))
    return (luck < 1 / (1 + np.exp(-x @ [0.3, 0.8]))).astype(float), x, cluster


def test_it_is_statsmodels() -> None:
    y, x, cluster = drawn(np.random.default_rng(1))
    theirs = sm.Logit(y, x).fit(disp=0, cov_type="cluster", cov_kwds={"groups": cluster, "use_correction": False})
    got = clustered_logit(y, x, cluster)
    assert got.coefficients == pytest.approx(theirs.params)
    assert got.ses == pytest.approx(theirs.bse * np.sqrt(80 / 79), rel=1e-6)


def test_planted_slopes_are_covered() -> None:
    rng = np.random.default_rng(2)
    found = [clustered_logit(*drawn(rng)) for _ in range(400)]
    covered = np.mean([(each.low <= [0.3, 0.8]) & (each.high >= [0.3, 0.8]) for each in found], axis=0)
    assert (covered > 0.92).all()


def test_what_cannot_be_estimated_is_refused() -> None:
    x = np.stack([np.ones(6), np.arange(6)], axis=1)
    with pytest.raises(ValueError, match="separate"):
        clustered_logit([0, 0, 0, 1, 1, 1], x, np.arange(6))
    with pytest.raises(ValueError, match="depend"):
        clustered_logit([0, 1, 0, 1, 0, 1], np.ones((6, 2)), np.arange(6))
    with pytest.raises(ValueError, match="two clusters"):
        clustered_logit([0, 1, 0, 1, 0, 1], x, np.zeros(6))
    with pytest.raises(ValueError, match="0 and 1"):
        clustered_logit([0, 2, 0, 1, 0, 1], x, np.arange(6))


def played(rng: np.random.Generator, clusters: int = 150) -> np.ndarray:
    """Three candidates of strengths 0.5, 0, -0.5; the two games of a pair in a cluster mostly end alike."""
    strengths, wins = np.array([0.5, 0.0, -0.5]), np.zeros((clusters, 3, 3))
    for one, other in ((0, 1), (0, 2), (1, 2)):
        chance = 1 / (1 + np.exp(strengths[other] - strengths[one]))
        first = rng.random(clusters) < chance
        second = np.where(rng.random(clusters) < 0.7, first, rng.random(clusters) < chance)
        for won in (first, second):
            wins[:, one, other] += won
            wins[:, other, one] += ~won
    return wins


def test_clustered_strengths_are_the_jackknifes_and_covered() -> None:
    rng = np.random.default_rng(3)
    wins = played(rng)
    got = clustered_bradley_terry(wins)
    assert got.strengths == pytest.approx(bradley_terry(wins.sum(axis=0)).strengths)
    left_out = np.array([bradley_terry(np.delete(wins, index, axis=0).sum(axis=0)).strengths for index in range(150)])
    jackknife = np.sqrt(149 / 150 * ((left_out - left_out.mean(axis=0)) ** 2).sum(axis=0))
    assert got.ses == pytest.approx(jackknife, rel=0.03)
    assert (got.ses > 1.15 * bradley_terry(wins.sum(axis=0)).ses).all()  # games taken as independent claim too much
    found = [clustered_bradley_terry(played(rng)) for _ in range(300)]
    truth = np.array([0.5, 0.0, -0.5])
    assert 0.92 < np.mean([(each.low <= truth) & (truth <= each.high) for each in found]) < 0.98


def test_one_cluster_has_no_error() -> None:
    with pytest.raises(ValueError, match="two clusters"):
        clustered_bradley_terry(np.ones((1, 2, 2)))
