"""Looking at results more than once while the error rate holds."""

from math import ceil, sqrt
from typing import Literal

import numpy as np
import numpy.typing as npt

from harness.stats._checks import Floats, open_unit, vector

_SMALLEST_GAP = 0.005
_REACH = 8.0  # standard deviations beyond which no density is kept


def lan_demets(times: npt.ArrayLike, alpha: float = 0.05, sides: Literal[1, 2] = 2) -> Floats:
    """Boundaries [looks] for the z statistic at each look: stop at the first that it reaches.

    ``times`` [looks] are shares of the full information, rising by at least 0.005, in (0, 1]; looks need not be
    planned, but their times must not depend on the results. ``alpha`` is spent in all, ``sides`` 1 (upper) or 2
    (half to each side), by the O'Brien-Fleming-type function 2 - 2 Phi(z[1 - a/2] / sqrt(t)) of each side's a.
    Raises ValueError for bad input. Source: Lan & DeMets (1983), Biometrika 70, 659-663; numerical integration:
    Armitage, McPherson & Rowe (1969), JRSS A 132, 235-244.
    """
    from scipy.special import ndtr, ndtri

    shares = vector(times, "times")
    steps = np.diff(shares, prepend=0.0)
    if shares[0] <= 0 or shares[-1] > 1 or (steps < _SMALLEST_GAP - 1e-12).any():
        raise ValueError(f"times must rise by at least {_SMALLEST_GAP} within (0, 1], got {shares.tolist()}")
    if sides not in (1, 2):
        raise ValueError(f"sides must be 1 or 2, got {sides}")
    side_alpha = open_unit(alpha, "alpha") / sides
    spent = 2 * ndtr(ndtri(side_alpha / 2) / np.sqrt(shares))
    bounds: list[float] = []
    # Score process B(t): density of paths that have not crossed, on a Simpson grid, weights included.
    grid, mass = np.zeros(1), np.ones(1)
    for look, (share, step, spend) in enumerate(zip(shares, steps, np.diff(spent, prepend=0.0), strict=True)):
        bound = _crossing(grid, mass, sqrt(step), float(spend), sqrt(share))
        bounds.append(bound / sqrt(share))
        if look + 1 < shares.size:
            finest = sqrt(min(step, steps[look + 1]))
            top = min(bound, _REACH * sqrt(share))
            bottom = -top if sides == 2 else -_REACH * sqrt(share)
            fresh, weights = _simpson(bottom, top, finest / 8)
            density = np.exp(-0.5 * ((fresh[:, None] - grid) / sqrt(step)) ** 2) / sqrt(2 * np.pi * step)
            grid, mass = fresh, weights * (density @ mass)
    return np.array(bounds)


def _crossing(grid: Floats, mass: Floats, spread: float, spend: float, scale: float) -> float:
    """The height that the remaining paths cross next with chance ``spend``, by bisection."""
    from scipy.special import ndtr

    low, high = -40 * scale, 40 * scale
    for _ in range(100):
        middle = (low + high) / 2
        if float(ndtr((grid - middle) / spread) @ mass) > spend:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _simpson(low: float, high: float, width: float) -> tuple[Floats, Floats]:
    """Points and weights of Simpson's rule with steps of at most ``width``."""
    half = max(ceil((high - low) / (2 * width)), 8)
    points = np.linspace(low, high, 2 * half + 1)
    weights = np.full(points.size, 2.0)
    weights[1::2] = 4.0
    weights[0] = weights[-1] = 1.0
    return points, weights * (points[1] - points[0]) / 3
