"""Join runs of several candidates into one comparison against a baseline, or of all pairs."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any, Literal

import numpy as np

from harness.candidates.candidate import Candidate
from harness.comparison.analysis import (
    delta,
    estimate,
    forest,
    group_means,
    metric_estimate,
    of_customers,
    shared_rows,
    variance,
    verdicts,
)
from harness.comparison.join import (
    build_table,
    leaked_items,
    novelties,
    read_manifests,
    refuse_idle_adapters,
)
from harness.comparison.judged import judged_runs
from harness.comparison.result import CandidateResult, Comparison, Flip, Leakage
from harness.comparison.sentences import notes, sentences
from harness.comparison.table import Codes, ScoreTable
from harness.errors import InputError
from harness.runs.columns import completions
from harness.runs.store import Run
from harness.scoring.completion import parse
from harness.suite.columns import ItemColumns
from harness.suite.item import Split

FLIPS_SHOWN = 2_000
"""Items a candidate shown one by one where they differ from the baseline's; of more, as many spread evenly over the suite."""

Correction = Literal["holm", "max-t"]


def compare(
    candidates: Sequence[Candidate],
    runs: Mapping[str, Sequence[Run]],
    items: ItemColumns,
    split: Split,
    primary: str,
    metrics: Sequence[str],
    baseline: str,
    *,
    all_pairs: bool = False,
    correction: Correction = "holm",
    traffic: Mapping[str, float] | None = None,
    show_items: bool = False,
    spot_checks: Mapping[str, Mapping[str, Any]] | None = None,
) -> Comparison:
    """Compare each candidate with ``baseline`` on ``items``; ``runs`` holds one run a sample for every candidate.

    Rows that leaked into a candidate's training leave its figures and its pairs. ``traffic`` weights domains (default: by
    the suite). Raises `IntegrityError` where a run does not match its hashes, runs were scored with different gold or
    scorers, or an adapted candidate gave the baseline's answers word for word; `InputError` where nothing can be compared.
    """
    names = [candidate.name for candidate in candidates]
    if baseline not in names:
        raise InputError(f"the baseline {baseline} is not among the candidates compared")
    if all_pairs and correction == "max-t":
        raise InputError("max-T needs one baseline; leave out --all-pairs or --max-t")
    manifests = read_manifests(runs)
    judged = judged_runs(candidates, runs, items, (primary, *metrics))
    metrics = list(dict.fromkeys((*metrics, *judged.metrics)))
    order = list(dict.fromkeys((primary, *metrics, "answered")))
    leaked = {candidate.name: leaked_items(candidate, items) for candidate in candidates}
    suite = candidates[0].suite
    table = build_table(
        runs,
        items,
        order,
        {name: found for name, found in leaked.items() if found},
        novelties(suite, items, candidates),
        judged,
    )
    refuse_idle_adapters(candidates, runs, table, baseline)
    others = [name for name in names if name != baseline]
    pairs = [(name, baseline) for name in others]
    if all_pairs:
        pairs += [(second, first) for first, second in combinations(others, 2)]
    empty = next((pair for pair in pairs if not shared_rows(table, pair).any()), None)
    if empty:
        raise InputError(f"every item compared leaked into the training of {empty[0]} or {empty[1]}; nothing is left")
    weights = suite.traffic(traffic)

    results = tuple(
        _candidate_result(candidate, manifests[candidate.name], runs[candidate.name], table, primary, metrics, weights,
                          leaked[candidate.name], (spot_checks or {}).get(candidate.name))
        for candidate in candidates
    )  # fmt: skip
    decided = verdicts(table, pairs, primary, correction == "max-t") if pairs else []
    differing = {name: _differing(name, table, primary, baseline) for name in (others if show_items else ())}
    flips = [
        flip for name, rows in differing.items() for flip in _flips(name, rows, table, runs, items, primary, baseline)
    ]
    first = manifests[baseline][0]
    draft = Comparison(
        suite=first["suite"]["name"],
        split=split.value,
        lock=first["scores"]["lock"],
        items=table.n,
        intents=int(np.unique(table.intents).size),
        facts=int(np.unique(table.facts).size),
        samples=max(table.samples(name) for name in names),
        baseline=baseline,
        primary=primary,
        correction=correction,
        judge=judged.judge,
        candidates=results,
        deltas=[delta(table, pair, metric) for pair in pairs for metric in order if metric != "answered"],
        verdicts=decided,
        groups=group_means(table, names, primary),
        forest=forest(table, [pair for pair in pairs if pair[1] == baseline], primary),
        sentences=(),
        flips=flips,
        flips_left_out=sum(rows.size for rows in differing.values()) - len(flips),
    )
    return Comparison(**{**vars(draft), "sentences": sentences(draft), "notes": notes(draft)})


