"""A stored run in the shape that ``lm_eval`` writes, for tools that read its results."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from harness.errors import InputError
from harness.runs.store import Sample
from harness.scoring import METRICS
from harness.stats import clustered_se
from harness.suite.item import Item
from harness.suite.tasks import TASK_VERSION

Scored = Mapping[str, Mapping[str, float]]
"""Metrics by item id."""


def lm_eval_results(manifest: Mapping[str, Any], scores: Scored, items: Sequence[Item]) -> dict[str, Any]:
    """The results file of ``lm_eval`` (0.4): a task a domain and the suite as their group, weighted by rows.

    Means are those ``lm_eval`` computes of the same answers. A ``_stderr`` is clustered by intent (CR0, Miller 2024), which
    ``lm_eval`` cannot know; one cluster has none, and ``N/A`` stands there as it does in ``lm_eval``.
    """
    suite = str(manifest["suite"]["name"])
    tasks: dict[str, list[Item]] = defaultdict(list)
    for item in sorted(items, key=lambda each: each.domain):
        tasks[f"{suite}_{item.domain}"].append(item)
    names = [suite, *tasks]
    results = {name: _result(name, scores, tasks.get(name, items)) for name in names}
    better = {metric.name: metric.better == "higher" for metric in METRICS.values()}
    return {
        "results": results,
        "groups": {suite: results[suite]},
        "group_subtasks": {suite: list(tasks)},
        "versions": dict.fromkeys(names, TASK_VERSION),
        "n-shot": dict.fromkeys(tasks, 0),
        "higher_is_better": dict.fromkeys(names, better),
        "n-samples": {name: {"original": len(found), "effective": len(found)} for name, found in tasks.items()},
        "config": {
            "model": manifest["candidate"]["name"],
            "model_args": manifest["candidate"]["identity"],
            "bootstrap_iters": 0,
            "harness": {
                "fingerprint": manifest["candidate"]["fingerprint"],
                "lock": manifest["scores"]["lock"],
                "scorers": manifest["scores"]["scorers"],
                "stderr": "clustered by intent",
            },
        },
        "date": manifest["created"],
        "model_name": manifest["candidate"]["name"],
    }


def lm_eval_samples(
    samples: Sequence[Sample], scores: Scored, items: Sequence[Item], suite: str
) -> dict[str, list[Any]]:
    """Rows of the ``samples_<task>.jsonl`` files, by task."""
    given = {sample.id: sample for sample in samples}
    found: dict[str, list[Any]] = defaultdict(list)
    for item in items:
        rows = found[f"{suite}_{item.domain}"]
        completion = given[item.id].completion
        rows.append(
            {
                "doc_id": len(rows),
                "doc": item.model_dump(mode="json", by_alias=True, exclude_none=True),
                "target": item.expected_answer,
                "arguments": {"gen_args_0": {"arg_0": given[item.id].prompt}},
                "resps": [[completion]],
                "filtered_resps": [completion],
                "filter": "none",
                "metrics": list(METRICS),
                **{name: scores[item.id][name] for name in METRICS},
            }
        )
    return dict(found)


def write_folder(folder: Path, results: Mapping[str, Any], samples: Mapping[str, Sequence[Any]]) -> None:
    """Write ``results_<date>.json`` and ``samples_<task>_<date>.jsonl`` as lm_eval names them. Raises `InputError`."""
    stamp = str(results["date"]).replace(":", "-")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"results_{stamp}.json").write_text(
            json.dumps(results, indent=2, ensure_ascii=False), encoding="utf-8"
        )
        for task, rows in samples.items():
            lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
            (folder / f"samples_{task}_{stamp}.jsonl").write_text(lines, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{folder}: cannot write ({error.strerror}); name another folder") from None


def _result(name: str, scores: Scored, items: Sequence[Item]) -> dict[str, Any]:
    found: dict[str, Any] = {"alias": name, "sample_len": len(items)}
    intents = np.array([item.intent for item in items])
    for metric in METRICS:
        error = clustered_se([scores[item.id][metric] for item in items], intents)
        found[f"{metric},none"] = error.mean
        found[f"{metric}_stderr,none"] = "N/A" if np.isnan(error.cr0) else error.cr0
    return found
