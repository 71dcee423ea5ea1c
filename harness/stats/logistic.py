"""Logistic regression with errors that hold for clustered rows."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt

from harness.stats._checks import Floats, cluster_codes, matrix, open_unit, vector


@dataclass(frozen=True)
class Logit:
    """Coefficients [columns] in log odds, their standard errors, and t limits; ``clusters`` behind the errors."""

    coefficients: Floats
    ses: Floats
    low: Floats
    high: Floats
    clusters: int


def clustered_logit(y: npt.ArrayLike, x: npt.ArrayLike, cluster: npt.ArrayLike, alpha: float = 0.05) -> Logit:
    """Maximum-likelihood coefficients of P(y = 1) = 1 / (1 + exp(-x b)), with CR1 errors over clusters.

    ``y`` [rows] of 0 and 1, ``x`` [rows, columns] with a column of ones where a constant is wanted, ``cluster`` [rows]
    labels; limits of level 1 - ``alpha`` by t on clusters less one. Raises ValueError for bad input, fewer than two clusters,
    columns that depend on each other, or values that separate 0 from 1, where a coefficient would be infinite.
    Source: McCullagh & Nelder (1989), Generalized Linear Models, ch. 4; errors: Liang & Zeger (1986), Biometrika 73, 13-22.
    """
    from scipy.special import expit, stdtrit

    outcome, values = vector(y, "y", least=2), matrix(x, "x")
    if not np.isin(outcome, (0, 1)).all() or values.shape[0] != outcome.size:
        raise ValueError("y must hold 0 and 1, one a row of x")
    open_unit(alpha, "alpha")
    codes, count = cluster_codes(cluster, outcome.size)
    if count < 2:
        raise ValueError("errors need at least two clusters")
    found = np.zeros(values.shape[1])
    for _ in range(50):
        chance = expit(values @ found)
        information = values.T @ (values * (chance * (1 - chance))[:, None])
        if np.linalg.matrix_rank(information, tol=1e-9 * max(1.0, float(np.abs(information).max()))) < found.size:
            raise ValueError("the columns of x depend on each other, or separate 0 from 1")
        step = np.linalg.solve(information, values.T @ (outcome - chance))
        found = found + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-10:
            break
    if np.abs(step).max() > 1e-6 or np.abs(values @ found).max() > 30:
        raise ValueError("the columns of x separate 0 from 1, so a coefficient would be infinite")
    scores = np.zeros((count, found.size))
    np.add.at(scores, codes, values * (outcome - chance)[:, None])
    inverse = np.linalg.inv(information)
    covariance = inverse @ (scores.T @ scores) @ inverse * count / (count - 1)
    errors = np.array([sqrt(max(float(each), 0.0)) for each in np.diag(covariance)])
    half = float(stdtrit(count - 1, 1 - alpha / 2)) * errors
    return Logit(found, errors, found - half, found + half, count)
