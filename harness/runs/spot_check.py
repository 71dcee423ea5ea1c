"""Regenerate a random sample of a stored run's answers and say how many come out the same.

Stored answers are evidence only if they can be made again. Greedy answers agree word for word on like hardware; another
processor or another batch may turn a near-tie, so the scores of what differs are compared as well.
"""

import json
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from harness.candidates.candidate import Candidate
from harness.config import Config
from harness.engines import Engine
from harness.runs.answering import Progress, plan_batches
from harness.runs.store import Run
from harness.scoring import score
from harness.suite.item import Split


@dataclass(frozen=True, slots=True)
class SpotCheck:
    """How a sample of a run came out when generated again here."""

    candidate: str
    run: str
    samples: int
    identical: int
    same_verdict: int
    seed: int
    device: str
    checked: str


def spot_check(
    candidate: Candidate,
    run: Run,
    engine: Engine,
    split: Split,
    samples: int,
    seed: int,
    primary: str,
    progress: Progress,
) -> SpotCheck:
    """Answer ``samples`` random items again and compare with the stored answers, word for word and by ``primary``."""
    stored = {sample.id: sample for sample in run.samples()}
    items = {item.id: item for item in candidate.suite.items(split)}
    chosen = random.Random(seed).sample(sorted(stored), min(samples, len(stored)))
    engine.select(candidate)
    batch = [items[item_id] for item_id in chosen]
    lengths = dict(zip(chosen, engine.lengths(engine.render(batch)), strict=True))
    identical = same_verdict = done = 0
    progress(candidate.name, "generate", 0, len(chosen))
    for ids in plan_batches(lengths, candidate.generation.batch_size):
        group = [items[item_id] for item_id in ids]
        for item, completion in zip(group, engine.answer(group, engine.render(group)), strict=True):
            before = stored[item.id].completion
            identical += completion == before
            knowledge = candidate.suite.knowledge
            same_verdict += score(completion, item, knowledge)[primary] == score(before, item, knowledge)[primary]
        done += len(ids)
        progress(candidate.name, "generate", done, len(chosen))
    described = engine.describe()
    return SpotCheck(
        candidate.name, run.key, len(chosen), identical, same_verdict, seed,
        str(described.get("device", "none")), datetime.now(UTC).isoformat(timespec="seconds"),
    )  # fmt: skip


def _path(config: Config, run_key: str) -> Path:
    return config.root / config.store / "spot-checks" / f"{run_key}.json"


def remember(check: SpotCheck, config: Config) -> None:
    """Store the last check of a run on this machine."""
    path = _path(config, check.run)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(check), indent=1) + "\n", encoding="utf-8")


def recall(run_keys: Sequence[str], config: Config) -> dict[str, SpotCheck]:
    """Stored checks by run key."""
    found = {}
    for key in run_keys:
        path = _path(config, key)
        if path.is_file():
            found[key] = SpotCheck(**json.loads(path.read_text(encoding="utf-8")))
    return found
