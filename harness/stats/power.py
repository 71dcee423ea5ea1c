"""How many pairs a comparison needs, and what a set of given size can show.

All three functions use the formula of Connor (1987), Biometrics 43, 207-211, for McNemar's two-sided test
with discordance known only as a rate; it asks for slightly more pairs than that of Miettinen (1968).
"""

from math import ceil, nan, sqrt

from harness.stats._checks import open_unit


def required_pairs(delta: float, discordance: float, power: float = 0.8, alpha: float = 0.05) -> int:
    """Independent pairs needed to find a difference ``delta`` in share right.

    ``delta`` is a share, not 0, at most ``discordance`` in size; ``discordance``, the share of pairs with
    exactly one right, lies in (0, 1]. With clusters, multiply by the design effect.
    Raises ValueError outside these ranges.
    """
    psi, size = _rates(delta, discordance)
    if size == 0:
        raise ValueError("delta must not be 0: no number of pairs shows a difference of nothing")
    reject, detect = _quantiles(power, alpha)
    # Not positive only where less power is asked than a test of nothing has; then one pair does.
    root = max(reject * sqrt(psi) + detect * sqrt(psi - size * size), 0.0) / size
    return max(ceil(root * root), 1)


def mcnemar_power(n: float, delta: float, discordance: float, alpha: float = 0.05) -> float:
    """Chance, in [0, 1], that ``n`` > 0 independent pairs show a difference ``delta`` in its own direction.

    ``n`` may be a fraction: pairs divided by the design effect. ``delta`` and ``discordance`` as in
    ``required_pairs``; a ``delta`` of 0 gives alpha / 2. Raises ValueError outside these ranges.
    """
    from scipy.special import ndtr

    psi, size = _rates(delta, discordance)
    if not 0 < n < float("inf"):
        raise ValueError(f"n must be positive and finite, got {n}")
    reject, _ = _quantiles(0.5, alpha)
    excess, spread = size * sqrt(n) - reject * sqrt(psi), sqrt(psi - size * size)
    if spread == 0:
        return 1.0 if excess > 0 else 0.0
    return float(ndtr(excess / spread))


def minimum_detectable(
    n: float, discordance: float, power: float = 0.8, alpha: float = 0.05, design_effect: float = 1.0
) -> float:
    """Smallest difference in share right that ``n`` pairs find with the given power.

    ``n`` > 0 pairs worth n / ``design_effect`` independent ones, ``design_effect`` > 0; ``discordance`` in (0, 1].
    nan where even a difference as large as the discordance would be missed. Raises ValueError outside these ranges.
    """
    psi, _ = _rates(0.0, discordance)
    if not 0 < n < float("inf") or not 0 < design_effect < float("inf"):
        raise ValueError(f"n and design_effect must be positive and finite, got {n} and {design_effect}")
    reject, detect = _quantiles(power, alpha)
    pairs = n / design_effect
    inside = psi * (pairs + detect * detect - reject * reject)
    if inside < 0:
        return nan
    # Connor's equation, squared, is quadratic in delta; the sign of ``detect`` picks the root that solves it.
    delta = (reject * sqrt(pairs * psi) + detect * sqrt(inside)) / (pairs + detect * detect)
    return delta if 0 < delta <= psi else nan


def _rates(delta: float, discordance: float) -> tuple[float, float]:
    if not 0 < discordance <= 1:
        raise ValueError(f"discordance must lie in (0, 1], got {discordance}")
    if not abs(delta) <= discordance:
        raise ValueError(f"delta must not exceed the discordance of {discordance}, got {delta}")
    return float(discordance), abs(float(delta))


def _quantiles(power: float, alpha: float) -> tuple[float, float]:
    from scipy.special import ndtri

    return float(ndtri(1 - open_unit(alpha, "alpha") / 2)), float(ndtri(open_unit(power, "power")))
