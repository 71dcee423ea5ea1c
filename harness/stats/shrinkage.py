"""Estimates of many small groups, each drawn towards what all of them have in common."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt

from harness.stats._checks import Floats, open_unit, vector


@dataclass(frozen=True)
class Shrunken:
    """Group estimates [groups] drawn to ``overall``, their limits, and the variance between true group values."""

    means: Floats
    low: Floats
    high: Floats
    overall: float
    between: float


def shrink(estimates: npt.ArrayLike, errors: npt.ArrayLike, alpha: float = 0.05) -> Shrunken:
    """Empirical-Bayes estimates under a normal model.

    ``estimates`` [groups], at least 2, ``errors`` [groups] their standard errors, above 0; level 1 - ``alpha``. With no
    variance between groups beyond their errors all lie near the overall mean, weighted by precision. Limits hold the error of
    that mean and, from four groups on, of the variance between groups. Raises ValueError for bad input.
    Source: DerSimonian & Laird (1986), Control Clin Trials 7, 177-188; limits: Morris (1983), JASA 78, 47-55.
    """
    from scipy.special import ndtri

    values, spread = vector(estimates, "estimates", least=2), vector(errors, "errors", least=2)
    if values.shape != spread.shape or spread.min() <= 0:
        raise ValueError("errors must hold one number above 0 for each estimate")
    weights = 1 / spread**2
    fixed = float(weights @ values / weights.sum())
    excess = float(weights @ (values - fixed) ** 2) - (values.size - 1)
    between = max(0.0, excess / float(weights.sum() - (weights**2).sum() / weights.sum()))
    total = 1 / (between + spread**2)
    overall = float(total @ values / total.sum())
    count = values.size
    drawn = spread**2 * total * ((count - 3) / (count - 1) if count > 3 else 1.0)
    means = (1 - drawn) * values + drawn * overall
    variance = (
        spread**2 * (1 - drawn * (count - 1) / count) + 2 / max(count - 3, 1) * drawn**2 * (values - overall) ** 2
    )
    half = float(ndtri(1 - open_unit(alpha, "alpha") / 2)) * np.sqrt(variance)
    return Shrunken(means, means - half, means + half, overall, between)


def standard_error(low: float, high: float, alpha: float = 0.05) -> float:
    """The standard error that a normal interval of level 1 - ``alpha`` would have had: its half width over the quantile."""
    from scipy.special import ndtri

    return (high - low) / 2 / float(ndtri(1 - open_unit(alpha, "alpha") / 2)) or sqrt(np.finfo(float).tiny)
