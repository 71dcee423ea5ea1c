"""Which answers of a run are wrong, by a scorer, by the judge's stored verdicts, or by people's labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.config import Config
from harness.errors import InputError
from harness.labels.people import person_labels
from harness.labels.store import LabelStore, answer_digest
from harness.runs.store import Run
from harness.scoring import METRICS, SCORERS, score
from harness.scoring.judge.record import judgement_file, read_judgements
from harness.suggest import nearest
from harness.suite.item import Item
from harness.suite.knowledge import KnowledgeBase

YES_OR_NO = ("correct", "correct_lenient", "unsupported", "invented_price", "format", "language")
"""Metrics that are 0 or 1, so that an answer is right or wrong by them."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """Wrong items in the suite's order. ``by`` says what called them so; ``instruments`` as training manifests name it."""

    items: Sequence[Item]
    by: str
    instruments: tuple[str, ...]


def wrong_by_scorer(
    metric: str, items: Sequence[Item], completions: Mapping[str, str], knowledge: KnowledgeBase
) -> Wrong:
    """Items whose answer fails a deterministic metric, scored anew. Raises `InputError` for one that is no yes or no."""
    if metric not in YES_OR_NO:
        raise InputError(
            f"--by {metric}: {', '.join(YES_OR_NO)}, judge or labels{nearest(metric, (*YES_OR_NO, 'judge', 'labels'))}"
        )
    right = float(METRICS[metric].better == "higher")
    found = [item for item in items if score(completions[item.id], item, knowledge)[metric] != right]
    owner = next(each for each in SCORERS if METRICS[metric] in each.metrics)
    return Wrong(found, f"{metric} ({owner.name} {owner.version})", (metric,))


def wrong_by_judge(run: Run, items: Sequence[Item], config: Config, lock: str) -> Wrong:
    """Items that the configured judge called incorrect; what it left undecided is not among them.

    Raises `InputError` where it has judged none of them under this lock.
    """
    for settings in config.judge.variants():
        judged = read_judgements(judgement_file(run.folder, settings.digest))
        current = {name: each for name, each in judged.items() if each.lock == lock}
        if current:
            found = [item for item in items if item.id in current and current[item.id].verdict == "incorrect"]
            return Wrong(found, f"judge {settings.name}", ("judge_correct", settings.asked))
    raise InputError(
        f"{config.judge.name} has judged nothing of run {run.key[:12]}; "
        f"do it first: harness judge run {run.manifest()['candidate']['name']} --split feedback"
    )


def wrong_by_labels(
    run: Run, items: Sequence[Item], completions: Mapping[str, str], store: LabelStore, lock: str
) -> Wrong:
    """Items whose answer people labelled incorrect. Raises `InputError` where no person has labelled one."""
    labels = {
        label.item: label
        for label in person_labels(store, lock)
        if label.run == run.key
        and label.item in completions
        and label.answer_sha256 == answer_digest(completions[label.item])
    }
    if not labels:
        name = run.manifest()["candidate"]["name"]
        raise InputError(
            f"no person has labelled an answer of run {run.key[:12]}; "
            f"do it first: harness review start {name} --split feedback"
        )
    found = [item for item in items if item.id in labels and labels[item.id].verdict == "incorrect"]
    return Wrong(found, "labels by people", ("labels by people",))
