"""From candidates to complete, scored runs: plan, answer what is missing, score."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness import __version__
from harness.candidates.candidate import Candidate
from harness.config import Config
from harness.engines import Answered, Batch, Engine, open_engine
from harness.errors import InputError, IntegrityError
from harness.runs.store import Run, Sample, find_run, open_run, run_key
from harness.runs.usage import add_usage, total_usage
from harness.scoring import score, scorer_versions
from harness.suite.item import Item, Split
from harness.suite.lock import questions_digest, verify
from harness.suite.suite import Suite

Progress = Callable[[str, str, int, int], None]
"""Called with candidate, stage (``load``, ``generate``, ``score``), done, total."""


def _silent(candidate: str, stage: str, done: int, total: int) -> None:
    pass


@dataclass(frozen=True)
class Request:
    """A candidate to be answered for on a split."""

    candidate: Candidate
    split: Split
    key: str


def request(candidate: Candidate, split: Split) -> Request:
    """The run a candidate needs on a split."""
    suite = candidate.suite
    return Request(candidate, split, run_key(candidate.identity, suite.name, split, questions_digest(suite, split)))


def run_folders(config: Config) -> list[Path]:
    """Where runs are looked for: the store first, then the committed evidence."""
    return [folder for folder in (config.runs_folder, config.evidence_folder) if folder]


def refuse_other_scorers(run: Run) -> None:
    """Raise `InputError` where a run is not scored by the scorers of this version."""
    if "scores" not in run.manifest() or run.manifest()["scores"]["scorers"] != scorer_versions():
        raise InputError(f"{run.folder}: scored with other scorers; score it anew: harness runs rescore {run.key[:12]}")


def stored_run(candidate: Candidate, split: Split, config: Config) -> Run:
    """The complete, scored run of a candidate that is already stored. Raises `InputError` where there is none."""
    wanted = request(candidate, split)
    run = find_run(wanted.key, run_folders(config))
    if run is None:
        raise InputError(f"no complete run of {candidate.name} on {split}; make it first: harness run {candidate.name}")
    refuse_other_scorers(run)
    if run.manifest()["scores"]["lock"] != verify(candidate.suite)["sha256"]:
        raise IntegrityError(
            f"{run.folder}: scored with another lock; score it anew: harness runs rescore {run.key[:12]}"
        )
    return run


def complete_runs(
    candidates: Sequence[Candidate], split: Split, config: Config, fresh: bool = False, progress: Progress = _silent
) -> dict[str, Run]:
    """A complete, scored run for each candidate by name; what is missing is generated, an interrupted run resumed.

    Candidates of one model and precision share one loaded base, and may share its batches. ``fresh`` ignores stored answers
    and generates into the store again. Raises `IntegrityError` where the suite does not match its lock.
    """
    runs: dict[str, Run] = {}
    locks = {suite.root: verify(suite)["sha256"] for suite in {candidate.suite for candidate in candidates}}
    missing: dict[tuple[Any, ...], dict[str, Request]] = defaultdict(dict)
    for candidate in candidates:
        wanted = request(candidate, split)
        stored = None if fresh else find_run(wanted.key, run_folders(config))
        runs[candidate.name] = stored or Run(config.runs_folder / wanted.key)
        if not stored and not any(wanted.key in group for group in missing.values()):
            missing[candidate.shared_engine][wanted.key] = wanted  # two names of one candidate share a run
    for group in missing.values():
        _answer(list(group.values()), config, fresh, progress)
    for candidate in candidates:
        _score_where_stale(runs[candidate.name], candidate, split, locks[candidate.suite.root], config, progress)
    return runs


class _Timing:
    """Wall seconds by stage, of the session that ends a run."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self._seconds = seconds

    def add(self, stage: str, seconds: float) -> None:
        self._seconds[stage] = self._seconds.get(stage, 0.0) + seconds

    @contextmanager
    def stage(self, stage: str) -> Iterator[None]:
        """Book what the block takes."""
        began = time.perf_counter()
        yield
        self.add(stage, time.perf_counter() - began)

    def rounded(self) -> dict[str, float]:
        return {stage: round(seconds, 3) for stage, seconds in self._seconds.items()}


@dataclass
class _Work:
    """A run under way."""

    wanted: Request
    run: Run
    batches: list[Batch]
    done: int
    total: int
    timing: _Timing


def _samples(answered: Answered) -> list[Sample]:
    batch = answered.batch
    samples = [
        Sample(item.id, batch.number, prompt, completion)
        for item, prompt, completion in zip(batch.items, batch.prompts, answered.completions, strict=True)
    ]
    if not answered.drafts:
        return samples
    return [
        replace(sample, draft=draft.completion, second_prompt=draft.second_prompt)
        for sample, draft in zip(samples, answered.drafts, strict=True)
    ]


