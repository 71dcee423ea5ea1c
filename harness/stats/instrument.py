"""How well an instrument of two verdicts tells right from wrong: rates, informedness and kappa over clustered, weighted rows."""

from dataclasses import dataclass
from math import exp, nan, sqrt

import numpy as np
import numpy.typing as npt

from harness.stats._checks import Codes, Floats, cluster_codes, open_unit, vector
from harness.stats.agreement import cohen_kappa
from harness.stats.intervals import wilson


@dataclass(frozen=True)
class Rate:
    """A share with its interval, the rows it rests on and the independent ones that they are worth; nan without rows."""

    share: float
    low: float
    high: float
    rows: int
    effective_n: float


@dataclass(frozen=True)
class Informedness:
    """Sensitivity + specificity - 1, in [-1, 1], with its interval: 0 for a coin, 1 for an instrument without error."""

    value: float
    low: float
    high: float

    @property
    def clear(self) -> bool:
        """Whether the whole interval lies above 0; nan never does."""
        return self.low > 0


@dataclass(frozen=True)
class Instrument:
    """Verdicts held against the truth. ``table`` [2, 2] weights: truth wrong, right by verdict fail, pass."""

    table: tuple[tuple[float, float], tuple[float, float]]
    agreement: Rate
    sensitivity: Rate
    specificity: Rate
    informedness: Informedness
    kappa: float
    kappa_low: float
    kappa_high: float
    clusters: int


def measure_instrument(
    truth: npt.ArrayLike,
    passed: npt.ArrayLike,
    cluster: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
    alpha: float = 0.05,
) -> Instrument:
    """Rates of the verdicts ``passed`` [rows] of 0 and 1 against ``truth`` [rows] of 0 and 1.

    ``cluster`` [rows] labels: clusters are independent, rows are not; ``weight`` [rows] above 0, inverse chances of having
    been labelled (default 1). Rates have Wilson intervals at the effective number of rows: share (1 - share) / variance of the
    weighted share over clusters, at most Kish's count of rows, and where no cluster differs Kish's count of clusters, for a
    variance of 0 would claim certainty. Informedness combines both rates' limits with their correlation over clusters
    (MOVER). Kappa's interval is a jackknife's over clusters, for log(1 - kappa); where that has no width it is agreement's, rescaled.
    nan where there is nothing to measure. Raises ValueError for bad input.
    Source: Korn & Graubard (1998), Survey Methodology 24, 193-201; Kish (1965), Survey Sampling; Zou & Donner (2008),
    Stat Med 27, 1693-1702; Youden (1950), Cancer 3, 32-35.
    """
    right, verdict = vector(truth, "truth"), vector(passed, "passed")
    if right.shape != verdict.shape or not np.isin(np.concatenate([right, verdict]), (0, 1)).all():
        raise ValueError("truth and passed must hold 0 and 1, one of each a row")
    weights = np.ones(right.size) if weight is None else vector(weight, "weight")
    if weights.shape != right.shape or weights.min() <= 0:
        raise ValueError("weight must hold one number above 0 for each row")
    open_unit(alpha, "alpha")
    codes, count = cluster_codes(cluster, right.size)
    agreement, _ = _rate(np.asarray(right == verdict, dtype=np.float64), weights, codes, count, alpha)
    sensitivity, from_right = _rate(verdict, weights * right, codes, count, alpha)
    specificity, from_wrong = _rate(1 - verdict, weights * (1 - right), codes, count, alpha)
    cells = np.zeros((count, 2, 2))
    np.add.at(cells, (codes, right.astype(int), verdict.astype(int)), weights)
    kappa, low, high = _kappa(cells, agreement, alpha)
    table = cells.sum(axis=0)
    return Instrument(
        ((float(table[0, 0]), float(table[0, 1])), (float(table[1, 0]), float(table[1, 1]))),
        agreement, sensitivity, specificity, _informedness(sensitivity, specificity, from_right, from_wrong),
        kappa, low, high, count,
    )  # fmt: skip


def _rate(values: Floats, weights: Floats, codes: Codes, count: int, alpha: float) -> tuple[Rate, Floats]:
    """A weighted share, and what each cluster [count] adds to its error."""
    used = weights > 0
    total, rows = float(weights.sum()), int(used.sum())
    if rows == 0:
        return Rate(nan, nan, nan, 0, 0.0), np.zeros(count)
    share = min(max(float(weights @ values) / total, 0.0), 1.0)
    parts = np.bincount(codes, weights=weights * (values - share), minlength=count) / total
    sums = np.bincount(codes, weights=weights, minlength=count)
    clusters = int((sums > 0).sum())
    of_rows = total**2 / float(weights @ weights)
    variance = float(parts @ parts) * clusters / (clusters - 1) if clusters > 1 else 0.0
    if variance > 1e-15:
        effective = min(share * (1 - share) / variance, of_rows)
    else:
        effective = total**2 / float(sums @ sums)
    interval = wilson(min(share * effective, effective), effective, alpha)
    return Rate(share, interval.low, interval.high, rows, effective), parts.astype(np.float64)


def _informedness(right: Rate, wrong: Rate, from_right: Floats, from_wrong: Floats) -> Informedness:
    value = right.share + wrong.share - 1
    spread = sqrt(float(from_right @ from_right) * float(from_wrong @ from_wrong))
    together = float(from_right @ from_wrong) / spread if spread > 1e-15 else 0.0

    def reach(one: float, other: float) -> float:
        return sqrt(max(one**2 + other**2 + 2 * together * one * other, 0.0))

    low = value - reach(right.share - right.low, wrong.share - wrong.low)
    high = value + reach(right.high - right.share, wrong.high - wrong.share)
    return Informedness(value, max(low, -1.0) if low == low else nan, min(high, 1.0) if high == high else nan)


def _kappa(cells: Floats, agreement: Rate, alpha: float) -> tuple[float, float, float]:
    """Kappa with a jackknife interval over clusters; ``cells`` [clusters, 2, 2]."""
    from scipy.special import stdtrit

    table = cells.sum(axis=0)
    kappa = cohen_kappa(table).kappa
    if kappa != kappa:
        return nan, nan, nan
    without = [cohen_kappa(rest).kappa for one in cells if (rest := np.maximum(table - one, 0.0)).sum() > 1e-9]
    drops = np.array([each for each in without if each == each])
    count = drops.size
    error = sqrt((count - 1) / count * float(((drops - drops.mean()) ** 2).sum())) if count > 1 else 0.0
    if error > 1e-12:
        # On the scale of log(1 - kappa), which a kappa near 1 does not skew.
        factor = exp(float(stdtrit(count - 1, 1 - alpha / 2)) * error / (1 - kappa))
        return kappa, max(1 - (1 - kappa) * factor, -1.0), 1 - (1 - kappa) / factor
    shares = table / table.sum()
    chance = float(shares.sum(axis=1) @ shares.sum(axis=0))
    rescaled = [(each - chance) / (1 - chance) for each in (agreement.low, agreement.high)]
    return kappa, max(rescaled[0], -1.0), min(rescaled[1], 1.0)
