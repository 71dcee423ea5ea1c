"""What a candidate answers to chosen questions: an ordinary run, so it is stored as it comes and goes on after a failure.

Runs are of a split of a suite, so the questions become a suite of their own in the store, beside the same knowledge base,
named by their digest.
"""

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from harness.candidates.candidate import Candidate, get_candidate
from harness.config import Config
from harness.errors import InputError
from harness.hashing import sha256_json
from harness.journal import move_into_place
from harness.runs.answering import complete_runs
from harness.scoring import METRICS
from harness.suite.item import Item, Split
from harness.suite.lock import write_lock
from harness.suite.settings import FILE_NAME
from harness.suite.suite import Suite


@dataclass(frozen=True)
class Answers:
    """A complete run over the questions: raw completions and metrics (0 to 1) by item id."""

    run: str
    completions: Mapping[str, str]
    scores: Mapping[str, Mapping[str, float]]


def answers_of(name: str, items: Sequence[Item], config: Config) -> Answers:
    """Every answer of the candidate ``name`` to ``items``; those already stored are not asked for again."""
    asked = config.model_copy(update={"tasks": question_suite(items, get_candidate(name, config).suite, config).parent})
    run = complete_runs([get_candidate(name, asked)], Split.TRAIN, asked)[name]
    return Answers(run.key, {sample.id: sample.completion for sample in run.samples()}, run.scores())


def question_suite(items: Sequence[Item], suite: Suite, config: Config) -> Path:
    """Folder of a locked suite whose training split is ``items``, made once."""
    rows = [item.model_dump_json(by_alias=True, exclude_none=True) for item in items]
    facts, settings = suite.root / "knowledge" / "facts.toml", suite.root / FILE_NAME
    digest = sha256_json([rows, facts.read_text(encoding="utf-8"), settings.read_text(encoding="utf-8")])
    folder = config.root / config.store / "training" / "questions" / digest[:16]
    if folder.is_dir():
        return (folder / suite.name).absolute()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as work:  # a killed process leaves no half suite
        root = Path(work) / "made" / suite.name
        for place in ("data/train", "knowledge"):
            (root / place).mkdir(parents=True)
        shutil.copy(facts, root / "knowledge")
        shutil.copy(settings, root)
        pairs = sorted(zip((item.domain for item in items), rows, strict=True), key=lambda pair: pair[0])
        for domain, group in groupby(pairs, key=lambda pair: pair[0]):
            text = "".join(row + "\n" for _, row in group)
            (root / "data" / "train" / f"{domain}.jsonl").write_text(text, encoding="utf-8")
        write_lock(Suite(suite.name, root))
        move_into_place(Path(work) / "made", folder)
    return (folder / suite.name).absolute()


def failed(scores: Mapping[str, float], filters: Sequence[str]) -> list[str]:
    """The metrics of ``filters`` in which an answer is not at its best: 1 where higher is better, 0 where lower is."""
    return [name for name in filters if scores[name] != (1.0 if METRICS[name].better == "higher" else 0.0)]


def answering_candidate(name: str, config: Config, role: str) -> Candidate:
    """The candidate named as ``role`` in a recipe. Raises `InputError` where it is a yardstick, which would teach the gold."""
    candidate = get_candidate(name, config)
    if candidate.settings.reference:
        raise InputError(f"{role} {name} is a yardstick (reference = true), not a model's own answers; name another")
    return candidate
