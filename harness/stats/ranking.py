"""Strengths of many candidates from comparisons two at a time."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harness.stats._checks import Floats, matrix, open_unit


@dataclass(frozen=True)
class BradleyTerry:
    """Log strengths [k], of mean 0, and their standard errors [k]: P(i beats j) = 1 / (1 + exp(s[j] - s[i]))."""

    strengths: Floats
    ses: Floats


def bradley_terry(wins: npt.ArrayLike) -> BradleyTerry:
    """Maximum-likelihood strengths.

    ``wins`` [k, k], k >= 2: ``wins[i, j]`` is how often i beat j, a tie counting one half to each; 0 on the diagonal.
    Raises ValueError if strengths are not finite: some group never lost to, or never met, the others.
    Errors are for strengths of mean 0 and independent comparisons.
    Source: Bradley & Terry (1952), Biometrika 39, 324-345; existence: Ford (1957), Am Math Monthly 64, 28-33.
    """
    won = matrix(wins, "wins")
    if won.shape[0] != won.shape[1] or won.shape[0] < 2:
        raise ValueError(f"wins must be square with at least two candidates, got shape {won.shape}")
    if won.min() < 0 or np.diag(won).any():
        raise ValueError("wins must hold counts of at least 0, with 0 on the diagonal")
    if not _all_reach_all(won):
        raise ValueError("wins do not link all candidates both ways, so some strength would be infinite")
    met, strengths = won + won.T, np.zeros(len(won))
    value = _log_likelihood(won, strengths)
    for _ in range(200):
        expected = met * _chance(strengths)
        slope = (won - expected).sum(axis=1)
        step = np.linalg.pinv(_information(met, strengths)) @ slope
        # The likelihood is concave: a Newton step that overshoots is halved until it does not.
        while (fresh := _log_likelihood(won, strengths + step)) < value and np.abs(step).max() > 1e-14:
            step = step / 2
        strengths, value = strengths + step, max(fresh, value)
        if np.abs(step).max() < 1e-10:
            break
    errors = np.sqrt(np.diag(np.linalg.pinv(_information(met, strengths))))
    return BradleyTerry(strengths, errors)


@dataclass(frozen=True)
class ClusteredBradleyTerry:
    """Log strengths [k] of mean 0, errors and t limits [k] that take clusters of comparisons as independent."""

    strengths: Floats
    ses: Floats
    low: Floats
    high: Floats
    clusters: int


def clustered_bradley_terry(wins: npt.ArrayLike, alpha: float = 0.05) -> ClusteredBradleyTerry:
    """Maximum-likelihood strengths from comparisons that come in clusters.

    ``wins`` [clusters, k, k]: how often i beat j in each cluster, a tie one half to each; at least two clusters. The error is
    the sandwich over clusters (CR1), so comparisons of one cluster may hang together in any way; limits of level 1 - ``alpha``
    by t on clusters less one. Raises ValueError as `bradley_terry` does.
    Source: as there; errors: Liang & Zeger (1986), Biometrika 73, 13-22.
    """
    from scipy.special import stdtrit

    won = np.asarray(wins, dtype=np.float64)
    if won.ndim != 3 or won.shape[0] < 2:
        raise ValueError(f"wins must be [clusters, k, k] with at least two clusters, got shape {won.shape}")
    open_unit(alpha, "alpha")
    total, count = won.sum(axis=0), won.shape[0]
    strengths = bradley_terry(total).strengths
    met = won + won.transpose(0, 2, 1)
    slopes = (won - met * _chance(strengths)).sum(axis=2)
    inverse = np.linalg.pinv(_information(total + total.T, strengths))
    covariance = inverse @ (slopes.T @ slopes) @ inverse * count / (count - 1)
    errors = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    half = float(stdtrit(count - 1, 1 - alpha / 2)) * errors
    return ClusteredBradleyTerry(strengths, errors, strengths - half, strengths + half, count)


def _chance(strengths: Floats) -> Floats:
    """Chance [k, k] that the row beats the column."""
    return np.asarray(1 / (1 + np.exp(strengths[None, :] - strengths[:, None])))


def _log_likelihood(won: Floats, strengths: Floats) -> float:
    return -float((won * np.logaddexp(0, strengths[None, :] - strengths[:, None])).sum())


def _information(met: Floats, strengths: Floats) -> Floats:
    """Fisher information [k, k]; singular along equal shifts, so its pseudo-inverse keeps the mean at 0."""
    chance = _chance(strengths)
    weight = met * chance * (1 - chance)
    return np.asarray(np.diag(weight.sum(axis=1)) - weight)


def _all_reach_all(won: Floats) -> bool:
    """Whether a chain of wins leads from every candidate to every other."""
    reach = (won > 0) | np.eye(len(won), dtype=bool)
    for _ in range(len(won)):
        reach = reach @ reach
    return bool(reach.all())
