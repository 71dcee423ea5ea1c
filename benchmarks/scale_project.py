"""A project of many rows for `scale.py`: the shipped test split again and again, and two stored runs of it.

Two rows an intent, 16 domains, two languages, every question worded once. Answers are gold texts and wrong ones, scored once
and copied with their scores; everything is written line by line, as the harness writes it.
"""

import json
import random
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from harness.candidates.candidate import get_candidate
from harness.config import load_config
from harness.hashing import sha256_file
from harness.journal import with_checksum
from harness.runs.answering import plan_batches, run_folders
from harness.runs.store import Run, Sample, open_run, run_key
from harness.scoring import score, scorer_versions
from harness.suite import lock as locks
from harness.suite.item import Item, Split
from harness.suite.suite import Suite, load_suite

ROOT = Path(__file__).parents[1]
METRICS = ("correct_lenient", "unsupported", "invented_price", "format", "language", "politeness", "conciseness")
RIGHT = {"before": 0.50, "after": 0.52}
WRONG = "<think>?</think><output>Entahlah, Kak. Harganya Rp123.456.</output>"
BATCH = 256


def project(folder: Path, rows: int) -> list[str]:
    """A project whose locked test split holds ``rows`` items and whose two candidates have complete, scored runs."""
    target = folder / "tasks" / "facencial"
    shutil.copytree(ROOT / "tasks" / "facencial", target)
    tables = []
    for name in RIGHT:
        (folder / f"{name}.jsonl").write_text(json.dumps({"candidate": name}) + "\n", encoding="utf-8")
        tables.append(f'[candidates.{name}]\nengine = "recorded"\nanswers = "{name}.jsonl"\n')
    head = f'tasks = "tasks"\nbaseline = "before"\nmetrics = {json.dumps(METRICS)}\n'
    (folder / "harness.toml").write_text(head + "".join(tables), encoding="utf-8")
    items = load_suite("facencial").items(Split.TEST)
    _write_items(target / "data" / "test", items, rows)
    lock = _write_lock(Suite("facencial", target), items, rows)
    for name, share in RIGHT.items():
        _write_run(folder, name, items, rows, share, lock)
    return list(RIGHT)


def _copies(items: list[Item], rows: int) -> Iterator[tuple[Item, str, str, str]]:
    """Item, id, intent and message of each row, domain by domain as a suite is read."""
    whole, rest = divmod(rows, len(items))
    kept = {item.id for item in sorted(items, key=lambda item: item.id.partition("-")[2])[:rest]}
    for domain in sorted({item.domain for item in items}):
        own = [item for item in items if item.domain == domain]
        for copy in range(whole + bool(rest)):
            for item in own:
                if copy < whole or item.id in kept:
                    mark = f"-{copy}" if copy else ""
                    yield item, item.id + mark, item.intent + mark, item.problem + (f" ({copy})" if copy else "")


def _write_items(folder: Path, items: list[Item], rows: int) -> None:
    for path in folder.glob("*.jsonl"):
        path.unlink()
    plain = {item.id: item.model_dump(mode="json", by_alias=True, exclude_none=True) for item in items}
    files: dict[str, Any] = {}
    for item, row_id, intent, problem in _copies(items, rows):
        if item.domain not in files:
            files[item.domain] = (folder / f"{item.domain}.jsonl").open("w", encoding="utf-8")
        row = plain[item.id] | {"id": row_id, "intent": intent, "problem": problem}
        files[item.domain].write(json.dumps(row, ensure_ascii=False) + "\n")
    for file in files.values():
        file.close()


def _write_lock(suite: Suite, items: list[Item], rows: int) -> str:
    """The lock as `harness suite lock` would write it, from digests that copies share: that command holds every item."""
    lock = json.loads((ROOT / "tasks/facencial/lock.json").read_text(encoding="utf-8"))
    gold = {item.id: locks.gold_digest(item) for item in items}
    for item in items:
        del lock["gold"][item.id]
    lock["gold"] |= {row_id: gold[item.id] for item, row_id, *_ in _copies(items, rows)}
    lock["counts"]["test"] = dict(Counter(item.domain for item, *_ in _copies(items, rows)))
    lock["files"] = locks._files(suite)
    lock["sha256"] = locks._digest(lock)
    asked = {
        digest
        for *_, problem in _copies(items, rows)
        for digest in [locks._short(re.findall(r"\w+", problem.casefold()))]
    }
    lock["test_set"] = {"questions": locks.questions_digest(suite, Split.TEST), "earlier": [], "asked": sorted(asked)}
    lock["test_set"]["sha256"] = locks._test_set_digest(lock)
    locks.lock_path(suite).write_text(json.dumps(lock, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return str(lock["sha256"])


def _write_run(folder: Path, name: str, items: list[Item], rows: int, share: float, lock: str) -> None:
    config = load_config(folder / "harness.toml")
    candidate = get_candidate(name, config)
    suite = Suite("facencial", folder / "tasks" / "facencial")
    questions = locks.questions_digest(suite, Split.TEST)
    key = run_key(candidate.identity, suite.name, Split.TEST, questions)
    run: Run = open_run(run_folders(config)[0] / key)
    drawn = {row_id: (item, problem) for item, row_id, _, problem in _copies(items, rows)}
    plan = plan_batches({row_id: len(problem) for row_id, (_, problem) in drawn.items()}, BATCH)
    run.begin(
        {
            "harness": "0",
            "candidate": {
                "name": name,
                "fingerprint": candidate.fingerprint,
                "identity": candidate.identity,
                "settings": candidate.settings.model_dump(mode="json", exclude_none=True),
            },
            "suite": {"name": suite.name, "split": Split.TEST.value, "questions": questions},
            "engine": {"engine": "recorded", "author_kinds": ["model"], "answers": rows},
            "adapter_proof": None,
            "plan": plan,
            "timing": {},
        }
    )
    right = {row_id: random.Random(f"{name} {row_id}").random() < share for row_id in drawn}
    with (run.folder / "samples.jsonl").open("w", encoding="utf-8") as file:
        for number, batch in enumerate(plan):
            for row_id in batch:
                item, problem = drawn[row_id]
                said = item.generated_solution if right[row_id] else WRONG
                row = {k: v for k, v in asdict(Sample(row_id, number, problem, said)).items() if v is not None}
                file.write(with_checksum(json.dumps(row, ensure_ascii=False)) + "\n")
    run.finish()
    scores = {
        (item.id, good): {
            metric: round(value, 6)
            for metric, value in score(item.generated_solution if good else WRONG, item, suite.knowledge).items()
        }
        for item in items
        for good in (True, False)
    }
    with (run.folder / "scores.jsonl").open("w", encoding="utf-8") as file:
        for row_id, (item, _) in drawn.items():
            file.write(json.dumps({"id": row_id, "scores": scores[item.id, right[row_id]]}) + "\n")
    digest = sha256_file(run.folder / "scores.jsonl")
    run.update(scores={"lock": lock, "scorers": scorer_versions(), "sha256": digest})
