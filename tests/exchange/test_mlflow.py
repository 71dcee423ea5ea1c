"""Runs to MLflow, on a real server of its own with SQLite behind it, read back by another way than they were written."""

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import Harness, make_project

from harness.exchange.mlflow_run import reports_of, without_password
from harness.runs.store import Run
from harness.suite.item import Split

pytest.importorskip("mlflow")


@dataclass(frozen=True)
class Server:
    """A running server: its address and the file of its store."""

    address: str
    database: Path

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What SQLite itself says."""
        with sqlite3.connect(self.database) as connection:
            return connection.execute(query).fetchall()

    def artifact(self, run: str, path: str) -> bytes:
        """A file of a run, as a browser would fetch it."""
        with urllib.request.urlopen(f"{self.address}/get-artifact?run_uuid={run}&path={path}") as reply:
            content: bytes = reply.read()
            return content


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("mlflow")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        *(sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"),
        *("--backend-store-uri", f"sqlite:///{folder}/store.db", "--artifacts-destination", str(folder / "artifacts")),
    ]
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, stdout=log, stderr=log, env={**os.environ, **quiet}, start_new_session=True
        )
        try:
            found = Server(f"http://127.0.0.1:{port}", folder / "store.db")
            _wait(found, process, folder / "log")
            yield found
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()


def _wait(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{server.address}/health"):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"the MLflow server did not start: {log.read_text()[-2000:]}")


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small project with two runs on the development split and a comparison of them."""
    folder = make_project(tmp_path_factory.mktemp("compared"))
    command = [sys.executable, "-m", "harness", "compare", "half", "gold", "--split", "dev"]
    subprocess.run(command, cwd=folder, capture_output=True, check=True)
    return folder


@pytest.fixture
def stored(compared: Path, tmp_path: Path) -> Path:
    """A copy of it to change."""
    return shutil.copytree(compared, tmp_path / "project")


def _run_of(folder: Path, name: str) -> tuple[Path, dict[str, Any]]:
    for path in folder.glob(".harness/runs/*/manifest.json"):
        manifest = json.loads(path.read_text(encoding="utf-8"))
        if manifest["candidate"]["name"] == name:
            return path.parent, manifest
    raise LookupError(name)


def test_a_run_arrives_whole_and_once(stored: Path, harness: Harness, server: Server) -> None:
    to = ("--as", "mlflow", "--tracking-uri", server.address, "--experiment", "once")
    first, second = (harness(stored, "runs", "export", "half", *to) for _ in range(2))
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout == second.stdout
    folder, manifest = _run_of(stored, "half")
    ((run,),) = server.rows(
        "SELECT run_uuid FROM runs WHERE experiment_id = (SELECT experiment_id FROM experiments WHERE name = 'once')"
    )
    assert first.stdout.strip().endswith(run)
    assert server.rows(f"SELECT status, name FROM runs WHERE run_uuid = '{run}'") == [("FINISHED", "half dev")]

    params = dict(server.rows(f"SELECT key, value FROM params WHERE run_uuid = '{run}'"))
    lock = json.loads((stored / "tasks/facencial/lock.json").read_text())["sha256"]
    asked = {"run": folder.name, "candidate": "half", "suite": "facencial", "split": "dev", "lock": lock, "items": "8"}
    assert params.items() >= asked.items()
    versions = {f"scorer.{name}": str(version) for name, version in manifest["scores"]["scorers"].items()}
    assert params.items() >= versions.items()

    history = server.rows(f"SELECT key, value FROM metrics WHERE run_uuid = '{run}'")
    measured = dict(history)
    assert len(history) == len(measured)  # the second export added no second point
    rows = [json.loads(line) for line in (folder / "scores.jsonl").read_text().splitlines()]
    items = {}
    for path in (stored / "tasks/facencial/data/dev").glob("*.jsonl"):
        items.update({row["id"]: row for row in map(json.loads, path.read_text(encoding="utf-8").splitlines())})
    for prefix, of in (("", None), ("domain/pricing/", ("domain", "pricing")), ("language/id/", ("language", "id"))):
        inside: dict[str, list[float]] = {}
        for row in rows:
            item = items[row["id"]]
            if of is None or item[of[0]] == of[1]:
                inside.setdefault(item["intent"], []).append(row["scores"]["correct"])
        assert measured[f"{prefix}correct"] == pytest.approx(np.mean([np.mean(each) for each in inside.values()]))
    assert measured["correct.low"] <= measured["correct"] <= measured["correct.high"]
    assert "rougeL" in measured

    for name in ("manifest.json", "scores.jsonl"):
        assert server.artifact(run, name) == (folder / name).read_bytes()
    report = stored / ".harness/reports/half-vs-gold-dev.html"
    assert server.artifact(run, f"comparisons/{report.name}") == report.read_bytes()