def _answer(group: Sequence[Request], config: Config, fresh: bool, progress: Progress) -> None:
    """Answer what is missing of runs that share an engine. It gets all batches together, so that it may mix them."""
    first = group[0].candidate.name
    began = time.perf_counter()
    progress(first, "load", 0, 1)
    engine = open_engine([wanted.candidate for wanted in group])
    load_seconds = time.perf_counter() - began
    progress(first, "load", 1, 1)
    with ExitStack() as locks:
        works = {}
        for wanted in group:
            run = open_run(config.runs_folder / wanted.key)
            locks.enter_context(run.locked())
            work = _begin(wanted, run, engine, load_seconds, fresh)
            progress(wanted.candidate.name, "generate", work.done, work.total)
            works[wanted.candidate.name] = work
            if work.done == work.total:  # killed between the last answer and the seal
                _finish(work)
        before = time.perf_counter()
        for answered in engine.stream([batch for work in works.values() for batch in work.batches]):
            batch, work = answered.batch, works[answered.batch.candidate.name]
            # Where batches are mixed, a run is booked the time since the last batch of any run was stored.
            work.timing.add("generate", time.perf_counter() - before)
            with work.timing.stage("store"):
                add_usage(work.run, answered.usage)
                work.run.append(_samples(answered))
            work.done += len(batch.items)
            before = time.perf_counter()
            progress(batch.candidate.name, "generate", work.done, work.total)
            if work.done == work.total:
                _finish(work)


def _begin(wanted: Request, run: Run, engine: Engine, load_seconds: float, fresh: bool) -> _Work:
    """Write the manifest of a new run, or recover a started one, and lay out what is still to be answered."""
    candidate, suite = wanted.candidate, wanted.candidate.suite
    items = {item.id: item for item in suite.items(wanted.split)}
    if fresh:
        for name in ("manifest.json", "samples.jsonl", "usage.jsonl"):
            (run.folder / name).unlink(missing_ok=True)
    timing = _Timing({"load": load_seconds})
    with timing.stage("adapter"):
        engine.select(candidate)
        proof = engine.proof()
    with timing.stage("render"):
        prompts = dict(zip(items, engine.render(list(items.values())), strict=True))
        if not (run.folder / "manifest.json").is_file():
            lengths = dict(zip(items, engine.lengths(list(prompts.values())), strict=True))
            run.begin(
                {
                    "harness": __version__,
                    "candidate": {
                        "name": candidate.name,
                        "fingerprint": candidate.fingerprint,
                        "identity": candidate.identity,
                        "settings": candidate.settings.model_dump(mode="json", exclude_none=True),
                    },
                    "suite": {
                        "name": suite.name,
                        "split": wanted.split.value,
                        "questions": questions_digest(suite, wanted.split),
                    },
                    "engine": engine.describe(),
                    "adapter_proof": proof,
                    "plan": plan_batches(lengths, candidate.batch_size),
                    "timing": {},
                }
            )
        plan: list[list[str]] = run.manifest()["plan"]
        done = run.recover()
    batches = [
        Batch(candidate, number, [items[item_id] for item_id in ids], [prompts[item_id] for item_id in ids])
        for number, ids in enumerate(plan)
        if number not in done
    ]
    return _Work(wanted, run, batches, sum(len(plan[batch]) for batch in done), sum(map(len, plan)), timing)


def _finish(work: _Work) -> None:
    work.run.finish(timing=work.timing.rounded(), **total_usage(work.run))


def plan_batches(lengths: dict[str, int], size: int) -> list[list[str]]:
    """Item ids by falling prompt length, in batches of ``size``: little padding, and memory runs out early or never."""
    ordered = sorted(lengths, key=lambda item_id: (-lengths[item_id], item_id))
    return [ordered[start : start + size] for start in range(0, len(ordered), size)]


def score_samples(samples: Sequence[Sample], items: dict[str, Item], suite: Suite) -> dict[str, dict[str, float]]:
    """Metrics by item id, in the order of the suite."""
    completions = {sample.id: sample.completion for sample in samples}
    return {
        item_id: score(completions[item_id], item, suite.knowledge)
        for item_id, item in items.items()
        if item_id in completions
    }


def _score_where_stale(
    run: Run, candidate: Candidate, split: Split, lock: str, config: Config, progress: Progress
) -> None:
    """Score a run whose scores are missing, or were made with other gold or other scorer versions."""
    suite = candidate.suite
    stored = run.manifest().get("scores")
    if stored and stored["lock"] == lock and stored["scorers"] == scorer_versions():
        return
    if run.folder.parent == config.evidence_folder and stored:
        raise InputError(
            f"{run.folder}: committed scores are of another lock or scorer version; renew them: harness runs rescore {run.key}"
        )
    began = time.perf_counter()
    progress(candidate.name, "score", 0, 1)
    items = {item.id: item for item in suite.items(split)}
    with run.locked():
        run.write_scores(score_samples(run.samples(), items, suite), lock, scorer_versions())
        run.update(timing={**run.manifest()["timing"], "score": round(time.perf_counter() - began, 3)})
    progress(candidate.name, "score", 1, 1)
