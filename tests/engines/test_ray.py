"""Engine ray and the judge on a real cluster of two nodes: whoever is killed, all is answered and judged as on one machine."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
import pytest
from conftest import ROOT
from scripted_project import answer, judge, judged_by
from server import Script, ScriptedServer

from harness.candidates.candidate import get_candidate
from harness.config import load_config
from harness.runs.answering import complete_runs
from harness.runs.store import Run
from harness.suite.item import Split

pytestmark = pytest.mark.skipif(find_spec("ray") is None, reason="ray is not installed here")


class Nodes:
    """The cluster: its address, and nodes by the process id of their raylet."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(ROOT / "tests/engines/ray_nodes.py")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        assert self._process.stdout
        found = json.loads(self._process.stdout.readline())
        self.address, self.head = found["address"], found["raylet"]

    def add(self) -> int:
        """One more node of one CPU."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate()


@pytest.fixture(scope="module")
def nodes() -> Iterator[Nodes]:
    settings = {
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_AUTH_MODE": "token",  # nobody else on the network may use it
        "RAY_AUTH_TOKEN": os.urandom(16).hex(),
        "RAY_worker_niceness": "0",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        nodes = Nodes()
        yield nodes
        nodes.close()


def actors(raylet: int) -> list[str]:
    """What the actors of a node are at: Ray names their processes after class and method."""
    found = []
    for process in psutil.Process(raylet).children(recursive=True):
        with suppress(psutil.Error):
            found += [part for part in process.cmdline() if "Actor" in part]
    return found


def wait_for(command: subprocess.Popen[str], happened: Callable[[], bool]) -> None:
    """Until something happened while ``command`` runs."""
    while not happened():
        assert command.poll() is None, command.communicate()[1]
        time.sleep(0.02)


def kill(command: subprocess.Popen[str], *raylets: int) -> None:
    """End the command as a power cut would, and wait until the cluster has noticed."""
    command.kill()
    command.communicate()
    while any(map(actors, raylets)):
        time.sleep(0.02)


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "harness", *arguments]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def on_ray(project: Path, address: str) -> Path:
    """The project with ``tuned`` on ray, on one actor of it as ``tuned-one``, and without it as ``tuned-hf``."""
    path = project / "harness.toml"
    text = path.read_text(encoding="utf-8")
    tuned = text[text.index("[candidates.tuned]") :]
    for name, engine in (
        ("tuned", 'engine = "ray"'),
        ("tuned-one", 'engine = "ray"\nray = { address = "ADDRESS", actors = 1 }'),
    ):
        text += tuned.replace("[candidates.tuned]", f"[candidates.{name}]\n{engine}")
    text = text.replace("[candidates.tuned]", "[candidates.tuned-hf]", 1)
    text = text.replace("batch_size = 3", "batch_size = 1").replace("max_new_tokens = 24", "max_new_tokens = 8")
    text = text.replace("ADDRESS", address)
    path.write_text(f'{text}[ray]\naddress = "{address}"\n', encoding="utf-8")
    return project


def kill_node(raylet: int) -> None:
    """End a node as a power cut would: its raylet, and the workers, which would else end what they are at."""
    node = psutil.Process(raylet)
    for process in (node, *node.children(recursive=True)):
        with suppress(psutil.Error):
            process.kill()


def stored(project: Path) -> list[bytes]:
    return [line for path in project.glob(".harness/runs/*/samples.jsonl") for line in path.read_bytes().splitlines()]


@pytest.mark.model
def test_a_killed_command_and_a_killed_node_leave_no_trace_in_the_run(model_project: Path, nodes: Nodes) -> None:
    project = on_ray(model_project, nodes.address)
    second = nodes.add()
    command = start(project, "run", "tuned-one", "--split", "dev", "--json")
    wait_for(command, lambda: bool(stored(project)))
    kill(command, nodes.head, second)
    assert 1 <= len(stored(project)) < 8

    command = start(project, "run", "tuned", "--split", "dev", "--json")
    wait_for(command, lambda: any("answer" in each for each in actors(second)))
    kill_node(second)
    out, said = command.communicate()
    assert command.returncode == 0, said
    assert "an actor or its node was lost; what it had goes to others (1 in all); 1 left" in said
    run = Run(Path(json.loads(out)["tuned"]["folder"]))
    manifest = run.verify()
    run.verify_plan()
    assert (manifest["engine"]["engine"], manifest["engine"]["inside"]) == ("ray", "hf")
    assert manifest["adapter_proof"]["largest_logit_change"] > 1

    mine = {sample.id: sample for sample in run.samples()}
    alone = get_candidate("tuned-hf", load_config(project / "harness.toml"))
    again = complete_runs([alone], Split.DEV, alone.config, fresh=True)["tuned-hf"]
    assert again.folder == run.folder  # one identity: either engine resumes and reuses the other's run
    assert again.manifest()["engine"]["engine"] == "hf"
    assert {sample.id: sample for sample in again.samples()} == mine


def judged_over(project: Path, url: str, address: str, **settings: Any) -> None:
    """The project's judge, asked from the nodes of the cluster."""
    judged_by(project, url, **settings)
    with (project / "harness.toml").open("a", encoding="utf-8") as file:
        file.write(f'[judge.ray]\naddress = "{address}"\n')


def test_judging_goes_on_without_a_killed_node(project: Path, nodes: Nodes) -> None:
    second = nodes.add()
    answer(project)
    with ScriptedServer(Script(delay=0.3)) as server:
        judged_over(project, server.url, nodes.address, concurrency=2)
        command = start(project, "judge", "run", "gold", "half", "--split", "dev", "--json")
        wait_for(command, lambda: server.script.at_once == 2)
        kill_node(second)
        out, said = command.communicate()
        assert command.returncode == 0, said
        found = json.loads(out)["total"]
        assert "an actor or its node was lost" in said
        assert (found["correct"], found["undecided"]) == (16, 0)
        assert len(server.script.asked) <= 12 + 1  # of 12 questions only the one that died with its node is asked again
        assert server.script.most_at_once == 2
        judged_by(project, server.url)
        assert judge(project)["total"] == found  # all is in the store; no cluster is needed to read it
        assert len(server.script.asked) <= 12 + 1


def test_the_budget_is_never_passed_by_two_nodes(project: Path, nodes: Nodes) -> None:
    nodes.add()
    answer(project)
    with ScriptedServer(Script(delay=0.02)) as server:
        judged_over(project, server.url, nodes.address, dollars=0.03, max_output_tokens=1000, concurrency=8)
        command = start(project, "judge", "run", "gold", "half", "--split", "dev", "--json")
        out, said = command.communicate()
        assert command.returncode == 0, said
        found, calls = json.loads(out)["total"], len(server.script.asked)
    assert found["dollars"] == pytest.approx(calls * 0.003)
    assert 0.03 - 0.02 < found["dollars"] <= 0.03  # what is left would not hold one more call at its most
    assert any("budget" in why for why in found["why_undecided"])
