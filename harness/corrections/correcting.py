"""From a run's wrong answers to stored corrections: asked once, checked, kept or queued for people."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.corrections.checks import INSTRUMENTS, Checks, refuse_held_out, scorer_versions
from harness.corrections.dataset import Dataset
from harness.corrections.queue import enqueue
from harness.corrections.record import Correction, Refusal, add_line
from harness.corrections.teacher import Teacher, Written
from harness.corrections.wrong import Wrong
from harness.errors import IntegrityError
from harness.labels.store import LabelStore, now
from harness.runs.store import Run
from harness.scoring.completion import parse
from harness.suite.item import Split
from harness.suite.lock import questions_digest, verify
from harness.suite.suite import Suite

Progress = Callable[[int, int], None]


@dataclass
class Corrected:
    """What one command did. ``leaking`` items are too close to test or dev questions to be trained on, and are not asked."""

    wrong: int
    leaking: int
    known: int
    entered: int = 0
    queued: int = 0
    failed: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    tokens: int = 0
    dollars: float | None = None


def feedback_run(run: Run, suite: Suite) -> dict[str, str]:
    """Completions by item id of a complete run on the feedback split.

    Raises `IntegrityError` where it is of another split or suite, was edited, or the questions changed since.
    """
    manifest = run.manifest()
    split, name = manifest["suite"]["split"], manifest["candidate"]["name"]
    if split != Split.FEEDBACK:
        raise IntegrityError(
            f"run {run.key[:12]} of {name} is on the {split} split; only answers to the feedback split are corrected: "
            f"harness run {name} --split feedback"
        )
    run.verify()
    completions = {sample.id: sample.completion for sample in run.samples()}
    refuse_held_out(completions, suite, str(run.folder))
    if manifest["suite"]["name"] != suite.name or manifest["suite"]["questions"] != questions_digest(
        suite, Split.FEEDBACK
    ):
        raise IntegrityError(
            f"{run.folder}: its questions are not those of {suite.name} now; run the candidate again: "
            f"harness run {name} --split feedback"
        )
    return completions


def correct_run(
    run: Run,
    completions: Mapping[str, str],
    wrong: Wrong,
    teacher: Teacher,
    suite: Suite,
    dataset: Dataset,
    store: LabelStore,
    *,
    limit: int | None = None,
    progress: Progress = lambda done, total: None,
) -> Corrected:
    """Have ``teacher`` answer what is wrong and not attempted yet, store each attempt as it comes, and queue what failed.

    An attempt is kept or refused on the disk before the next is taken; after a kill only replies under way are asked again.
    """
    lock, checks = verify(suite)["sha256"], Checks(suite)
    refuse_held_out((item.id for item in wrong.items), suite, str(run.folder))
    with dataset.locked():
        attempted = {each.key for each in dataset.corrections()}
        attempted |= {each.key for each in dataset.refusals() if each.lock == lock}
        leaking = checks.leaking(wrong.items)
        fit = [item for item in wrong.items if item.id not in leaking]
        open_items = [item for item in fit if (run.key, teacher.sha256, item.id) not in attempted]
        done = Corrected(len(wrong.items), len(leaking), len(fit) - len(open_items))
        chosen, failed, reasons = open_items[:limit], Counter[str](), Counter[str]()
        manifest = run.manifest()["candidate"]
        progress(0, len(chosen))

        def arrived(written: Written) -> None:
            item, completion = written.item, written.completion
            done.tokens += (written.cost.tokens_in or 0) + (written.cost.tokens_out or 0)
            if written.cost.dollars is not None:
                done.dollars = (done.dollars or 0.0) + written.cost.dollars
            if completion is None:
                failed[written.why] += 1
            else:
                parsed = parse(completion)
                attempt: dict[str, Any] = {
                    "item": item.id, "problem": item.problem, "language": item.language,
                    "think": parsed.reasoning or "", "output": parsed.whole, "completion": parsed.text,
                    "rejected": completions[item.id], "run": run.key, "candidate": manifest["name"],
                    "fingerprint": manifest["fingerprint"], "wrong_by": wrong.by, "teacher": teacher.name,
                    "teacher_sha256": teacher.sha256, "model": written.model, "author_kind": teacher.author_kind,
                    "author": written.model, "knowledge": written.knowledge, "scorers": scorer_versions(),
                    "instruments": tuple(dict.fromkeys((*wrong.instruments, *INSTRUMENTS))), "lock": lock,
                    "cost": written.cost, "created": now(),
                }  # fmt: skip
                against = checks.reasons(parsed.text, item)
                reasons.update({reason.partition(":")[0] for reason in against})
                if against:
                    add_line(dataset.refused_path, Refusal(**attempt, reasons=against))
                    done.queued += 1
                else:
                    add_line(dataset.path, Correction(**attempt))
                    done.entered += 1
            progress(done.entered + done.queued + failed.total(), len(chosen))

        try:
            if chosen:
                teacher.write(chosen, arrived)
        finally:
            enqueue(store, dataset, suite.name, lock)
    done.failed, done.reasons = dict(failed.most_common()), dict(reasons.most_common())
    return done
