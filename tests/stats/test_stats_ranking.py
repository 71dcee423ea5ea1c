"""Bradley-Terry: against a logistic regression, choix and closed forms."""

from math import log, sqrt

import numpy as np
import pytest
import statsmodels.api as sm

from harness.stats import bradley_terry

WINS = np.array([[0, 7, 3, 9], [3, 0, 5, 6], [6, 4, 0, 8], [1, 3, 2, 0]], dtype=float)


def test_strengths_and_errors_are_those_of_a_logistic_regression() -> None:
    rows, results = [], []
    for i in range(4):
        for j in range(i):
            rows.append([float(k == i) - float(k == j) for k in range(4)][1:])
            results.append([WINS[i, j], WINS[j, i]])
    fit = sm.GLM(np.array(results), np.array(rows), family=sm.families.Binomial()).fit(tol=1e-12)
    raw = np.concatenate([[0.0], fit.params])
    covariance = np.zeros((4, 4))
    covariance[1:, 1:] = fit.cov_params()
    centre = np.eye(4) - 0.25
    got = bradley_terry(WINS)
    assert got.strengths == pytest.approx(centre @ raw, abs=1e-7)
    assert got.ses == pytest.approx(np.sqrt(np.diag(centre @ covariance @ centre)), rel=1e-6)


def test_strengths_match_choix() -> None:
    # choix 0.4.1, ilsr_pairwise on the same games.
    theirs = [0.5132532972096928, 0.030335440835593974, 0.46629863578194697, -1.0098873738272336]
    assert bradley_terry(WINS).strengths == pytest.approx(theirs, abs=1e-7)


def test_two_candidates_have_a_closed_form() -> None:
    got = bradley_terry([[0, 30], [10, 0]])
    assert got.strengths == pytest.approx([log(3) / 2, -log(3) / 2])
    # The log odds have variance 1/30 + 1/10; each centred strength is half of them.
    assert got.ses == pytest.approx([sqrt(1 / 30 + 1 / 10) / 2] * 2)


def test_planted_strengths_are_recovered_within_their_errors() -> None:
    rng = np.random.default_rng(6)
    planted = np.array([1.5, 0.5, 0.0, -0.5, -1.5])
    chance = 1 / (1 + np.exp(planted[None, :] - planted[:, None]))
    off = []
    for _ in range(100):
        wins = np.zeros((5, 5))
        for i in range(5):
            for j in range(i):
                wins[i, j] = rng.binomial(60, chance[i, j])
                wins[j, i] = 60 - wins[i, j]
        got = bradley_terry(wins)
        assert got.strengths.mean() == pytest.approx(0, abs=1e-12)
        off.append((got.strengths - planted) / got.ses)
    assert np.abs(np.mean(off, axis=0)).max() < 0.35
    assert np.std(off) == pytest.approx(1, abs=0.12)


def test_a_lopsided_chain_still_converges() -> None:
    wins = np.zeros((8, 8))
    for i in range(7):
        wins[i, i + 1], wins[i + 1, i] = 999, 1
    got = bradley_terry(wins)
    assert np.diff(got.strengths) == pytest.approx([-log(999)] * 7, abs=1e-6)


def test_ties_count_half_to_each() -> None:
    assert bradley_terry([[0, 2.5], [2.5, 0]]).strengths == pytest.approx([0, 0])


@pytest.mark.parametrize(
    ("wins", "message"),
    [
        ([[0, 5], [0, 0]], "infinite"),
        ([[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]], "infinite"),
        ([[0, 1, 2], [1, 0, 3]], "must be square"),
        ([[0]], "at least two candidates"),
        ([[0, -1], [1, 0]], "at least 0"),
        ([[1, 1], [1, 0]], "0 on the diagonal"),
        ([[0, float("nan")], [1, 0]], "not finite"),
        ([], "two-dimensional"),
    ],
)
def test_bad_input_is_refused(wins: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        bradley_terry(wins)  # type: ignore[arg-type]
