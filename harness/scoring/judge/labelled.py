"""Judged answers joined to their labels, from the stores of a project."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isnan, prod
from pathlib import Path
from typing import Any

from harness.candidates.candidate import Candidate
from harness.comparison.result import BINARY
from harness.config import Config
from harness.errors import InputError
from harness.labels.people import SettledLabel, settle
from harness.labels.records import Label
from harness.labels.store import LabelStore
from harness.review.server import labels_path
from harness.runs.answering import refuse_other_scorers, request, run_folders
from harness.runs.store import Run, find_run
from harness.scoring.completion import parse
from harness.scoring.judge.again import second_verdicts
from harness.scoring.judge.corrected import JudgedAnswer
from harness.scoring.judge.record import judgement_file, read_judgements
from harness.scoring.judge.reply import Decided
from harness.scoring.judge.session import store_path
from harness.scoring.judge.settings import JudgeSettings
from harness.suite.item import AuthorKind, Item, Split


@dataclass(frozen=True)
class Labelled:
    """Judged answers with labels of one kind, what the judge is called, and what a reader should know."""

    answers: list[JudgedAnswer]
    author_kind: AuthorKind
    judge: str
    teachers: Mapping[str, Sequence[str]]
    notes: list[str]


@dataclass(frozen=True, slots=True)
class _Said:
    verdict: Decided
    reason: str
    delivered: bool
    again: Decided | None = None


def labelled_answers(
    candidates: Sequence[Candidate], split: Split, config: Config, metric: str | None, author_kind: AuthorKind | None
) -> Labelled:
    """All judged answers of ``candidates`` on ``split``, with the labels there are.

    ``metric`` names a stored 0/1 metric as the instrument instead of the judge of ``harness.toml``. Without ``author_kind``
    people's labels are used, or model-made ones where there are no people's. Raises `InputError` where nothing is judged.
    """
    if metric is not None and metric not in BINARY:
        raise InputError(f"--scorer {metric}: a metric of 0 and 1 is wanted, such as correct")
    runs = {candidate.name: _run(candidate, split, config) for candidate in candidates}
    path = labels_path(config)
    labels = LabelStore(path).labels() if path.is_file() else []
    keys = {run.key for run in runs.values()}
    labels = [label for label in labels if label.run in keys and label.other_sha256 is None]
    kind = author_kind or ("person" if any(label.author_kind == "person" for label in labels) else "model")
    chosen, comments, notes = _chosen([label for label in labels if label.author_kind == kind])
    answers: list[JudgedAnswer] = []
    items = candidates[0].suite.items(split)
    judge = next(
        (one for one in config.judge.variants() if all(_file(run, one).is_file() for run in runs.values())),
        config.judge,
    )
    for candidate in candidates:
        run = runs[candidate.name]
        said = _judged(run, judge, config) if metric is None else _scored(run, metric)
        if not said:
            raise InputError(
                f"no answer of {candidate.name} is judged by {judge.name}: "
                f"harness judge run {candidate.name} --split {split}"
            )
        if len(said) < len(items):
            notes.append(f"{candidate.name}: {len(said)} of {len(items)} answers are judged; its figures are of those")
        answers += [
            _answer(
                item,
                candidate.name,
                said[item.id],
                chosen.get((run.key, item.id)),
                comments.get((run.key, item.id), ""),
            )
            for item in items
            if item.id in said
        ]
    teachers = {} if metric else {candidate.name: _teachers(candidate.training or {}) for candidate in candidates}
    return Labelled(answers, kind, f"scorer {metric}" if metric else judge.name, teachers, notes)


def _run(candidate: Candidate, split: Split, config: Config) -> Run:
    run = find_run(request(candidate, split).key, run_folders(config))
    if run is None:
        raise InputError(
            f"no complete run of {candidate.name} on {split}; make it first: harness run {candidate.name} --split {split}"
        )
    return run


def _chosen(
    labels: Sequence[Label],
) -> tuple[dict[tuple[str, str], SettledLabel], dict[tuple[str, str], str], list[str]]:
    """One settled label an answer and its readers' comments. Labels outside a random sample leave where there is a sample."""
    settled = settle(labels)
    sampled = [label for label in settled if label.probability is not None]
    notes = []
    if sampled and len(sampled) < len(settled):
        notes.append(f"{len(settled) - len(sampled)} labels outside the random sample are left out")
    found: dict[tuple[str, str], SettledLabel] = {}
    chances = _chances(sampled)
    for label in sampled or settled:
        found[label.run, label.item] = replace(
            label, probability=chances.get((label.run, label.review), label.probability)
        )
    comments: dict[tuple[str, str], list[str]] = defaultdict(list)
    for each in labels:
        if each.comment:
            comments[each.run, each.item].append(each.comment)
    return found, {key: "; ".join(dict.fromkeys(texts)) for key, texts in comments.items()}, notes


def _chances(sampled: Sequence[SettledLabel]) -> dict[tuple[str, str], float]:
    """Where several samples were drawn of a run, the chance by run and review of being in any: each draws all items alike."""
    of_run: dict[str, dict[str, float]] = defaultdict(dict)
    for label in sampled:
        of_run[label.run][label.review] = label.probability or 0.0
    return {
        (run, review): 1 - prod(1 - chance for chance in reviews.values())
        for run, reviews in of_run.items()
        if len(reviews) > 1
        for review in reviews
    }


def _file(run: Run, judge: JudgeSettings) -> Path:
    return judgement_file(run.folder, judge.digest)


def _judged(run: Run, judge: JudgeSettings, config: Config) -> dict[str, _Said]:
    found = read_judgements(_file(run, judge))
    again = second_verdicts(found.values(), judge, store_path(config))
    return {
        item: _Said(
            each.verdict, each.reasons.get("verdict") or each.why_undecided or "", each.delivered, again.get(item)
        )
        for item, each in found.items()
    }


def _scored(run: Run, metric: str) -> dict[str, _Said]:
    refuse_other_scorers(run)
    delivered = {sample.id: bool(parse(sample.completion).answer) for sample in run.samples()}
    said = {}
    for item, scores in run.scores().items():
        value = scores.get(metric)
        verdict: Decided = "undecided" if value is None or isnan(value) else "correct" if value == 1 else "incorrect"
        said[item] = _Said(
            verdict, f"{metric} is {'not decided' if value is None else format(value, 'g')}", delivered[item]
        )
    return said


def _answer(item: Item, candidate: str, said: _Said, label: SettledLabel | None, comment: str) -> JudgedAnswer:
    return JudgedAnswer(
        item=item.id,
        intent=item.intent,
        domain=item.domain,
        language=item.language,
        answerable=item.answerable,
        candidate=candidate,
        verdict=said.verdict,
        reason=said.reason,
        delivered=said.delivered,
        label=label.verdict if label else None,
        comment=comment,
        probability=label.probability if label else None,
        again=said.again,
    )


def _teachers(training: Mapping[str, Any]) -> list[str]:
    """Models that wrote, filtered or rewarded the training data, by the training manifest."""
    named = [training.get("teacher"), *(training.get("teachers") or ()), *(training.get("instruments") or ())]
    return [str(name) for name in named if name]
