"""Two candidates' answers held against each other by a judge, in both orders: what counts as a win, and how biased it is. Pure.

A judge often prefers what stands first, and what is longer. A win counts only where both orders name the same answer; else the
pair is a tie. Source: Zheng et al. (2023), Judging LLM-as-a-Judge, arXiv:2306.05685; length: Dubois et al. (2024), Length-
Controlled AlpacaEval, arXiv:2404.04475.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log2
from typing import Literal

import numpy as np

from harness.stats import (
    Logit,
    Rate,
    clustered_bradley_terry,
    clustered_logit,
    clustered_mean,
    measure_instrument,
)

Choice = Literal["first", "second", "equal", "undecided"]
Winner = Literal["one", "other", "tie"]


@dataclass(frozen=True, slots=True)
class PairJudged:
    """One item's pair: what the judge preferred with ``one`` shown first (``forward``), and shown second (``backward``).

    Lengths are characters of the answers; ``right`` and ``other_right`` say whether each is right, where that is known.
    """

    item: str
    intent: str
    one: str
    other: str
    forward: Choice
    backward: Choice
    length: int
    other_length: int
    right: float | None = None
    other_right: float | None = None

    @property
    def winner(self) -> Winner:
        """The candidate both orders prefer, else a tie; what is undecided in an order is a tie."""
        if (self.forward, self.backward) == ("first", "second"):
            return "one"
        return "other" if (self.forward, self.backward) == ("second", "first") else "tie"

    @property
    def flipped(self) -> bool:
        """Whether the preferred answer hangs on the order: both orders prefer the same place."""
        return self.forward == self.backward and self.forward in ("first", "second")


@dataclass(frozen=True, slots=True)
class Effect:
    """An effect on the odds of being preferred (1: none) with its 95% interval."""

    odds: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Biases:
    """What moves the judge: the odds for standing first, for twice the length, and for a right answer against a wrong one.

    From one logistic regression of single preferences, clustered by intent. ``right`` is ``None`` where it is not known which
    answers are right; then a longer answer may be preferred because it is better.
    """

    first: Effect
    twice_the_length: Effect
    right: Effect | None


@dataclass(frozen=True, slots=True)
class PairResult:
    """One pair of candidates. ``preference`` is the share of items won by ``one``, a tie one half, mean over intents."""

    one: str
    other: str
    items: int
    intents: int
    won: int
    lost: int
    tied: int
    undecided: int
    preference: tuple[float, float, float]
    flips: Rate
    biases: Biases | None


@dataclass(frozen=True, slots=True)
class Strength:
    """A candidate's Bradley-Terry strength in log odds against the average candidate, 95% interval clustered by intent."""

    candidate: str
    strength: float
    low: float
    high: float


@dataclass(frozen=True)
class PairwiseRanking:
    """Strengths, strongest first, and the pairs behind them. No strengths where some would be infinite; ``why`` says so."""

    strengths: Sequence[Strength]
    pairs: Sequence[PairResult]
    why: str | None = None


def rank_pairs(judged: Sequence[PairJudged]) -> PairwiseRanking:
    """Strengths and biases from judged pairs. Every intent counts once a pair of candidates."""
    pairs: dict[tuple[str, str], list[PairJudged]] = {}
    for each in judged:
        pairs.setdefault((each.one, each.other), []).append(each)
    results = [_result(found) for found in pairs.values()]
    names = sorted({name for pair in pairs for name in pair})
    try:
        fitted = clustered_bradley_terry(_wins(pairs, names))
    except ValueError as error:
        return PairwiseRanking([], results, str(error))
    strengths = [
        Strength(name, float(fitted.strengths[index]), float(fitted.low[index]), float(fitted.high[index]))
        for index, name in enumerate(names)
    ]
    return PairwiseRanking(sorted(strengths, key=lambda each: -each.strength), results)


def _wins(
    pairs: Mapping[tuple[str, str], Sequence[PairJudged]], names: Sequence[str]
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    intents = {
        intent: index
        for index, intent in enumerate(sorted({each.intent for found in pairs.values() for each in found}))
    }
    wins = np.zeros((len(intents), len(names), len(names)))
    for (one, other), found in pairs.items():
        first, second = names.index(one), names.index(other)
        sizes: dict[str, int] = {}
        for each in found:
            sizes[each.intent] = sizes.get(each.intent, 0) + 1
        for each in found:
            share = _share(each)
            wins[intents[each.intent], first, second] += share / sizes[each.intent]
            wins[intents[each.intent], second, first] += (1 - share) / sizes[each.intent]
    return wins


def _share(each: PairJudged) -> float:
    return {"one": 1.0, "other": 0.0, "tie": 0.5}[each.winner]


def _result(found: Sequence[PairJudged]) -> PairResult:
    winners = [each.winner for each in found]
    intents = [each.intent for each in found]
    mean = clustered_mean([_share(each) for each in found], intents)
    ordered = [each for each in found if {each.forward, each.backward} <= {"first", "second"}]
    flips = Rate(float("nan"), float("nan"), float("nan"), 0, 0.0)
    if ordered:
        flips = measure_instrument(
            np.ones(len(ordered)), [float(each.flipped) for each in ordered], [each.intent for each in ordered]
        ).agreement
    return PairResult(
        found[0].one, found[0].other, len(found), len(set(intents)), winners.count("one"), winners.count("other"),
        winners.count("tie"), sum("undecided" in (each.forward, each.backward) for each in found),
        (mean.mean, max(mean.low, 0.0), min(mean.high, 1.0)), flips, measure_biases(found),
    )  # fmt: skip


def measure_biases(found: Sequence[PairJudged]) -> Biases | None:
    """Biases of one pair of candidates; ``None`` where they cannot be told apart or from nothing."""
    known = all(each.right is not None and each.other_right is not None for each in found)
    known = known and len({float(each.right or 0) - float(each.other_right or 0) for each in found}) > 1
    outcomes, rows, intents = [], [], []
    for each in found:
        longer = log2(max(each.length, 1) / max(each.other_length, 1))
        better = [float(each.right or 0) - float(each.other_right or 0)] if known else []
        for choice, place in ((each.forward, 1.0), (each.backward, -1.0)):
            if choice in ("first", "second"):
                outcomes.append(float((choice == "first") == (place > 0)))
                rows.append([1.0, place, longer, *better])
                intents.append(each.intent)
    if len(rows) < 10:
        return None
    try:
        fitted = clustered_logit(outcomes, rows, intents)
    except ValueError:
        return None
    return Biases(_effect(fitted, 1), _effect(fitted, 2), _effect(fitted, 3) if known else None)


def _effect(fitted: Logit, column: int) -> Effect:
    values = (fitted.coefficients, fitted.low, fitted.high)
    odds, low, high = (float(np.exp(np.clip(each[column], -30, 30))) for each in values)
    return Effect(odds, low, high)