def _candidate_result(
    candidate: Candidate,
    manifests: Sequence[Mapping[str, Any]],
    runs: Sequence[Run],
    table: ScoreTable,
    primary: str,
    metrics: Sequence[str],
    traffic: dict[str, float],
    leaked: frozenset[str] | None,
    spot_check: Mapping[str, Any] | None,
) -> CandidateResult:
    name, manifest = candidate.name, manifests[0]
    every, clean = np.ones(table.n, dtype=bool), table.clean[name]
    if not clean.any():
        raise InputError(f"every item compared leaked into the training of {name}; nothing is left to compare")
    found = {metric: metric_estimate(table, name, metric, clean) for metric in dict.fromkeys((primary, *metrics))}
    full = metric_estimate(table, name, primary, every)
    assert full is not None
    best = estimate(table.values(name, primary, undecided=1.0)[clean], table.intents[clean], binary=False)
    return CandidateResult(
        name=name,
        label=display_label(name, manifest["engine"]),
        fingerprint=manifest["candidate"]["fingerprint"],
        run=runs[0].key,
        engine=manifest["engine"],
        timing=manifest["timing"],
        empty=int((1 - table.values(name, "answered")).sum()),
        undecided=table.undecided(name, primary),
        metrics={metric: value for metric, value in found.items() if value is not None},
        full=full,
        highest=best.mean,
        of_customers=of_customers(table, name, primary, clean, traffic),
        answerable=metric_estimate(table, name, primary, clean & table.answerable),
        unanswerable=metric_estimate(table, name, primary, clean & ~table.answerable),
        leakage=None if leaked is None or candidate.training is None else Leakage(candidate.training["rows"], len(leaked)),
        adapter_proof=manifest.get("adapter_proof"),
        variance=variance(table, name, primary),
        spot_check=spot_check,
    )  # fmt: skip


def display_label(name: str, engine: Mapping[str, Any]) -> str:
    """A candidate's name, with who wrote it where answers were recorded: a model's text is never shown as a person's."""
    if engine.get("engine") != "recorded":
        return name
    kinds = engine.get("author_kinds", [])
    return f"{name} (written by people)" if kinds == ["person"] else f"{name} (written by a model)"


def _differing(name: str, table: ScoreTable, metric: str, baseline: str) -> Codes:
    """Rows whose first answers differ in the metric."""
    new, old = (table.scores[one][table.metrics.index(metric), :, 0] for one in (name, baseline))
    return np.flatnonzero((new != old) & ~np.isnan(new) & ~np.isnan(old))


def _flips(
    name: str,
    differing: Codes,
    table: ScoreTable,
    runs: Mapping[str, Sequence[Run]],
    items: ItemColumns,
    metric: str,
    baseline: str,
) -> list[Flip]:
    """The differing items with both first answers, at most `FLIPS_SHOWN`."""
    rows = differing
    if rows.size > FLIPS_SHOWN:
        rows = rows[np.linspace(0, rows.size - 1, FLIPS_SHOWN).astype(np.intp)]
    new, old = (table.scores[one][table.metrics.index(metric), :, 0] for one in (name, baseline))
    shown = items.texts(rows)
    ids = [item.id for item in shown]
    before, after = (completions(runs[one][0], ids) for one in (baseline, name))
    return [
        Flip(
            name, "gained" if new[row] > old[row] else "lost", item.id, item.domain, item.language, item.problem,
            item.expected_answer, parse(before[item.id]).whole, parse(after[item.id]).whole,
        )
        for row, item in zip(rows, shown, strict=True)
    ]  # fmt: skip
