"""From runs on disk to one table of scores. Runs that do not belong together are refused here."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from harness.candidates.candidate import Candidate
from harness.comparison.judged import NO_JUDGE, Judged
from harness.comparison.table import Floats, Grouping, Mask, ScoreTable
from harness.errors import InputError, IntegrityError
from harness.runs.store import Run
from harness.suite.item import Item, Split
from harness.suite.leakage import cached_leaks
from harness.suite.novelty import novelty
from harness.suite.suite import Suite
from harness.suite.trained import trained_questions

Manifests = Mapping[str, Sequence[Mapping[str, Any]]]


def read_manifests(runs: Mapping[str, Sequence[Run]]) -> dict[str, list[dict[str, Any]]]:
    """Verified manifests of every candidate's runs, one a sample.

    Raises `IntegrityError` where a run does not match its hashes, or runs were scored with different gold or scorers.
    """
    manifests = {name: [run.verify() for run in samples] for name, samples in runs.items()}
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


def build_table(
    runs: Mapping[str, Sequence[Run]],
    items: Sequence[Item],
    metrics: Sequence[str],
    leaked: Mapping[str, frozenset[str]],
    novelties: Mapping[str, str],
    judged: Judged = NO_JUDGE,
) -> ScoreTable:
    """Scores of every candidate on ``items``, in their order. ``leaked`` holds item ids by candidate."""
    return ScoreTable(
        metrics=tuple(metrics),
        scores={
            name: np.stack([_scores(run, items, metrics, judged) for run in samples], axis=2)
            for name, samples in runs.items()
        },
        intents=Grouping.of([item.intent for item in items]).codes,
        facts=Grouping.of([item.main_fact for item in items]).codes,
        groups={
            "domain": Grouping.of([item.domain for item in items]),
            "language": Grouping.of([item.language for item in items]),
            "register": Grouping.of([item.speech_register for item in items]),
            "novelty": Grouping.of([novelties.get(item.id, "unknown") for item in items]),
        },
        answerable=np.array([item.is_answerable for item in items], dtype=bool),
        clean={name: _clean(items, leaked.get(name, frozenset())) for name in runs},
    )


def _scores(run: Run, items: Sequence[Item], metrics: Sequence[str], judged: Judged) -> Floats:
    """[metrics, rows] of one run; nan where a scorer or the judge did not decide."""
    rows: dict[str, Mapping[str, float | None]] = dict(run.scores())
    for item_id, scores in judged.scores.get(run.key, {}).items():
        rows[item_id] = {**rows.get(item_id, {}), **scores}
    found = np.empty((len(metrics), len(items)))
    try:
        for column, item in enumerate(items):
            row = rows[item.id]
            for index, metric in enumerate(metrics):
                value = row[metric]
                found[index, column] = np.nan if value is None else value
    except KeyError as error:
        raise InputError(
            f"{run.folder / 'scores.jsonl'}: no {error} there; score the run anew: harness runs rescore {run.key[:12]}"
        ) from None
    if np.nanmin(found, initial=0.0) < 0 or np.nanmax(found, initial=0.0) > 1:
        raise IntegrityError(f"{run.folder / 'scores.jsonl'}: a score lies outside 0 to 1; rescore the run")
    return found


def _clean(items: Sequence[Item], leaked: frozenset[str]) -> Mask:
    return np.array([item.id not in leaked for item in items], dtype=bool)


def leaked_items(candidate: Candidate, items: Sequence[Item]) -> frozenset[str] | None:
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
    leaks = cached_leaks(rows, [(item.id, item.problem) for item in items], cache)
    return frozenset(leak.test_id for leak in leaks)


def novelties(suite: Suite, items: Sequence[Item], candidates: Sequence[Candidate]) -> dict[str, str]:
    """How new each item is to the suite's training split and to all that the candidates' manifests say they were taught."""
    trained = suite.items(Split.TRAIN) if suite.has(Split.TRAIN) else []
    taught = [frozenset(facts) for one in candidates for facts in (one.training or {}).get("taught", ())]
    return dict(novelty(items, trained, taught))


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
        if all(_completions(first) == _completions(second) for first, second in pairs):
            raise IntegrityError(f"{candidate.name}: every answer equals {baseline}'s; its adapter was not in effect")


def _completions(run: Run) -> dict[str, str]:
    return {sample.id: sample.completion for sample in run.samples()}
