"""The policy's own error rates: the shipped evaluation, on scores drawn with a known truth.

Rows keep the real structure (which intents, facts, domains). A row's difference is drawn as -1, 0 or 1; with chance
``icc_fact`` ** 0.5 it is its fact's common draw, with a further chance its intent's, else its own, so that rows of one fact
correlate by ``icc_fact`` and rows of one intent by ``icc_intent``. Metrics with floors and ceilings are the real candidate's,
resampled by intent.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import sqrt

import numpy as np

from harness.comparison.table import Codes, Floats, ScoreTable
from harness.gate.decide import Decision, decision
from harness.gate.evaluate import Condition, evaluate
from harness.gate.policy import Policy
from harness.stats import intraclass_correlation


@dataclass(frozen=True)
class Truth:
    """What the drawn candidates are: the true difference, how often verdicts differ, and how rows correlate."""

    difference: float
    discordance: float
    icc_intent: float
    icc_fact: float


@dataclass(frozen=True)
class Rates:
    """Shares of replicates by decision, and of each condition's passes."""

    replicates: int
    release: float
    block: float
    inconclusive: float
    passed: dict[str, float]


def measured(table: ScoreTable, candidate: str, baseline: str, primary: str) -> Truth:
    """Difference, discordance and intraclass correlations of two stored candidates; negative correlations count as 0."""
    delta = table.values(candidate, primary) - table.values(baseline, primary)
    by_intent, by_fact = (
        max(0.0, float(np.nan_to_num(intraclass_correlation(delta, codes)))) for codes in (table.intents, table.facts)
    )
    return Truth(float(delta.mean()), float((delta != 0).mean()), max(by_intent, by_fact), by_fact)


def draw(table: ScoreTable, truth: Truth, rng: np.random.Generator) -> Floats:
    """Differences [rows] of -1, 0, 1 with the given truth."""
    up, down = (truth.discordance + truth.difference) / 2, (truth.discordance - truth.difference) / 2
    if not 0 <= down <= 1 or not 0 <= up <= 1:
        raise ValueError(f"a difference of {truth.difference} needs a discordance of at least that size")
    by_fact, by_intent = sqrt(truth.icc_fact), sqrt(max(truth.icc_intent - truth.icc_fact, 0.0))
    if by_fact + by_intent > 1:  # the mixture cannot reach so high a correlation: keep the facts' share
        by_intent = 1 - by_fact

    def sample(codes: Codes) -> Floats:
        drawn = rng.random(int(codes.max()) + 1)
        return np.asarray(np.where(drawn < up, 1.0, np.where(drawn < up + down, -1.0, 0.0))[codes])

    chosen = rng.random(table.n)
    own = sample(np.arange(table.n))
    return np.where(
        chosen < by_fact, sample(table.facts), np.where(chosen < by_fact + by_intent, sample(table.intents), own)
    )


def replicates(
    table: ScoreTable, candidate: str, primary: str, policy: Policy, truth: Truth, count: int, seed: int = 0
) -> Iterator[list[Condition]]:
    """Conditions of ``count`` drawn candidates against a drawn baseline; limits see ``candidate``'s own metrics, resampled."""
    rng = np.random.default_rng(seed)
    column = table.metrics.index(primary)
    clean = np.ones(table.n, dtype=bool)
    order = np.argsort(table.intents, kind="stable")
    starts = np.searchsorted(table.intents[order], np.arange(int(table.intents.max()) + 2))
    rows_of = [order[starts[code] : starts[code + 1]] for code in range(starts.size - 1)]
    for _ in range(count):
        delta = draw(table, truth, rng)
        # Whole intents, until all rows are filled: a metric's correlation within an intent is kept.
        chosen = np.concatenate([rows_of[code] for code in rng.integers(0, len(rows_of), 2 * len(rows_of))])
        resampled = np.resize(chosen, table.n)
        placed = np.empty(table.n, dtype=np.intp)
        placed[order] = resampled
        own = table.scores[candidate][:, placed, :1].copy()
        both = rng.random(table.n) < 0.5
        own[column, :, 0] = np.where(delta == 0, both, delta > 0)
        base = own.copy()
        base[column, :, 0] = np.where(delta == 0, both, delta < 0)
        drawn = replace(
            table, scores={"candidate": own, "baseline": base}, clean={"candidate": clean, "baseline": clean}
        )
        yield evaluate(drawn, "candidate", "baseline", primary, policy)


def simulate(
    table: ScoreTable, candidate: str, primary: str, policy: Policy, truth: Truth, count: int, seed: int = 0
) -> Rates:
    """How often the policy releases, blocks and leaves open a candidate of the given truth."""
    decisions: Counter[Decision] = Counter()
    passed: Counter[str] = Counter()
    for conditions in replicates(table, candidate, primary, policy, truth, count, seed):
        decisions[decision(conditions)] += 1
        passed.update(condition.name for condition in conditions if condition.result == "pass")
    return Rates(
        count,
        decisions["RELEASE"] / count,
        decisions["BLOCK"] / count,
        decisions["INCONCLUSIVE"] / count,
        {name: times / count for name, times in passed.items()},
    )
