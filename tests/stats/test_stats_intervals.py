"""One proportion: against statsmodels, published values and exact coverage."""

import subprocess
import sys
from math import nan

import numpy as np
import pytest
from scipy.stats import binom
from statsmodels.stats.proportion import proportion_confint

from harness.stats import clopper_pearson, wilson


@pytest.mark.parametrize("alpha", [0.01, 0.05, 0.2])
@pytest.mark.parametrize(("x", "n"), [(0, 1), (1, 1), (0, 30), (30, 30), (1, 30), (13, 30), (480, 600), (599, 600)])
def test_both_match_statsmodels(x: int, n: int, alpha: float) -> None:
    for ours, method in ((wilson, "wilson"), (clopper_pearson, "beta")):
        interval = ours(x, n, alpha)
        assert (interval.low, interval.high) == pytest.approx(proportion_confint(x, n, alpha, method), abs=1e-12)


def test_limits_stay_inside_and_are_exact_at_the_ends() -> None:
    assert wilson(0, 17).low == 0.0
    assert wilson(17, 17).high == 1.0
    assert clopper_pearson(0, 10).high == pytest.approx(0.3085, abs=5e-5)  # Fagerland et al., contingencytables
    assert clopper_pearson(13, 16).low == pytest.approx(0.5435, abs=5e-5)
    assert clopper_pearson(13, 16).high == pytest.approx(0.9595, abs=5e-5)


def test_clopper_pearson_never_covers_less_than_its_level() -> None:
    n = 20
    intervals = [clopper_pearson(x, n, 0.05) for x in range(n + 1)]
    for p in np.linspace(0.01, 0.99, 99):
        coverage = sum(binom.pmf(x, n, p) for x, i in enumerate(intervals) if i.low <= p <= i.high)
        assert coverage >= 0.95


def test_fractional_counts_lie_between_whole_ones() -> None:
    low, between, high = (clopper_pearson(x, 20.0) for x in (7, 7.5, 8))
    assert low.low < between.low < high.low
    assert low.high < between.high < high.high
    half = clopper_pearson(3.6, 7.2)
    assert half.low == pytest.approx(1 - half.high)
    assert clopper_pearson(3.5, 7).low < half.low < clopper_pearson(4, 8).low


@pytest.mark.parametrize(
    ("x", "n", "alpha", "message"),
    [
        (4, 3, 0.05, "between 0 and the 3 trials"),
        (-1, 3, 0.05, "between 0 and the 3 trials"),
        (nan, 3, 0.05, "between 0 and the 3 trials"),
        (0, 0, 0.05, "must be positive"),
        (1, nan, 0.05, "must be positive"),
        (1, 3, 0.0, "alpha must lie strictly between"),
        (1, 3, 1.0, "alpha must lie strictly between"),
        (1, 3, nan, "alpha must lie strictly between"),
    ],
)
def test_bad_input_is_refused_in_one_line(x: float, n: float, alpha: float, message: str) -> None:
    for interval in (wilson, clopper_pearson):
        with pytest.raises(ValueError, match=message) as caught:
            interval(x, n, alpha)
        assert "\n" not in str(caught.value)


def test_importing_the_room_loads_no_heavy_library() -> None:
    code = "import sys, harness.stats; print([m for m in ('scipy', 'statsmodels', 'pandas') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
