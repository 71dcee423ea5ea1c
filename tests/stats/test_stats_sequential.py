"""Lan-DeMets boundaries: published values, a multivariate normal, and simulated looks."""

from typing import Literal

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from harness.stats import lan_demets


def test_published_five_looks_two_sided() -> None:
    published = [4.877, 3.357, 2.680, 2.290, 2.031]
    assert lan_demets([0.2, 0.4, 0.6, 0.8, 1.0], 0.05, 2) == pytest.approx(published, abs=6e-4)


def test_four_looks_one_sided_match_seqbounds() -> None:
    # SeqBounds.jl (PharmCat), bounds([0.25, 0.5, 0.75, 1.0], 0.05) as printed in its README.
    assert lan_demets([0.25, 0.5, 0.75, 1.0], 0.05, 1) == pytest.approx([3.74955, 2.53993, 2.01604, 1.72014], abs=1e-4)


@pytest.mark.parametrize("times", [[0.3, 0.5, 1.0], [0.1, 0.9, 0.95], [0.5, 0.51, 1.0]])
@pytest.mark.parametrize("sides", [1, 2])
@pytest.mark.parametrize("alpha", [0.05, 0.7])  # at 0.7 paths that leave one side would often reach the other
def test_all_alpha_is_spent_on_uneven_looks(times: list[float], sides: Literal[1, 2], alpha: float) -> None:
    bounds = lan_demets(times, alpha, sides)
    t = np.array(times)
    correlation = np.sqrt(np.minimum(t[:, None], t) / np.maximum(t[:, None], t))
    floor = -bounds if sides == 2 else np.full(3, -np.inf)
    stays = multivariate_normal(cov=correlation, maxpts=10**6, abseps=1e-7, seed=1).cdf(bounds, lower_limit=floor)
    spent = sides * 2 * norm.sf(norm.isf(alpha / sides / 2) / np.sqrt(times[-1]))
    assert 1 - stays == pytest.approx(spent, abs=2e-5)


def test_one_look_is_the_ordinary_test() -> None:
    assert lan_demets([1.0], 0.05, 2) == pytest.approx([norm.isf(0.025)], abs=1e-9)
    assert lan_demets([1.0], 0.05, 1) == pytest.approx([norm.isf(0.05)], abs=1e-9)


def test_later_looks_do_not_change_earlier_bounds() -> None:
    assert lan_demets([0.3, 0.6]) == pytest.approx(lan_demets([0.3, 0.6, 0.61, 1.0])[:2], abs=1e-6)


def test_repeated_looks_hold_the_error_rate_where_naive_ones_do_not() -> None:
    times = np.arange(1, 11) / 10
    rng = np.random.default_rng(0)
    z = rng.normal(size=(40000, 10)).cumsum(axis=1) / np.sqrt(np.arange(1, 11))
    assert (np.abs(z) >= lan_demets(times)).any(axis=1).mean() == pytest.approx(0.05, abs=0.004)
    assert (np.abs(z) >= norm.isf(0.025)).any(axis=1).mean() > 0.15


@pytest.mark.parametrize(
    ("times", "alpha", "sides", "message"),
    [
        ([], 0.05, 2, "at least 1 value"),
        ([0.0, 1.0], 0.05, 2, "times must rise"),
        ([0.5, 0.5], 0.05, 2, "times must rise"),
        ([0.8, 0.4], 0.05, 2, "times must rise"),
        ([0.5, 0.502], 0.05, 2, "times must rise"),
        ([0.5, 1.1], 0.05, 2, "times must rise"),
        ([0.5, float("nan")], 0.05, 2, "not finite"),
        ([0.5, 1.0], 1.0, 2, "alpha must lie strictly"),
        ([0.5, 1.0], 0.05, 3, "sides must be 1 or 2"),
    ],
)
def test_bad_input_is_refused(times: list[float], alpha: float, sides: Literal[1, 2], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        lan_demets(times, alpha, sides)
