"""Engine ray and the judge on a real cluster of two nodes: whoever is killed, all is answered and judged as on one machine."""

import json
import os
import pickle
import shutil
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
from conftest import ROOT, Harness, cut_suite
from scripted_project import answer, judge, judged_by
from server import Script, ScriptedServer

from harness.candidates.candidate import get_candidate
from harness.config import load_config
from harness.engines.ray_actor import Sent
from harness.errors import InputError, IntegrityError
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


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "harness", *arguments]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def on_ray(project: Path, address: str) -> Path:
    """The project with ``tuned`` on ray, and without it as ``tuned-hf``; two rows of a domain."""
    shutil.rmtree(project / "tasks")
    cut_suite(project / "tasks/facencial", rows=2)
    path = project / "harness.toml"
    text = path.read_text(encoding="utf-8").replace("max_new_tokens = 24", "max_new_tokens = 8")
    tuned = text[text.index("[candidates.tuned]") :]
    text = text.replace("[candidates.tuned]", "[candidates.tuned-hf]").replace("batch_size = 3", "batch_size = 1")
    path.write_text(f'{text}{tuned}engine = "ray"\n[ray]\naddress = "{address}"\n', encoding="utf-8")
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
def test_a_killed_node_leaves_no_trace_in_the_run(model_project: Path, nodes: Nodes) -> None:
    project = on_ray(model_project, nodes.address)
    second = nodes.add()
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


def served(project: Path, url: str, address: str) -> Path:
    """The project with a served candidate, asked from one actor."""
    path = project / "harness.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        f'{text}[candidates.served]\nengine = "ray"\ninside = "openai"\n'
        f'endpoint = {{ model = "scripted", base_url = "{url}", concurrency = 1 }}\n'
        f'ray = {{ address = "{address}", actors = 1 }}\n',
        encoding="utf-8",
    )
    return path


def test_a_killed_command_and_a_lost_actor_are_resumed(project: Path, nodes: Nodes) -> None:
    with ScriptedServer(Script(delay=0.3)) as server:
        path = served(project, server.url, nodes.address)
        command = start(project, "run", "served", "--split", "dev")
        wait_for(command, lambda: bool(stored(project)))
        command.kill()
        command.communicate()
        before = len(stored(project))
        assert 1 <= before < 8

        command = start(project, "run", "served", "--split", "dev")
        wait_for(command, lambda: len(stored(project)) > before)
        for process in psutil.Process(nodes.head).children(recursive=True):
            if any("Actor" in part for part in process.cmdline()):
                process.kill()
        said = command.communicate()[1]
        assert command.returncode == 2
        assert said.splitlines()[-1].startswith(
            "harness: no node of the Ray cluster is left to answer; what was answered"
        )
        assert before < len(stored(project)) < 8

        text = path.read_text(encoding="utf-8").replace('engine = "ray"\ninside = "openai"', 'engine = "openai"')
        path.write_text(text.partition("ray = {")[0], encoding="utf-8")
        candidate = get_candidate("served", load_config(path))
        run = complete_runs([candidate], Split.DEV, candidate.config)["served"]
        assert run.verify()["engine"]["inside"] == "openai"  # begun on ray, ended without
        run.verify_plan()
        assert len(server.script.asked) <= 8 + 2  # the calls that died with the command and with the actor


def test_room_for_actors_is_looked_for_before_anything_waits(project: Path, nodes: Nodes, harness: Harness) -> None:
    path = served(project, "http://127.0.0.1:9/v1", nodes.address)
    path.write_text(path.read_text(encoding="utf-8").replace("actors = 1", "actors = 99"), encoding="utf-8")
    done = harness(project, "run", "served", "--split", "dev")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert "actors of 1 CPUs and 0 GPUs, not for 99; change actors, cpus or gpus, or add nodes" in done.stderr


def test_a_node_with_other_files_does_not_answer(model_project: Path) -> None:
    project = on_ray(model_project, "auto")
    config = load_config(project / "harness.toml")
    asked, alone = get_candidate("tuned", config), get_candidate("tuned-hf", config)
    assert asked.fingerprint == alone.fingerprint
    sent = pickle.loads(pickle.dumps(Sent.of(asked.inside)))
    assert sent.here().engine == "hf"
    with (project / "adapter/adapter_config.json").open("a", encoding="utf-8") as file:
        file.write("\n")
    with pytest.raises(
        IntegrityError, match=r"candidate tuned: its files under .* are not those of the node that asks"
    ):
        sent.here()


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ('engine = "ray"\nanswers = "gold.jsonl"', "engine ray needs model"),
        ('engine = "ray"\ninside = "openai"', "engine ray needs endpoint"),
        ('engine = "openai"\ninside = "hf"\nendpoint = { model = "m" }', "engine openai has no inside"),
        ('engine = "recorded"\nanswers = "gold.jsonl"\nray = { actors = 2 }', "engine recorded has no ray"),
        ('engine = "ray"\nmodel = "small"\nray = { actor = 2 }', "unknown key .*actor; did you mean 'actors'"),
        ('engine = "ray"\nmodel = "small"\nray = { address = "ray://head:10001" }', "address"),
    ],
)
def test_what_cannot_be_meant_is_said(project: Path, keys: str, said: str) -> None:
    path = project / "harness.toml"
    path.write_text(f"{path.read_text(encoding='utf-8')}[candidates.x]\n{keys}\n", encoding="utf-8")
    with pytest.raises(InputError, match=said):
        load_config(path)


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
