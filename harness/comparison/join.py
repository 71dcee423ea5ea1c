"""From runs on disk to one table of scores. Runs that do not belong together are refused here."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from harness.candidates.candidate import Candidate
from harness.comparison.judged import NO_JUDGE, Judged
from harness.comparison.table import Floats, Grouping, Mask, ScoreTable
from harness.errors import IntegrityError
from harness.runs.columns import same_answers, score_columns
from harness.runs.store import Run
from harness.suite.columns import ItemColumns
from harness.suite.item import Split
from harness.suite.leakage import cached_leaks
from harness.suite.novelty import set_levels, taught_facts
from harness.suite.suite import Suite
from harness.suite.trained import trained_questions

LEAKAGE_BATCH = 100_000  # items held against a candidate's training rows at once


def read_manifests(runs: Mapping[str, Sequence[Run]]) -> dict[str, list[dict[str, Any]]]:
    """Verified manifests of every candidate's runs, one a sample, without their plans of batches.

    Raises `IntegrityError` where a run does not match its hashes, or runs were scored with different gold or scorers.
    """
    manifests = {name: [_without_plan(run.verify()) for run in samples] for name, samples in runs.items()}
    scored_with = {
        (manifest["scores"]["lock"], tuple(sorted(manifest["scores"]["scorers"].items())))
        for found in manifests.values()
        for manifest in found
    }
    if len(scored_with) > 1:
        raise IntegrityError(
            "the runs were scored with different gold or scorers; score them anew: harness runs rescore"
        )
    return manifests


def _without_plan(manifest: dict[str, Any]) -> dict[str, Any]:
    """A manifest less what grows with the rows."""
    del manifest["plan"]
    return manifest


def build_table(
    runs: Mapping[str, Sequence[Run]],
    items: ItemColumns,
    metrics: Sequence[str],
    leaked: Mapping[str, frozenset[str]],
    novelty: Grouping | None = None,
    judged: Judged = NO_JUDGE,
) -> ScoreTable:
    """Scores of every candidate on ``items``, in their order. ``leaked`` holds item ids by candidate."""
    return ScoreTable(
        metrics=tuple(metrics),
        scores={
            name: np.stack([_scores(run, items, metrics, judged) for run in samples], axis=2)
            for name, samples in runs.items()
        },
        intents=items.intents,
        facts=items.facts,
        groups={
            **{name: Grouping(*found) for name, found in items.groups.items()},
            "novelty": novelty or Grouping(("unknown",), np.zeros(len(items), dtype=np.intp)),
        },
        answerable=items.answerable,
        clean={name: _clean(items, leaked.get(name, frozenset())) for name in runs},
    )


def _scores(run: Run, items: ItemColumns, metrics: Sequence[str], judged: Judged) -> Floats:
    """[metrics, rows] of one run; nan where a scorer or the judge did not decide."""
    by_judge = judged.scores.get(run.key, {})
    asked = [metric for metric in metrics if by_judge and metric in judged.metrics]
    stored = [metric for metric in metrics if metric not in asked]
    found = np.empty((len(metrics), len(items)))
    if stored:
        found[[metrics.index(metric) for metric in stored]] = score_columns(run, items, stored)
    if asked:
        values = np.array([[by_judge[item][metric] for item in items.ids()] for metric in asked], dtype=np.float64)
        found[[metrics.index(metric) for metric in asked]] = values
    return found


def _clean(items: ItemColumns, leaked: frozenset[str]) -> Mask:
    clean = np.ones(len(items), dtype=bool)
    clean[items.rows(sorted(leaked))] = False
    return clean


def leaked_items(candidate: Candidate, items: ItemColumns) -> frozenset[str] | None:
    """Ids of items that repeat a question the candidate was trained on or can be shown as an example.

    ``None`` where that is not known: no training manifest of this suite and no examples, or rows that no longer stand where it
    says.
    """
    shown = [(question, question) for topic in candidate.example_topics for question in topic.questions]
    training = candidate.training
    if training is None and not shown:
        return None
    rows = shown
    if training is not None:
        if training["suite"] != candidate.suite.name:
            return None  # rows of another suite cannot be looked up here
        trained = trained_questions(candidate.suite, training, candidate.config.root)
        if trained is None:
            return None
        rows = trained + shown
    cache = candidate.config.root / candidate.config.store / "cache"
    batches = items.questions(LEAKAGE_BATCH)
    return frozenset(leak.test_id for questions in batches for leak in cached_leaks(rows, questions, cache))


def novelties(suite: Suite, items: ItemColumns, candidates: Sequence[Candidate]) -> Grouping:
    """How new each item is to the suite's training split and to all that the candidates' manifests say they were taught."""
    trained = suite.items(Split.TRAIN) if suite.has(Split.TRAIN) else []
    taught = {frozenset(facts) for one in candidates for facts in (one.training or {}).get("taught", ())}
    levels = Grouping.of(set_levels(items.tested_sets, taught.union(map(taught_facts, trained))))
    return Grouping(levels.labels, levels.codes[items.tested])


def refuse_idle_adapters(
    candidates: Sequence[Candidate], runs: Mapping[str, Sequence[Run]], table: ScoreTable, baseline: str
) -> None:
    """Peers have silently measured the base model: an adapter whose every answer is the base's is an error.

    Equal answers have equal scores, so answers are read only where every score agrees.
    """
    for candidate in candidates:
        if candidate.adapter is None or candidate.name == baseline:
            continue
        own, base = table.scores[candidate.name], table.scores[baseline]
        if own.shape != base.shape or not np.array_equal(own, base, equal_nan=True):
            continue
        pairs = zip(runs[candidate.name], runs[baseline], strict=True)
        if all(same_answers(first, second) for first, second in pairs):
            raise IntegrityError(f"{candidate.name}: every answer equals {baseline}'s; its adapter was not in effect")
