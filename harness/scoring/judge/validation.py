"""Simulated judges of known faults, measured by the shipped code: estimates and intervals must recover what was planted. Pure.

Each draw makes two candidates' answers to the suite's own items (their intents, domains, languages), a judge's verdicts on them
and preferences between them, and labels on a sample drawn as `harness review` draws it. Answers to one intent share their luck
in part, and so do the judge's errors on them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, isnan, log, sqrt

import numpy as np
import numpy.typing as npt

from harness.labels.sampling import draw
from harness.scoring.judge.calibration import Calibration, calibrate
from harness.scoring.judge.corrected import JudgedAnswer
from harness.scoring.judge.pairwise import Choice, PairJudged, rank_pairs
from harness.suite.item import Item

Floats = npt.NDArray[np.float64]
NEW, BASE = "new", "base"
ACCURACY: Mapping[str, float] = {NEW: 0.65, BASE: 0.55}
ALIKE = 0.3
LOG_LENGTH = (0.2, 0.7)
"""Mean and standard deviation of the log2 ratio of the two answers' lengths."""


@dataclass(frozen=True, slots=True)
class SimulatedJudge:
    """A judge of known faults.

    ``leniency`` is added to its chance of passing a wrong answer of the new candidate. Odds of preferring an answer in a pair:
    for standing first, for twice the length, for being right where the other is wrong.
    """

    name: str
    sensitivity: float
    specificity: float
    leniency: float = 0.0
    first: float = 1.0
    twice_the_length: float = 1.0
    right: float = 4.0


JUDGES = (
    SimulatedJudge("careful", 0.95, 0.90),
    SimulatedJudge("harsh", 0.70, 0.97),
    SimulatedJudge("lenient to the new one", 0.92, 0.85, leniency=0.25),
    SimulatedJudge("first and long preferred", 0.90, 0.80, first=2.0, twice_the_length=1.5),
    SimulatedJudge("no better than a coin", 0.60, 0.40, first=1.5, right=1.0),
)


@dataclass(frozen=True, slots=True)
class Recovered:
    """A planted value: the mean of its estimates, and the share of draws whose 95% interval holds it."""

    figure: str
    planted: float
    mean: float
    covered: float
    draws: int

    @property
    def noise(self) -> float:
        """Standard error of ``covered`` by the number of draws, were it 0.95."""
        return sqrt(0.95 * 0.05 / self.draws) if self.draws else float("nan")


@dataclass(frozen=True)
class Validation:
    """One judge's table. ``refused`` is the share of draws in which no accuracy was claimed from it."""

    judge: SimulatedJudge
    draws: int
    labelled: int
    refused: float
    judged_difference: float
    recovered: Sequence[Recovered]


def validate(judge: SimulatedJudge, items: Sequence[Item], labelled: int, draws: int, seed: int = 0) -> Validation:
    """Measure ``judge`` on ``draws`` drawn projects with ``labelled`` items labelled in both arms."""
    rng = np.random.default_rng(seed)
    found: dict[str, list[tuple[float, float, float]]] = {}
    refused, judged = 0, []
    for number in range(draws):
        answers, pairs = _project(judge, items, labelled, rng, number)
        calibration = calibrate(answers, "simulated", "person", "test")
        refused += bool(calibration.refused)
        judged.append(_judged_difference(answers))
        for figure, limits in (*_rates(calibration), *_corrections(calibration), *_pair_figures(pairs)):
            found.setdefault(figure, []).append(limits)
    planted = _planted(judge)
    return Validation(
        judge, draws, labelled, refused / draws, float(np.mean(judged)),
        [_recovered(figure, planted[figure], limits) for figure, limits in found.items()],
    )  # fmt: skip


def _project(
    judge: SimulatedJudge, items: Sequence[Item], labelled: int, rng: np.random.Generator, seed: int
) -> tuple[list[JudgedAnswer], list[PairJudged]]:
    _, intents = np.unique([item.intent for item in items], return_inverse=True)
    chosen = {each.item.id: each.probability for each in draw(items, labelled, 0.0, seed)}
    shared = _luck(rng, intents)
    right: dict[str, Floats] = {}
    answers: list[JudgedAnswer] = []
    for name in (NEW, BASE):
        # Half of the luck of an answer is the question's, so that the two candidates are right on much the same items.
        own = np.where(rng.random(len(items)) < 0.5, shared, _luck(rng, intents))
        right[name] = (own < ACCURACY[name]).astype(float)
        passes_wrong = 1 - judge.specificity + (judge.leniency if name == NEW else 0.0)
        passed = _luck(rng, intents) < np.where(right[name] == 1, judge.sensitivity, passes_wrong)
        answers += [
            JudgedAnswer(
                item.id, item.intent, item.domain, item.language, item.answerable, name,
                "correct" if passed[row] else "incorrect",
                label=("correct" if right[name][row] else "incorrect") if item.id in chosen else None,
                probability=chosen.get(item.id),
            )
            for row, item in enumerate(items)
        ]  # fmt: skip
    ratio = rng.normal(*LOG_LENGTH, len(items))
    forward, backward = (
        _luck(rng, intents) < _preferred(judge, right[NEW] - right[BASE], ratio, place) for place in (1, -1)
    )
    pairs = [
        PairJudged(
            item.id, item.intent, NEW, BASE, _choice(forward[row], True), _choice(backward[row], False),
            round(400 * 2 ** ratio[row]), 400, right[NEW][row], right[BASE][row],
        )
        for row, item in enumerate(items)
    ]  # fmt: skip
    return answers, pairs


