"""Power of McNemar's test: against Miettinen's formula and the exact distribution of the test."""

from math import isnan, sqrt

import numpy as np
import pytest
from scipy.stats import binom, norm

from harness.stats import mcnemar_power, minimum_detectable, required_pairs


def test_the_agreed_case() -> None:
    # Connor by hand: (1.95996 sqrt(0.2) + 0.84162 sqrt(0.1975))^2 / 0.0025 = 625.6.
    assert required_pairs(0.05, 0.20, 0.8, 0.05) == 626


@pytest.mark.parametrize(("delta", "discordance"), [(0.05, 0.2), (0.1, 0.3), (0.03, 0.1), (0.08, 0.2)])
@pytest.mark.parametrize("power", [0.8, 0.9])
def test_slightly_above_miettinen(delta: float, discordance: float, power: float) -> None:
    a, b = norm.ppf(0.975), norm.ppf(power)
    miettinen = (a * discordance + b * sqrt(discordance**2 - delta**2 * (3 + discordance) / 4)) ** 2 / (
        discordance * delta**2
    )
    assert miettinen <= required_pairs(delta, discordance, power) < 1.12 * miettinen


def exact_power(n: int, delta: float, discordance: float) -> float:
    """Chance that McNemar's z passes 1.96, summed over the number of discordant pairs and their split."""
    total = 0.0
    for d in range(1, n + 1):
        weight = binom.pmf(d, n, discordance)
        if weight > 1e-10:
            first = np.arange(d + 1)
            rejects = (2 * first - d) / sqrt(d) > norm.ppf(0.975)
            total += weight * binom.pmf(first, d, 0.5 + delta / discordance / 2)[rejects].sum()
    return total


@pytest.mark.parametrize(("delta", "discordance"), [(0.05, 0.2), (0.08, 0.3), (0.05, 0.1)])
def test_the_test_has_the_power_it_was_planned_for(delta: float, discordance: float) -> None:
    n = required_pairs(delta, discordance)
    # The formula is a little cautious where nearly all discordant pairs point one way.
    assert 0.79 < exact_power(n, delta, discordance) < 0.83
    assert exact_power(n // 2, delta, discordance) == pytest.approx(mcnemar_power(n // 2, delta, discordance), abs=0.02)


def test_the_three_functions_invert_one_another() -> None:
    for power in (0.3, 0.8, 0.95):
        delta = minimum_detectable(400, 0.25, power)
        assert mcnemar_power(400, delta, 0.25) == pytest.approx(power)
        assert required_pairs(delta, 0.25, power) in (400, 401)
    n = required_pairs(0.07, 0.2, 0.9, 0.01)
    assert mcnemar_power(n, 0.07, 0.2, 0.01) >= 0.9 > mcnemar_power(n - 1, 0.07, 0.2, 0.01)
    assert required_pairs(-0.07, 0.2) == required_pairs(0.07, 0.2)


def test_clusters_cost_pairs() -> None:
    assert minimum_detectable(600, 0.2, design_effect=2.0) == minimum_detectable(300, 0.2)
    assert minimum_detectable(600, 0.2, design_effect=2.0) > minimum_detectable(600, 0.2)


def test_limits() -> None:
    assert mcnemar_power(50, 0.0, 0.2) == pytest.approx(0.025)
    assert mcnemar_power(2, 1.0, 1.0) == 0.0
    assert mcnemar_power(4, 1.0, 1.0) == 1.0
    assert isnan(minimum_detectable(5, 0.2))
    assert minimum_detectable(10**6, 0.2) < 0.002
    assert required_pairs(1.0, 1.0) == 4
    assert required_pairs(0.1, 0.2, power=0.001) == 1


def test_bad_input_is_refused() -> None:
    for arguments, message in (
        ((0.0, 0.2), "delta must not be 0"),
        ((0.3, 0.2), "must not exceed the discordance"),
        ((float("nan"), 0.2), "must not exceed the discordance"),
        ((0.1, 0.0), "discordance must lie in"),
        ((0.1, 1.2), "discordance must lie in"),
        ((0.1, 0.2, 1.0), "power must lie strictly"),
        ((0.1, 0.2, 0.8, 0.0), "alpha must lie strictly"),
    ):
        with pytest.raises(ValueError, match=message):
            required_pairs(*arguments)
    for n in (0, -3, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="positive and finite"):
            mcnemar_power(n, 0.1, 0.2)
        with pytest.raises(ValueError, match="positive and finite"):
            minimum_detectable(n, 0.2)
        with pytest.raises(ValueError, match="positive and finite"):
            minimum_detectable(100, 0.2, design_effect=n)
