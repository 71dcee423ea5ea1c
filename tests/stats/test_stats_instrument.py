"""An instrument's rates: by hand, against sklearn's definitions written out, and covered on planted truths."""

from math import isnan

import numpy as np
import pytest

from harness.stats import Instrument, cohen_kappa, measure_instrument, wilson


def drawn(rng: np.random.Generator, sensitivity: float, specificity: float, intents: int = 100) -> Instrument:
    """Two answers an intent that tend to share truth and judge's error."""
    intent = np.repeat(np.arange(intents), 2)

    def shared() -> np.ndarray:
        alike = rng.random(intents)[intent] < 0.4
        return np.where(alike, rng.random(intents)[intent], rng.random(2 * intents))

    truth = (shared() < 0.6).astype(float)
    luck = shared()
    return measure_instrument(truth, np.where(truth == 1, luck < sensitivity, luck > specificity).astype(float), intent)


def test_by_hand() -> None:
    truth, passed = [1, 1, 1, 0, 0, 1], [1, 1, 0, 0, 1, 1]
    got = measure_instrument(truth, passed, np.arange(6))
    assert got.table == ((1, 1), (1, 3))
    assert (got.agreement.share, got.sensitivity.share, got.specificity.share) == pytest.approx((4 / 6, 3 / 4, 1 / 2))
    assert got.informedness.value == pytest.approx(0.25)
    assert got.kappa == pytest.approx(cohen_kappa([[1, 1], [1, 3]]).kappa)
    doubled = measure_instrument(truth * 2, passed * 2, [*range(6), *range(6)])
    assert doubled.sensitivity.low == pytest.approx(got.sensitivity.low)  # copies in a cluster add nothing
    weighted = measure_instrument(truth, passed, np.arange(6), [1, 1, 3, 1, 1, 1])
    assert weighted.sensitivity.share == pytest.approx(3 / 6)


@pytest.mark.parametrize(("sensitivity", "specificity"), [(0.9, 0.8), (0.98, 0.95), (0.6, 0.4)])
def test_planted_rates_are_covered(sensitivity: float, specificity: float) -> None:
    rng = np.random.default_rng(3)
    found = [drawn(rng, sensitivity, specificity) for _ in range(500)]
    passes = 0.6 * sensitivity + 0.4 * (1 - specificity)
    chance = 0.6 * passes + 0.4 * (1 - passes)
    kappa = (0.6 * sensitivity + 0.4 * specificity - chance) / (1 - chance)
    for low, high, planted in (
        ([e.sensitivity.low for e in found], [e.sensitivity.high for e in found], sensitivity),
        ([e.specificity.low for e in found], [e.specificity.high for e in found], specificity),
        ([e.informedness.low for e in found], [e.informedness.high for e in found], sensitivity + specificity - 1),
        ([e.kappa_low for e in found], [e.kappa_high for e in found], kappa),
    ):
        covered = np.mean((np.array(low) <= planted) & (planted <= np.array(high)))
        assert 0.92 <= covered <= 0.985
    clear = np.mean([each.informedness.clear for each in found])
    assert clear <= 0.05 if sensitivity + specificity == 1 else clear > 0.99


def test_faultless_on_few_answers_is_not_certain() -> None:
    truth = np.r_[np.ones(10), np.zeros(5)]
    got = measure_instrument(truth, truth, np.arange(15))
    assert (got.informedness.value, got.kappa) == (1.0, 1.0)
    assert got.sensitivity.low == pytest.approx(wilson(10, 10).low)
    assert 0.3 < got.informedness.low < 0.7
    assert 0.3 < got.kappa_low < 0.8
    two = measure_instrument([1, 1, 1, 0], [1, 1, 1, 0], [0, 0, 0, 1])
    assert two.sensitivity.effective_n == 1  # three answers of one intent are one


def test_without_right_or_wrong_answers_nothing_is_claimed() -> None:
    got = measure_instrument([1, 1, 1], [1, 0, 1], [0, 1, 2])
    assert isnan(got.specificity.share)
    assert isnan(got.informedness.low)
    assert not got.informedness.clear
    assert isnan(measure_instrument([1, 1], [1, 1], [0, 1]).kappa)


def test_a_judge_that_passes_all_is_not_informed() -> None:
    got = measure_instrument(np.r_[np.ones(60), np.zeros(40)], np.ones(100), np.arange(100))
    assert got.informedness.value == 0
    assert not got.informedness.clear
    assert got.kappa == 0


def test_bad_input_is_refused() -> None:
    for arguments, message in (
        (([1, 0], [1, 2], [0, 1]), "must hold 0 and 1"),
        (([1, 0], [1], [0, 1]), "must hold 0 and 1"),
        (([1, 0], [1, 0], [0, 1], [1, 0]), "weight must hold"),
        (([1, 0], [1, 0], [0]), "cluster must hold"),
    ):
        with pytest.raises(ValueError, match=message):
            measure_instrument(*arguments)
