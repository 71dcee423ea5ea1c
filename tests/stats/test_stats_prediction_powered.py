"""A judged mean corrected by clustered labels: against ppi-python, by hand, and on planted truths."""

from math import sqrt

import numpy as np
import pytest
from scipy.stats import norm, t

from harness.stats import ClusteredPowered, clusters_needed, ppi_clustered

ROW = np.arange(60)
TRUTH = ((ROW * 7) % 10 < 6).astype(float)
SEEN = np.where((ROW * 3) % 11 < 8, TRUTH, 1 - TRUTH)
UNSEEN = ((np.arange(400) * 13) % 20 < 11).astype(float)
LABELS, VERDICTS = np.r_[TRUTH, np.full(400, np.nan)], np.r_[SEEN, UNSEEN]
SHARE = 400 / 460  # our population holds the labelled rows too, so our weight is theirs over this share


@pytest.mark.parametrize(
    ("lam", "estimate", "low", "high"),
    [(0.0, 0.6, 0.47604099, 0.72395901), (0.5, 0.575, 0.46110417, 0.68889583), (None, 0.58125, 0.46838299, 0.69411701)],
)
def test_unclustered_and_unweighted_it_is_ppi_python(
    lam: float | None, estimate: float, low: float, high: float
) -> None:
    # ppi-python 0.2.3: ppi_mean_pointestimate and ppi_mean_ci of TRUTH, SEEN, UNSEEN at alpha 0.05.
    got = ppi_clustered(LABELS, VERDICTS, np.arange(460), lam=None if lam is None else lam / SHARE)
    # Tuned, they estimate the weight's denominator on pooled rows, we on what each row adds to the error.
    assert got.estimate == pytest.approx(estimate, abs=1e-12 if lam is not None else 1e-3)
    theirs = (high - low) / 2 / norm.ppf(0.975)
    assert got.se == pytest.approx(theirs * sqrt(60 / 59), rel=1e-3 if lam is not None else 1e-2)
    assert got.high - got.estimate == pytest.approx(t.ppf(0.975, 59) * got.se)


def test_weighted_labels_alone_are_hajeks_mean() -> None:
    weight = 1 + ROW % 3
    got = ppi_clustered(LABELS, VERDICTS, np.arange(460), np.r_[1 / weight, np.ones(400)], lam=0.0)
    assert got.estimate == pytest.approx(np.average(TRUTH, weights=weight))  # and ppi-python's, with w = weight: 0.6
    parts = weight * (TRUTH - got.estimate) / weight.sum()
    assert got.se == pytest.approx(sqrt(60 / 59 * (parts @ parts)))


def test_by_hand_two_rows_a_cluster() -> None:
    y = [1.0, np.nan, 0.0, 0.0, np.nan, np.nan]
    got = ppi_clustered(y, [1, 0, 1, 0, 1, 1], [0, 0, 1, 1, 2, 2], [0.5, 0.5, 1, 1, 1, 1], lam=1.0)
    # Cluster means of verdicts 0.5, 0.5, 1; labels weigh 2, 1, 1 of 4.
    assert got.judged == pytest.approx(2 / 3)
    assert got.estimate == pytest.approx(2 / 3 + (2 * 0 + (0 - 1) + 0) / 4)
    assert got.classical.estimate == pytest.approx(0.5)
    assert (got.labelled, got.clusters, got.population) == (3, 2, 3)


