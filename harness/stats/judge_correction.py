"""What a judged share or mean says about the truth, given labels that measure the judge."""

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
import numpy.typing as npt

from harness.stats._checks import Floats, open_unit, successes, vector
from harness.stats.intervals import Interval


@dataclass(frozen=True)
class RoganGladen:
    """True share behind a judged one.

    ``theta`` in [0, 1], ``se`` its delta-method error, ``informedness`` = sensitivity + specificity - 1,
    and two intervals cut to [0, 1]; prefer ``lang_reiczigel`` unless samples are large.
    """

    theta: float
    se: float
    informedness: float
    delta: Interval
    lang_reiczigel: Interval


@dataclass(frozen=True)
class Estimate:
    """A mean with its interval."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True)
class PredictionPowered:
    """The mean from labels alone, from labels and predictions, and from both at the weight ``lam`` in [0, 1]."""

    classical: Estimate
    ppi: Estimate
    ppi_plus: Estimate
    lam: float


def rogan_gladen(
    judge_pass: float,
    n: float,
    true_pos_passed: float,
    true_pos: float,
    true_neg_failed: float,
    true_neg: float,
    alpha: float = 0.05,
) -> RoganGladen:
    """Share truly right, from the share that an imperfect judge passed.

    ``judge_pass`` of ``n`` items passed; among labelled items the judge passed ``true_pos_passed`` of ``true_pos``
    right ones and failed ``true_neg_failed`` of ``true_neg`` wrong ones. The three samples are independent; counts
    may be fractions, for effective sizes. Where the judge is no better than chance (informedness <= 0) nothing
    can be said, and every other value is nan. Where it is better by so little that the calls which Lang and
    Reiczigel add undo it, their interval is [0, 1]. Raises ValueError for impossible counts.
    Source: Rogan & Gladen (1978), Am J Epidemiol 107, 71-76; Lang & Reiczigel (2014), Prev Vet Med 113, 13-22.
    """
    from scipy.special import ndtri

    successes(judge_pass, n, "judge_pass")
    successes(true_pos_passed, true_pos, "true_pos_passed")
    successes(true_neg_failed, true_neg, "true_neg_failed")
    z = float(ndtri(1 - open_unit(alpha, "alpha") / 2))
    informedness = true_pos_passed / true_pos + true_neg_failed / true_neg - 1
    if informedness <= 0:
        nothing = Interval(nan, nan)
        return RoganGladen(nan, nan, informedness, nothing, nothing)
    theta, se, _ = _corrected(judge_pass, n, true_pos_passed, true_pos, true_neg_failed, true_neg)
    # Lang and Reiczigel add z^2/2 passes and fails, and one right and one wrong call to each labelled sample.
    added = (judge_pass + z * z / 2, n + z * z, true_pos_passed + 1, true_pos + 2, true_neg_failed + 1, true_neg + 2)
    if added[2] / added[3] + added[4] / added[5] <= 1:
        shifted = Interval(0.0, 1.0)
    else:
        middle, error, shift = _corrected(*added)
        shifted = _around(middle + 2 * z * z * shift, z * error)
    return RoganGladen(_cut(theta), se, informedness, _around(theta, z * se), shifted)


def ppi_mean(
    y: npt.ArrayLike,
    yhat: npt.ArrayLike,
    yhat_unlabelled: npt.ArrayLike,
    alpha: float = 0.05,
    lam: float | None = None,
) -> PredictionPowered:
    """Mean of ``y`` from few labels and many predictions.

    ``y`` [n] labels, ``yhat`` [n] predictions for them, ``yhat_unlabelled`` [N] predictions for other items of the
    same population; at least 2 each, independent, finite. ``lam`` in [0, 1] weighs the predictions in ``ppi_plus``;
    None tunes it to the least variance. Normal intervals at level 1 - ``alpha``, variances with n - 1.
    Raises ValueError for bad input. Source: Angelopoulos et al. (2023), Science 382, 669-674;
    PPI++: Angelopoulos, Duchi & Zrnic (2023), arXiv:2311.01453.
    """
    from scipy.special import ndtri

    truth = vector(y, "y", least=2)
    seen, unseen = vector(yhat, "yhat", least=2), vector(yhat_unlabelled, "yhat_unlabelled", least=2)
    if truth.size != seen.size:
        raise ValueError(f"y and yhat must have the same length, got {truth.size} and {seen.size}")
    if lam is not None and not 0 <= lam <= 1:
        raise ValueError(f"lam must lie in [0, 1], got {lam}")
    z = float(ndtri(1 - open_unit(alpha, "alpha") / 2))
    weight = _best_weight(truth, seen, unseen) if lam is None else float(lam)
    classical, ppi, plus = (_powered(truth, seen, unseen, each, z) for each in (0.0, 1.0, weight))
    return PredictionPowered(classical, ppi, plus, weight)


def _corrected(
    passed: float, n: float, pos_passed: float, pos: float, neg_failed: float, neg: float
) -> tuple[float, float, float]:
    """Rogan-Gladen estimate, not cut; its error; and Lang and Reiczigel's shift before the factor 2 z^2."""
    share, sens, spec = passed / n, pos_passed / pos, neg_failed / neg
    sens_var, spec_var = sens * (1 - sens) / pos, spec * (1 - spec) / neg
    theta = (share + spec - 1) / (sens + spec - 1)
    variance = share * (1 - share) / n + theta**2 * sens_var + (1 - theta) ** 2 * spec_var
    return theta, sqrt(variance) / (sens + spec - 1), theta * sens_var - (1 - theta) * spec_var


def _best_weight(truth: Floats, seen: Floats, unseen: Floats) -> float:
    """PPI++'s weight of the predictions: 0 where they say nothing about the truth."""
    spread = float(np.concatenate([seen, unseen]).var(ddof=1))
    if spread == 0:
        return 0.0
    shared = float(((truth - truth.mean()) * (seen - seen.mean())).mean())
    return _cut(shared / ((1 + truth.size / unseen.size) * spread))


def _powered(truth: Floats, seen: Floats, unseen: Floats, lam: float, z: float) -> Estimate:
    rest = truth - lam * seen
    estimate = float(lam * unseen.mean() + rest.mean())
    variance = lam**2 * unseen.var(ddof=1) / unseen.size + rest.var(ddof=1) / rest.size
    half = z * sqrt(float(variance))
    return Estimate(estimate, estimate - half, estimate + half)


def _cut(share: float) -> float:
    return min(max(share, 0.0), 1.0)


def _around(middle: float, half: float) -> Interval:
    return Interval(_cut(middle - half), _cut(middle + half))
