"""From a table of scores to estimates, differences, verdicts and groups. Pure: no files, no models.

The unit of analysis is the intent: both languages and all paraphrases of one question count once. The verdict is made again
with facts as clusters, because several intents may rest on one fact; where the two disagree it is inconclusive.
"""

from collections.abc import Sequence
from math import isnan

import numpy as np

from harness.comparison.pairs import paired
from harness.comparison.result import ALPHA, BINARY, Delta, Estimate, ForestRow, GroupMeans, Outcome, Variance, Verdict
from harness.comparison.table import DIMENSIONS, Codes, Floats, Mask, ScoreTable
from harness.stats import (
    Pairs,
    clustered_mean,
    clustered_proportion,
    holm,
    max_t,
    mcnemar,
    minimum_detectable,
    shrink,
    standard_error,
    tango,
    variance_components,
    weighted_proportion,
)

Pair = tuple[str, str]


def estimate(values: Floats, intents: Codes, binary: bool, alpha: float = ALPHA) -> Estimate:
    """Mean over intents: Korn and Graubard's interval for 0/1 values, t on intent means otherwise."""
    if binary and bool(np.isin(values, (0, 1)).all()):
        proportion = clustered_proportion(values, intents, alpha)
        return Estimate(proportion.mean, proportion.low, proportion.high, values.size)
    mean = clustered_mean(values, intents, alpha)
    return Estimate(mean.mean, max(mean.low, 0.0), min(mean.high, 1.0), values.size)


def metric_estimate(table: ScoreTable, name: str, metric: str, rows: Mask, alpha: float = ALPHA) -> Estimate | None:
    """A candidate's metric over ``rows``; ``None`` where there are none."""
    if not rows.any():
        return None
    return estimate(table.values(name, metric)[rows], table.intents[rows], metric in BINARY, alpha)


def of_customers(table: ScoreTable, name: str, metric: str, rows: Mask, traffic: dict[str, float]) -> Estimate:
    """A candidate's metric with each domain weighted by its share of customers; domains without rows are left out."""
    domains = table.groups["domain"]
    present = [code for code in range(len(domains.labels)) if (domains.codes[rows] == code).any()]
    strata = np.searchsorted(present, domains.codes[rows])
    weights = [traffic[domains.labels[code]] for code in present]
    found = weighted_proportion(table.values(name, metric)[rows], table.intents[rows], strata, weights, ALPHA)
    return Estimate(found.mean, found.low, found.high, int(rows.sum()))


def variance(table: ScoreTable, name: str, metric: str) -> Variance | None:
    """How the metric varies between items and between answers to one item; ``None`` with one answer an item."""
    if table.samples(name) < 2 or table.n < 2:
        return None
    found = variance_components(np.nan_to_num(table.scores[name][table.metrics.index(metric)]))
    return Variance(table.samples(name), found.between, found.within)


def shared_rows(table: ScoreTable, pair: Pair) -> Mask:
    """Rows that leaked to neither of a pair."""
    return np.asarray(table.clean[pair[0]] & table.clean[pair[1]])


def delta(table: ScoreTable, pair: Pair, metric: str) -> Delta:
    """One metric's difference, described with an interval, not tested for a verdict."""
    rows = shared_rows(table, pair)
    found = paired(table, *pair, metric, rows)
    change = (table.values(pair[0], metric) - table.values(pair[1], metric))[rows]
    counted = metric in BINARY
    gained, lost = (int((change > 0).sum()), int((change < 0).sum())) if counted else (None, None)
    return Delta(*pair, metric, found.diff, found.low, found.high, found.p, gained, lost)