def test_other_scores_of_the_same_answers_are_another_run(stored: Path, harness: Harness, server: Server) -> None:
    to = ("--as", "mlflow", "--tracking-uri", server.address, "--experiment", "rescored")
    assert harness(stored, "runs", "export", "gold", *to).returncode == 0
    gold = stored / "tasks/facencial/data/dev/pricing.jsonl"
    gold.write_text(gold.read_text(encoding="utf-8").replace("Terima kasih sudah", "Makasih sudah"), encoding="utf-8")
    assert harness(stored, "suite", "lock").returncode == 0
    assert harness(stored, "runs", "rescore", "gold").returncode == 0
    again = harness(stored, "runs", "export", "gold", *to)
    assert "no comparison report" in again.stdout  # the report at hand rests on the old lock
    locks = server.rows(
        "SELECT value FROM params JOIN runs USING (run_uuid) JOIN experiments USING (experiment_id) "
        "WHERE experiments.name = 'rescored' AND params.key = 'lock'"
    )
    assert len({lock for (lock,) in locks}) == len(locks) == 2


def test_only_reports_on_this_run_and_lock_go_along_and_none_that_shows_test_questions(tmp_path: Path) -> None:
    run = Run(tmp_path / "a1")
    plain = {"lock": "L", "candidates": [{"run": "a1"}, {"run": "b2"}], "flips": []}
    kinds = {
        "plain": plain,
        "revealed": {**plain, "flips": ["a question"]},
        "other-lock": {**plain, "lock": "M"},
        "other-run": {**plain, "candidates": [{"run": "b2"}]},
        "older": {"lock": "L"},
    }
    for name, report in kinds.items():
        (tmp_path / f"{name}-vs-x.json").write_text(json.dumps(report))
        (tmp_path / f"{name}-vs-x.html").write_text("")
    (tmp_path / "broken-vs-x.json").write_text("{")
    for split, names in ((Split.TEST, ("plain",)), (Split.DEV, ("plain", "revealed"))):
        found = reports_of(run, "L", split, tmp_path)
        assert [path.name for path in found] == [f"{name}-vs-x{end}" for name in names for end in (".json", ".html")]


@pytest.mark.parametrize(
    ("address", "said"),
    [(None, "MLFLOW_TRACKING_URI"), ("http://somebody:s3cret@127.0.0.1:9", "is it the address of a server?")],
)
def test_no_server_is_one_line_without_the_password(
    stored: Path, harness: Harness, address: str | None, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    to = ("--tracking-uri", address) if address else ()
    found = harness(stored, "runs", "export", "half", "--as", "mlflow", *to)
    assert (found.returncode, found.stderr.count("\n")) == (2, 1)
    assert said in found.stderr
    assert "s3cret" not in found.stderr + found.stdout


def test_a_server_that_is_no_mlflow_is_one_line(stored: Path, harness: Harness, server: Server) -> None:
    found = harness(stored, "runs", "export", "half", "--as", "mlflow", "--tracking-uri", f"{server.address}/wrong")
    assert (found.returncode, found.stderr.count("\n"), "404" in found.stderr) == (2, 1, True)


def test_passwords_leave_addresses() -> None:
    assert without_password("at https://me:pass@host:1/a, b@c") == "at https://host:1/a, b@c"
