"""A stored run as a run of an MLflow tracking server: parameters, metrics with their intervals, and the evidence as artifacts."""

import json
import os
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from math import isnan
from pathlib import Path
from typing import Any

from harness.errors import InputError, error_line
from harness.exchange.lm_eval_results import Scored
from harness.hashing import sha256_json
from harness.parsing import parse_json
from harness.runs.store import Run
from harness.stats import clustered_mean
from harness.suite.item import Item, Split

_BATCH = 1000
"""Most metrics that MLflow takes in one request; of parameters it takes 100."""


def parameters(manifest: Mapping[str, Any], key: str, items: Sequence[Item]) -> dict[str, str]:
    """What decided the answers and the scores of run ``key``, by name. MLflow lets nobody change them afterwards."""
    candidate, suite, scores = manifest["candidate"], manifest["suite"], manifest["scores"]
    settings, identity = candidate["settings"], candidate["identity"]
    found = {
        "run": key,
        "candidate": candidate["name"],
        "fingerprint": candidate["fingerprint"],
        "engine": settings["engine"],
        "model": settings.get("model") or settings.get("endpoint", {}).get("model"),
        "adapter": settings.get("adapter"),
        "suite": suite["name"],
        "split": suite["split"],
        "items": len(items),
        "intents": len({item.intent for item in items}),
        "lock": scores["lock"],
        "harness": manifest["harness"],
        **{f"generation.{name}": value for name, value in identity.get("generation", {}).items()},
        **{f"scorer.{name}": version for name, version in scores["scorers"].items()},
    }
    return {name: str(value) for name, value in found.items() if value is not None}


def metrics(scores: Scored, items: Sequence[Item], names: Sequence[str]) -> dict[str, float]:
    """Means of intent means with the ends of their 95% intervals (t on intents), of all items and of each group.

    ``correct``, ``correct.low``, ``correct.high``; a domain's as ``domain/pricing/correct``, a language's as
    ``language/id/correct``: MLflow's page makes a section of each. A group of one intent has no interval.
    """
    groups: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        for group in ("", f"domain/{item.domain}/", f"language/{item.language}/"):
            groups[group].append(item)
    found = {}
    for group, members in groups.items():
        intents = [item.intent for item in members]
        for name in names:
            estimate = clustered_mean([scores[item.id][name] for item in members], intents)
            ends = {"": estimate.mean, ".low": estimate.low, ".high": estimate.high}
            found.update({f"{group}{name}{end}": value for end, value in ends.items() if not isnan(value)})
    return found


def reports_of(run: Run, lock: str, split: Split, folder: Path) -> list[Path]:
    """Comparison reports in ``folder`` that rest on this run under this lock, in all their formats.

    Reports that show test questions one by one are left out: what is sent to a server is no longer locked.
    """
    found: list[Path] = []
    for path in sorted(folder.glob("*-vs-*.json")):
        try:
            report = parse_json(path.read_bytes())
            of_run = run.key in [each["run"] for each in report["candidates"]] and report["lock"] == lock
            revealed = split is Split.TEST and bool(report["flips"])
        except (OSError, json.JSONDecodeError, KeyError, TypeError):  # not a report of this version
            continue
        if of_run and not revealed:
            found += (path.with_suffix(suffix) for suffix in (".json", ".md", ".html"))
    return [path for path in found if path.is_file()]


def log_run(
    address: str,
    experiment: str,
    run: Run,
    given: Mapping[str, str],
    measured: Mapping[str, float],
    files: Sequence[Path],
) -> str:
    """Write a run to the MLflow server at ``address`` and return the address of its page.

    A run under the same key, scored with the same lock and scorers, is one MLflow run in an experiment, found by its tags;
    written again it says the same, and takes reports that came since. Raises `InputError` where the server does not answer or refuses.
    """
    client, mlflow = _client(address)
    manifest = run.manifest()
    began = int(datetime.fromisoformat(manifest["created"]).timestamp() * 1000)
    tags = {"harness.run": run.key, "harness.scores": sha256_json(manifest["scores"])}
    try:
        found = client.get_experiment_by_name(experiment)
        number = found.experiment_id if found else client.create_experiment(experiment)
        same = client.search_runs([number], " and ".join(f"tags.`{name}` = '{value}'" for name, value in tags.items()))
        name = f"{given['candidate']} {given['split']}"
        target = (same[0] if same else client.create_run(number, began, tags, run_name=name)).info.run_id
        client.log_batch(target, params=[mlflow.entities.Param(*each) for each in given.items()])
        values = [mlflow.entities.Metric(name, value, began, 0) for name, value in measured.items()]
        for start in range(0, len(values), _BATCH):
            client.log_batch(target, metrics=values[start : start + _BATCH])
        for path in (run.folder / "manifest.json", run.folder / "scores.jsonl"):
            client.log_artifact(target, str(path))
        for path in files:
            client.log_artifact(target, str(path), "comparisons")
        client.set_terminated(target, end_time=began + int(1000 * sum(manifest["timing"].values())))
    except (mlflow.exceptions.MlflowException, OSError, ModuleNotFoundError) as error:
        reason = without_password(error_line(error))
        raise InputError(f"MLflow at {without_password(address)}: {reason}; is it the address of a server?") from None
    return f"{without_password(address).rstrip('/')}/#/experiments/{number}/runs/{target}"


def without_password(text: str) -> str:
    """The text with no user or password in its addresses."""
    return re.sub(r"//[^/@\s]*@", "//", text)


def _client(address: str) -> tuple[Any, Any]:
    """MLflow's client, and its package.

    It tells its makers nothing, prints nothing of its own, and gives up in seconds where nobody answers, unless the user's
    environment says otherwise.
    """
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "30")
    try:
        import mlflow
        import mlflow.entities
    except ModuleNotFoundError as error:
        raise InputError(f"MLflow needs {error.name}; run: pip install 'harness[mlflow]'") from None
    try:
        return mlflow.MlflowClient(address), mlflow
    except mlflow.exceptions.MlflowException as error:
        raise InputError(
            f"MLflow at {without_password(address)}: {without_password(error_line(error))}; give http://HOST:PORT"
        ) from None