def verdicts(table: ScoreTable, pairs: Sequence[Pair], primary: str, step_down: bool = False) -> list[Verdict]:
    """The primary metric of every pair, p values adjusted over the pairs by Holm, or by max-T where ``step_down``.

    max-T needs one baseline and the same rows for all pairs. Undecided answers count as wrong on both sides.
    """
    rows = {pair: shared_rows(table, pair) for pair in pairs}
    by_intent = [paired(table, *pair, primary, rows[pair]) for pair in pairs]
    by_fact = [paired(table, *pair, primary, rows[pair], "fact") for pair in pairs]
    if step_down:
        common = np.logical_and.reduce([rows[pair] for pair in pairs])
        changes = np.stack([table.values(a, primary) - table.values(b, primary) for a, b in pairs], axis=1)[common]
        adjusted = max_t(changes, table.intents[common])
        adjusted_fact = max_t(changes, table.facts[common])
    else:
        adjusted, adjusted_fact = holm([found.p for found in by_intent]), holm([found.p for found in by_fact])
    found = []
    for index, pair in enumerate(pairs):
        intent, fact = by_intent[index], by_fact[index]
        p, p_fact = float(adjusted[index]), float(adjusted_fact[index])
        detectable = (
            minimum_detectable(intent.effective_n, intent.discordance, alpha=ALPHA)
            if intent.discordance
            else float("nan")
        )
        midp, low, high = _row_level(table, pair, primary, rows[pair])
        found.append(
            Verdict(
                *pair, _outcome(intent.diff, p, p_fact), intent.diff, intent.low, intent.high, fact.low, fact.high,
                p, p_fact, intent.discordance, intent.effective_n, fact.effective_n,
                None if isnan(detectable) else detectable,
                paired(table, *pair, primary, rows[pair], undecided=(0.0, 1.0)).diff,
                paired(table, *pair, primary, rows[pair], undecided=(1.0, 0.0)).diff,
                int((~rows[pair]).sum()), midp, low, high,
            )
        )  # fmt: skip
    return found


def _outcome(diff: float, p: float, p_fact: float) -> Outcome:
    by_intent, by_fact = p < ALPHA, p_fact < ALPHA
    if by_intent != by_fact:
        return "inconclusive"
    if not by_intent:
        return "no difference established"
    return "better" if diff > 0 else "worse"


def _row_level(
    table: ScoreTable, pair: Pair, metric: str, rows: Mask
) -> tuple[float, float, float] | tuple[None, None, None]:
    first, second = (table.values(name, metric)[rows] for name in pair)
    if not bool(np.isin(np.concatenate([first, second]), (0, 1)).all()):
        return None, None, None
    both, one, two = int((first * second).sum()), int((first > second).sum()), int((first < second).sum())
    counts = Pairs(both, one, two, first.size - both - one - two)
    interval = tango(counts, ALPHA)
    return mcnemar(counts).midp, interval.low, interval.high


def group_means(table: ScoreTable, names: Sequence[str], metric: str) -> list[GroupMeans]:
    """The metric of every candidate, plain mean over rows, in every group."""
    values = {name: table.values(name, metric) for name in names}
    return [
        GroupMeans(
            dimension, label, int(rows.sum()), {name: float(values[name][rows].mean()) for name in names}
        )
        for dimension in DIMENSIONS
        for label in table.groups[dimension].labels
        if (rows := table.groups[dimension].rows(label)).any()
    ]  # fmt: skip


def forest(table: ScoreTable, pairs: Sequence[Pair], metric: str) -> list[ForestRow]:
    """Every pair's difference in every group, each also drawn towards what the groups of its dimension share."""
    found: list[ForestRow] = []
    for pair in pairs:
        shared = shared_rows(table, pair)
        first, second = (table.values(name, metric) for name in pair)
        for dimension in DIMENSIONS:
            labels, results = [], []
            for label in table.groups[dimension].labels:
                rows = table.groups[dimension].rows(label) & shared
                result = paired(table, *pair, metric, rows) if rows.any() else None
                if result and not isnan(result.low):
                    labels.append((label, rows))
                    results.append(result)
            if len(results) < 2:
                continue
            drawn = shrink([r.diff for r in results], [standard_error(r.low, r.high) for r in results])
            found += [
                ForestRow(
                    dimension, label, *pair, int(rows.sum()), float(first[rows].mean()), float(second[rows].mean()),
                    r.diff, r.low, r.high, float(drawn.means[i]), float(drawn.low[i]), float(drawn.high[i]),
                )
                for i, ((label, rows), r) in enumerate(zip(labels, results, strict=True))
            ]  # fmt: skip
    return found