def _luck(rng: np.random.Generator, intents: npt.NDArray[np.intp]) -> Floats:
    """A uniform number a row, for a share of the rows their intent's own."""
    common = rng.random(int(intents.max()) + 1)[intents]
    return np.where(rng.random(int(intents.max()) + 1)[intents] < ALIKE, common, rng.random(intents.size))


def _preferred(judge: SimulatedJudge, better: Floats, ratio: Floats, place: int) -> Floats:
    """Chance that the new candidate's answer is preferred, shown first (``place`` 1) or second (-1)."""
    odds = log(judge.first) * place + log(judge.twice_the_length) * ratio + log(judge.right) * better
    return np.asarray(1 / (1 + np.exp(-odds)))


def _choice(new_preferred: bool, new_first: bool) -> Choice:
    return "first" if bool(new_preferred) == new_first else "second"


def _rates(calibration: Calibration) -> list[tuple[str, tuple[float, float, float]]]:
    assert calibration.overall is not None
    measured = calibration.overall.measured
    rates = {"sensitivity": measured.sensitivity, "specificity": measured.specificity, "agreement": measured.agreement}
    informed = measured.informedness
    return [
        *((name, (rate.share, rate.low, rate.high)) for name, rate in rates.items()),
        ("kappa", (measured.kappa, measured.kappa_low, measured.kappa_high)),
        ("informedness", (informed.value, informed.low, informed.high)),
    ]


def _corrections(calibration: Calibration) -> list[tuple[str, tuple[float, float, float]]]:
    found = []
    for each in calibration.corrected:
        name = f"accuracy of {each.candidate}" if each.against is None else "difference"
        found.append((f"{name}, corrected", (each.estimate, each.low, each.high)))
        if each.rogan_gladen is not None:
            found.append((f"{name}, by the judge's rates", each.rogan_gladen))
    return found


def _pair_figures(pairs: Sequence[PairJudged]) -> list[tuple[str, tuple[float, float, float]]]:
    result = rank_pairs(pairs).pairs[0]
    found = [
        ("share of pairs won", result.preference),
        ("flip rate", (result.flips.share, result.flips.low, result.flips.high)),
    ]
    if result.biases is not None and result.biases.right is not None:
        effects = {
            "standing first": result.biases.first,
            "twice the length": result.biases.twice_the_length,
            "right against wrong": result.biases.right,
        }
        found += [(f"odds, {name}", (each.odds, each.low, each.high)) for name, each in effects.items()]
    return found


def _judged_difference(answers: Sequence[JudgedAnswer]) -> float:
    passed = {
        name: np.mean([one.verdict == "correct" for one in answers if one.candidate == name]) for name in (NEW, BASE)
    }
    return float(passed[NEW] - passed[BASE])


def _planted(judge: SimulatedJudge) -> dict[str, float]:
    wrong = {name: 1 - share for name, share in ACCURACY.items()}
    right_share = sum(ACCURACY.values()) / 2
    specificity = judge.specificity - judge.leniency * wrong[NEW] / sum(wrong.values())
    agreement = right_share * judge.sensitivity + (1 - right_share) * specificity
    passed = right_share * judge.sensitivity + (1 - right_share) * (1 - specificity)
    chance = right_share * passed + (1 - right_share) * (1 - passed)
    share, flips = _planted_pairs(judge)
    return {
        "sensitivity": judge.sensitivity,
        "specificity": specificity,
        "agreement": agreement,
        "kappa": (agreement - chance) / (1 - chance),
        "informedness": judge.sensitivity + specificity - 1,
        "difference, corrected": ACCURACY[NEW] - ACCURACY[BASE],
        **{
            f"accuracy of {name}, {how}": share
            for name, share in ACCURACY.items()
            for how in ("corrected", "by the judge's rates")
        },
        "share of pairs won": share,
        "flip rate": flips,
        "odds, standing first": judge.first,
        "odds, twice the length": judge.twice_the_length,
        "odds, right against wrong": judge.right,
    }


def _planted_pairs(judge: SimulatedJudge) -> tuple[float, float]:
    """Expected share of pairs won and expected flips: over both answers' truth, and lengths by Gauss-Hermite points."""
    points, weights = np.polynomial.hermite_e.hermegauss(40)
    ratio, weights = LOG_LENGTH[0] + LOG_LENGTH[1] * points, weights / weights.sum()
    low, high = sorted(ACCURACY.values())
    # With chance 0.25 both answers have the question's luck, and the better candidate is right wherever the other is.
    both = 0.25 * low + 0.75 * low * high
    better = {1.0: ACCURACY[NEW] - both, -1.0: ACCURACY[BASE] - both}
    better[0.0] = 1 - sum(better.values())
    share = flips = 0.0
    for gain, chance in better.items():
        first, second = (_preferred(judge, np.full(ratio.size, gain), ratio, place) for place in (1, -1))
        share += chance * float(weights @ ((first + second) / 2))
        flips += chance * float(weights @ (first * (1 - second) + (1 - first) * second))
    return share, flips


def _recovered(figure: str, planted: float, limits: Sequence[tuple[float, float, float]]) -> Recovered:
    known = [each for each in limits if not isnan(each[1])]
    estimates = [each[0] for each in known]
    if figure.startswith("odds"):
        mean = exp(float(np.mean(np.log(estimates)))) if estimates else float("nan")
    else:
        mean = float(np.mean(estimates)) if estimates else float("nan")
    covered = (
        float(np.mean([low - 1e-12 <= planted <= high + 1e-12 for _, low, high in known])) if known else float("nan")
    )
    return Recovered(figure, planted, mean, covered, len(known))