def drawn(
    rng: np.random.Generator, intents: int = 480, labelled: int = 100, difference: float = 0.0, sensitivity: float = 0.9
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Two candidates' true and judged difference, whole intents labelled, one stratum sampled three times as often."""
    intent = np.repeat(np.arange(intents), 2)
    quarter = np.arange(intents) < intents // 4

    def right(share: float) -> np.ndarray:
        alike = rng.random(intents)[intent] < 0.3
        easier = share + 0.1 * np.where(quarter, 1.5, -0.5)[intent]  # a sample that ignores strata would be biased
        return (np.where(alike, rng.random(intents)[intent], rng.random(2 * intents)) < easier).astype(float)

    def judged(truth: np.ndarray, lenient: float) -> np.ndarray:
        draw = rng.random(truth.size)
        return np.where(truth == 1, draw < sensitivity, draw < 0.2 + lenient).astype(float)

    new, base = right(0.6 + difference), right(0.6)
    chance = np.where(quarter, labelled / 2 / quarter.sum(), labelled / 2 / (~quarter).sum())
    chosen = np.zeros(intents, dtype=bool)
    for stratum in (quarter, ~quarter):
        chosen[rng.choice(np.flatnonzero(stratum), labelled // 2, replace=False)] = True
    y = np.where(chosen[intent], new - base, np.nan)
    return y, judged(new, 0.25) - judged(base, 0.0), intent, chance[intent]


@pytest.mark.parametrize("difference", [0.0, 0.1])
def test_planted_difference_under_a_lenient_judge_and_a_stratified_sample(difference: float) -> None:
    rng = np.random.default_rng(5)
    found = [ppi_clustered(*drawn(rng, difference=difference)) for _ in range(600)]
    assert np.mean([each.judged for each in found]) > difference + 0.035  # the leniency is there to be corrected
    assert np.mean([each.estimate for each in found]) == pytest.approx(difference, abs=0.006)
    assert 0.925 <= np.mean([each.low <= difference <= each.high for each in found]) <= 0.975
    narrower = [(each.high - each.low) / (each.classical.high - each.classical.low) for each in found]
    assert np.mean(narrower) < 0.85
    assert np.std([each.estimate for each in found]) == pytest.approx(np.mean([each.se for each in found]), rel=0.1)


def test_rows_of_a_cluster_count_once() -> None:
    rng = np.random.default_rng(2)
    y, yhat, intent, chance = drawn(rng)
    copied = [np.concatenate([each, each]) for each in (y, yhat, intent, chance)]
    assert ppi_clustered(*copied).se == pytest.approx(ppi_clustered(y, yhat, intent, chance).se)


def test_agreement_on_every_label_claims_no_certainty() -> None:
    y = np.r_[np.zeros(30), np.full(70, np.nan)]
    got = ppi_clustered(y, np.zeros(100), np.arange(100))
    assert got.estimate == 0
    assert got.low == pytest.approx(-t.ppf(0.975, 29) * 2 / 30)
    # A loss in 1 of 30 is still likely enough: the rule of three says up to 0.1 with no loss seen.
    assert got.low < -0.1


def test_a_judge_that_says_nothing_gets_no_weight() -> None:
    rng = np.random.default_rng(4)
    y = np.where(np.arange(400) < 100, rng.random(400) < 0.5, np.nan)
    assert ppi_clustered(y, np.ones(400), np.arange(400)).lam == 0
    assert ppi_clustered(y, 1 - np.nan_to_num(y), np.arange(400)).lam == 0


def test_the_labels_said_to_be_needed_are_the_labels_needed() -> None:
    rng = np.random.default_rng(8)
    pilot = [ppi_clustered(*drawn(rng, labelled=80)) for _ in range(60)]
    needed = int(np.median([clusters_needed(each, 0.1, 0.05) or 480 for each in pilot]))
    assert 80 < needed < 480
    shown = [
        each.estimate / each.se > t.ppf(0.95, each.freedom)
        for each in (ppi_clustered(*drawn(rng, labelled=needed // 2 * 2, difference=0.1)) for _ in range(300))
    ]
    assert 0.7 < np.mean(shown) < 0.9


def test_a_population_too_small_needs_items_not_labels() -> None:
    found = ppi_clustered(*drawn(np.random.default_rng(1), intents=120, labelled=60))
    assert clusters_needed(found, 0.01, 0.05) is None
    assert clusters_needed(found, 1.0, 0.05) is not None
    with pytest.raises(ValueError, match="distance must be above 0"):
        clusters_needed(found, 0.0, 0.05)


def test_bad_input_is_refused() -> None:
    y, yhat, cluster = [1.0, 0.0, np.nan], [1.0, 0.0, 1.0], [0, 1, 2]
    for arguments, message in (
        (([1.0, 0.0], yhat, cluster), "one finite label or nan for each of the 3 rows"),
        ((y, [1.0, 0.0, np.nan], cluster), "yhat holds a value that is not finite"),
        ((y, yhat, cluster, [0.0, 1, 1]), "probability must hold"),
        ((y, yhat, cluster, [0.5, 1.5, 1]), "probability must hold"),
        ((y, yhat, cluster, None, 0.05, 2.0), "lam must lie in"),
        ((y, yhat, [0, 0, 1]), "labels lie in 1 cluster"),
    ):
        with pytest.raises(ValueError, match=message):
            ppi_clustered(*arguments)
    assert isinstance(ppi_clustered(y, yhat, cluster), ClusteredPowered)
