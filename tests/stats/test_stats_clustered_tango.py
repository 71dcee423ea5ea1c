"""The clustered score interval against matrix algebra, the unclustered interval, and drawn data of known truth."""

import math

import numpy as np
import pytest

from harness.stats import Pairs, clustered_difference, clustered_pairs, clustered_tango, tango
from harness.stats.clustered_tango import cr2


def by_matrices(values: np.ndarray, codes: np.ndarray) -> tuple[float, float]:
    """CR2 and Bell-McCaffrey freedom of a mean, from hat matrices as published, without their closed form."""
    n, count = values.size, codes.max() + 1
    x = np.ones((n, 1))
    inverse = np.linalg.inv(x.T @ x)
    residuals = values - x @ inverse @ x.T @ values
    hat, total, columns = x @ inverse @ x.T, 0.0, []
    for group in range(count):
        rows = codes == group
        value, vector = np.linalg.eigh(np.eye(rows.sum()) - hat[np.ix_(rows, rows)])
        adjust = vector @ np.diag(value**-0.5) @ vector.T
        weights = (inverse @ x[rows].T @ adjust).ravel()
        total += float(weights @ residuals[rows]) ** 2
        columns.append((np.eye(n) - hat)[:, rows] @ weights)
    gram = np.stack(columns).T.T @ np.stack(columns).T
    eigen = np.linalg.eigvalsh(gram)
    return total, float(eigen.sum() ** 2 / (eigen**2).sum())


@pytest.mark.parametrize("seed", range(5))
def test_cr2_and_its_freedom_are_the_published_matrices(seed: int) -> None:
    rng = np.random.default_rng(seed)
    codes = np.sort(rng.integers(0, 9, 60))
    codes = np.unique(codes, return_inverse=True)[1]
    values = rng.normal(size=60) + rng.normal(size=9)[codes]
    assert cr2(values, codes, codes.max() + 1) == pytest.approx(by_matrices(values, codes))


def test_single_row_clusters_give_the_sample_variance() -> None:
    values = np.random.default_rng(1).choice([-1.0, 0.0, 1.0], 40)
    assert cr2(values, np.arange(40), 40) == pytest.approx((values.var(ddof=1) / 40, 39))


def test_many_independent_rows_give_tangos_interval() -> None:
    delta = np.repeat([1, -1, 0], [120, 80, 1800])
    found, published = clustered_tango(delta, np.arange(2000)), tango(Pairs(0, 120, 80, 1800))
    assert (found.diff, found.low, found.high) == pytest.approx((0.02, published.low, published.high), abs=2e-4)


def test_copies_of_a_row_add_nothing() -> None:
    delta = np.random.default_rng(2).choice([-1, 0, 1], 80, p=[0.15, 0.65, 0.2])
    once = clustered_tango(delta, np.arange(80))
    thrice = clustered_tango(np.repeat(delta, 3), np.repeat(np.arange(80), 3))
    assert (thrice.low, thrice.high, thrice.p) == pytest.approx((once.low, once.high, once.p))


def test_equal_verdicts_are_not_certainty() -> None:
    found = clustered_tango(np.zeros(28), np.arange(28))
    assert (found.diff, found.p) == (0, 1)
    assert found.low == pytest.approx(-found.high)
    assert found.high == pytest.approx(2.0518**2 / (28 + 2.0518**2), abs=1e-3)  # t(27) in Tango's closed form at 0 of n
    assert clustered_pairs(np.zeros(28), np.arange(28)).high == 0  # what the t interval claims


def test_facts_as_clusters_widen_the_interval_where_their_rows_agree() -> None:
    rng = np.random.default_rng(3)
    fact = np.repeat(np.arange(20), 12)
    delta = rng.choice([-1, 0, 1], 20, p=[0.2, 0.5, 0.3])[fact]
    intent = np.repeat(np.arange(120), 2)
    by_intent, by_fact = clustered_tango(delta, intent), clustered_tango(delta, intent, fact)
    assert by_fact.diff == by_intent.diff
    assert by_fact.high - by_fact.low > 1.5 * (by_intent.high - by_intent.low)


def test_inferiority_p_agrees_with_the_interval() -> None:
    delta = np.random.default_rng(4).choice([-1, 0, 1], 300, p=[0.1, 0.8, 0.1])
    found = clustered_tango(delta, np.arange(300) // 2, alpha=0.10)
    assert found.inferiority_p(-found.low) == pytest.approx(0.05, abs=1e-6)
    assert found.inferiority_p(-found.low + 0.01) < 0.05 < found.inferiority_p(-found.low - 0.01)
    scores = clustered_difference(delta / 2, np.arange(300) // 2, alpha=0.10)
    assert scores.inferiority_p(-scores.low) == pytest.approx(0.05, abs=1e-9)


def test_one_cluster_decides_nothing() -> None:
    for found in (clustered_tango([1, 1, 1], [0, 0, 0]), clustered_difference([0.5, 0.2], [7, 7])):
        assert math.isnan(found.low)
        assert math.isnan(found.high)
        assert (found.p, found.inferiority_p(0.05)) == (1, 1)


@pytest.mark.parametrize("rows", [28, 100, 300])
@pytest.mark.parametrize(("size", "icc"), [(1, 0.0), (2, 0.4), (6, 0.8)])
def test_covers_and_does_not_release_at_the_margin(rows: int, size: int, icc: float) -> None:
    """1500 draws: 95% coverage may show 93.5% by chance, a 5% error 6.5% (two and a half standard errors)."""
    rng = np.random.default_rng(rows + size)
    clusters = rows // size
    cluster = np.repeat(np.arange(clusters), size)
    covered = released = 0
    for _ in range(1500):
        common = rng.choice([-1, 0, 1], clusters, p=[0.125, 0.8, 0.075])[cluster]
        own = rng.choice([-1, 0, 1], clusters * size, p=[0.125, 0.8, 0.075])
        found = clustered_tango(np.where(rng.random(own.size) < icc**0.5, common, own), cluster)
        covered += found.low <= -0.05 <= found.high
        released += found.inferiority_p(0.05) < 0.05
    assert covered / 1500 >= 0.935
    assert released / 1500 <= 0.066


@pytest.mark.parametrize(
    ("delta", "unit", "cluster"),
    [([0.5], [1], None), ([1, 0], [1, 1], [1, 2]), ([1, np.nan], [1, 2], None), ([], [], None)],
)
def test_bad_input(delta: list[float], unit: list[int], cluster: list[int] | None) -> None:
    with pytest.raises(ValueError, match=r"must|finite|cluster"):
        clustered_tango(delta, unit, cluster)
