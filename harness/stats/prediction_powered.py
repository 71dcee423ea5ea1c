"""A mean over clusters from few labels, sampled with known chances, and a judge's verdict on every row."""

from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np
import numpy.typing as npt

from harness.stats._checks import Codes, Floats, cluster_codes, open_unit, vector
from harness.stats.judge_correction import Estimate

PSEUDO_CLUSTERS = 4  # Agresti and Coull's two successes and two failures


@dataclass(frozen=True)
class ClusteredPowered:
    """A corrected mean with its standard error, and what it was made of.

    ``judged`` is the mean of the predictions alone, ``classical`` that of the labels alone, ``lam`` in [0, 1] the weight that
    the predictions got. ``clusters`` counts those with a label, of ``population`` in all. ``truth_variance`` and
    ``rest_variance`` are those of one cluster's truth and of what the predictions leave unexplained of it.
    """

    estimate: float
    se: float
    low: float
    high: float
    lam: float
    judged: float
    classical: Estimate
    labelled: int
    clusters: int
    population: int
    truth_variance: float
    rest_variance: float

    @property
    def freedom(self) -> int:
        """Degrees of freedom of the t interval: labelled clusters less one."""
        return self.clusters - 1


def ppi_clustered(
    y: npt.ArrayLike,
    yhat: npt.ArrayLike,
    cluster: npt.ArrayLike,
    probability: npt.ArrayLike | None = None,
    alpha: float = 0.05,
    lam: float | None = None,
) -> ClusteredPowered:
    """Mean of cluster means of the truth, from labels on a random part of the rows and predictions for all.

    ``y`` [rows] labels, nan where there is none; ``yhat`` [rows] predictions, finite everywhere; ``cluster`` [rows] labels;
    ``probability`` [rows] chance in (0, 1] with which a row was chosen for labelling (default: the same for all). For a paired
    difference, ``y`` and ``yhat`` are differences on the same row. ``lam`` in [0, 1] weighs the predictions; None tunes it
    to the least variance. The labels' part is weighted by inverse chance (Hajek); its error counts clusters, not rows, as
    independent (CR1) and covers the overlap of labelled rows and population. The population is one more sample:
    with every row labelled there is still an error. Where fewer than about four labelled clusters differ from what was
    predicted, the variance is that of four, for four clusters' doubt is the least that a sample shows.
    t interval of level 1 - ``alpha`` on the labelled clusters less one. Raises ValueError for bad input or labels in fewer
    than two clusters.
    Source: Angelopoulos, Duchi & Zrnic (2023), PPI++, arXiv:2311.01453; with inverse probabilities it is the difference
    estimator of Särndal, Swensson & Wretman (1992), Model Assisted Survey Sampling, section 6.3.
    """
    from scipy.special import stdtrit

    seen = vector(yhat, "yhat")
    truth = np.asarray(y, dtype=np.float64)
    if truth.shape != seen.shape or np.isinf(truth).any():
        raise ValueError(f"y must hold one finite label or nan for each of the {seen.size} rows")
    chance = np.ones(seen.size) if probability is None else np.asarray(probability, dtype=np.float64)
    has = ~np.isnan(truth)
    if chance.shape != seen.shape or not ((chance[has] > 0) & (chance[has] <= 1)).all():
        raise ValueError("probability must hold a number in (0, 1] for each labelled row")
    if lam is not None and not 0 <= lam <= 1:
        raise ValueError(f"lam must lie in [0, 1], got {lam}")
    open_unit(alpha, "alpha")
    codes, count = cluster_codes(cluster, seen.size)
    labelled = np.unique(codes[has]).size
    if labelled < 2:
        raise ValueError(f"labels lie in {labelled} cluster(s); two are the least that an error can be had from")
    share = 1 / np.bincount(codes)[codes] / count  # every cluster counts once
    weight = np.where(has, share / np.where(has, chance, 1.0), 0.0)
    weight /= weight.sum()
    filled = np.where(has, truth, 0.0)
    own, own_seen = float(weight @ filled), float(weight @ seen)
    judged = float(share @ seen)

    # What each cluster adds to the error: of the labels' mean, and of the predictions' mean less that on labelled rows.
    label_part = _sums(weight * (filled - own), codes, count)
    seen_part = _sums(share * (seen - judged), codes, count) - _sums(weight * (seen - own_seen), codes, count)
    spread = float(seen_part @ seen_part)
    if lam is None:
        lam = min(max(-float(label_part @ seen_part) / spread, 0.0), 1.0) if spread > 1e-18 else 0.0
    worth = 1 / float((_sums(weight, codes, count) ** 2).sum())  # labelled clusters of equal weight
    least = PSEUDO_CLUSTERS / worth**2
    correction = labelled / (labelled - 1)

    def variance(weight_of_seen: float) -> float:
        parts = label_part + weight_of_seen * seen_part
        return max(correction * float(parts @ parts), least)

    quantile = float(stdtrit(labelled - 1, 1 - alpha / 2))
    estimate, error = own + lam * (judged - own_seen), sqrt(variance(lam))
    alone = quantile * sqrt(variance(0.0))
    rest = label_part - lam * _sums(weight * (seen - own_seen), codes, count)
    return ClusteredPowered(
        estimate, error, estimate - quantile * error, estimate + quantile * error, float(lam), judged,
        Estimate(own, own - alone, own + alone), int(has.sum()), labelled, count,
        worth * correction * float(label_part @ label_part), max(worth * correction * float(rest @ rest), least * worth),
    )  # fmt: skip


def clusters_needed(found: ClusteredPowered, distance: float, alpha: float, power: float = 0.8) -> int | None:
    """Labelled clusters in all with which a test at one-sided ``alpha`` would find ``distance`` with ``power``.

    ``distance`` > 0 is that of the estimate from the value tested. ``None`` where labelling the whole population would not do:
    its size then limits the error, not the labels. Raises ValueError for bad input.
    """
    from scipy.special import ndtri

    if distance <= 0:
        raise ValueError(f"distance must be above 0, got {distance}")
    wanted = (distance / float(ndtri(1 - open_unit(alpha, "alpha")) + ndtri(open_unit(power, "power")))) ** 2
    # Variance with n labelled clusters of N: truth / N + rest (1 / n - 1 / N).
    share = (wanted - found.truth_variance / found.population) / found.rest_variance + 1 / found.population
    if share <= 0:
        return None
    needed = ceil(1 / share - 1e-9)
    return needed if needed <= found.population else None


def _sums(values: Floats, codes: Codes, count: int) -> Floats:
    return np.bincount(codes, weights=values, minlength=count).astype(np.float64)
