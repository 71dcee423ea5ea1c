"""The openai engine against a real HTTP server that does right and wrong: nothing is lost, and nothing is bought twice."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from conftest import Harness
from judge.server import Reply, Script, ScriptedServer, body_of

from harness.candidates.candidate import get_candidate
from harness.config import load_config
from harness.errors import InputError
from harness.runs.answering import complete_runs
from harness.runs.store import Run
from harness.suite.item import Split

KEY = "sk-scripted-0123456789"
TEXT = "<think>Harga ada di daftar.</think><output>Rp 520.000 per bulan.</output>"


class Serving(ScriptedServer):
    """Answers as a model does that does not stop by itself; ``shape``, ``think`` and ``refusal`` are its own faults."""

    def reply(self, what: str, api: str, request: dict[str, Any]) -> Reply:
        if what in ("ok", "slow", "cut"):
            return (
                200,
                {},
                json.dumps(body_of(api, self.script.model or request["model"], TEXT + " Terima kasih.")).encode(),
            )
        if what == "shape":
            return 200, {}, b'{"choices": []}'
        if what == "think":
            body = body_of(api, request["model"], "<output>Ya.</output>")
            body["choices"][0]["message"]["reasoning_content"] = "Jelas."
            return 200, {}, json.dumps(body).encode()
        return super().reply(what, api, request)


def served(folder: Path, url: str, endpoint: str = "", generation: str = "max_new_tokens = 64, seed = 7") -> Path:
    """Add the candidate ``served`` to the project."""
    path = folder / "harness.toml"
    kept = path.read_text(encoding="utf-8").partition("[candidates.served]")[0]
    prompt = folder / "tasks/facencial/prompts/service.txt"
    path.write_text(
        kept + f'[candidates.served]\nengine = "openai"\nsystem_prompt = "{prompt}"\ngeneration = {{ {generation} }}\n'
        f'[candidates.served.endpoint]\nmodel = "scripted"\nbase_url = "{url}"\nconcurrency = 2\nretries = 2\n'
        f'longest_wait = 0.02\nkey_variable = "SERVED_KEY"\n{endpoint}',
        encoding="utf-8",
    )
    return path


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVED_KEY", KEY)


def answer(folder: Path) -> Run:
    config = load_config(folder / "harness.toml")
    return complete_runs([get_candidate("served", config)], Split.DEV, config)["served"]


def asked_messages(script: Script) -> Counter[str]:
    return Counter(request["messages"][-1]["content"] for request in script.asked)


# More 429s than tries, and no more other faults than retries: one question may meet them all.
@pytest.mark.parametrize("faults", ["429 503 ok 429 429 body 429date ok 429", "shape ok 429 cut", "500 ok 429 429 429"])
def test_faults_are_overcome_and_the_cost_is_counted(project: Path, faults: str) -> None:
    with Serving(Script(plan=faults.split())) as server:
        served(project, server.url, "prices = { input = 1.0, output = 10.0 }\n")
        run = answer(project)
        script = server.script
    samples = run.samples()
    assert [sample.completion for sample in samples] == [TEXT] * 8
    assert script.met["ok"] == 8
    for request in script.asked:
        assert set(request) == {"model", "messages", "max_tokens", "seed"}  # nothing that the file does not set
        assert (request["max_tokens"], request["seed"]) == (64, 7)
        assert request["messages"][0]["role"] == "system"
    assert {sample.prompt for sample in samples} == {
        json.dumps(each["messages"], ensure_ascii=False) for each in script.asked
    }
    manifest = run.manifest()
    assert manifest["usage"] == {"replies": 8, "prompt_tokens": 8000, "completion_tokens": 1600, "served": ["scripted"]}
    assert manifest["cost_dollars"] == pytest.approx(8 * (1000 * 1.0 + 200 * 10.0) / 1e6)
    assert run.verify()
    assert not any(KEY in path.read_text(encoding="utf-8") for path in run.folder.iterdir())
    assert {headers["authorization"] for headers in script.headers} == {f"Bearer {KEY}"}


def test_a_run_stopped_by_a_failing_server_goes_on(project: Path, harness: Harness) -> None:
    script = Script(plan=["ok"] * 3, faults=1.0, kinds=("500",))
    with Serving(script) as server:
        port = server._port
        served(project, server.url)
        stopped = harness(project, "run", "served", "--split", "dev")
    assert stopped.returncode == 2
    assert "the server said 500" in stopped.stderr
    assert "run the same command again" in stopped.stderr
    assert "Traceback" not in stopped.stderr
    assert len(script.asked) <= 3 + 2 * 3  # nothing new was begun after the first failure
    with Serving(Script(), port) as server:
        run = answer(project)
        again = asked_messages(server.script)
    assert len(again) == 5
    assert len(run.samples()) == 8
    assert "cost_dollars" not in run.manifest()  # no prices, no cost


def test_killed_and_resumed_without_asking_answered_items_again(project: Path) -> None:
    with Serving(Script(delay=0.15)) as server:
        served(project, server.url)
        process = subprocess.Popen(
            [sys.executable, "-m", "harness", "run", "served", "--split", "dev"], cwd=project, env=os.environ,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        samples: list[Path] = []
        while not samples or samples[0].read_text(encoding="utf-8").count("\n") < 3:
            assert process.poll() is None, process.communicate()
            time.sleep(0.01)
            samples = list(project.glob(".harness/runs/*/samples.jsonl"))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        stored = [json.loads(line) for line in samples[0].read_text(encoding="utf-8").splitlines()]
        before = len(server.script.asked)
        run = answer(project)
        later = {json.dumps(each["messages"], ensure_ascii=False) for each in server.script.asked[before:]}
    assert 3 <= len(stored) < 8
    assert not later & {row["prompt"] for row in stored}
    assert len(later) == 8 - len(stored)
    assert run.manifest()["usage"]["replies"] >= 8


@pytest.mark.parametrize(
    ("script", "endpoint", "code", "said"),
    [
        (Script(model="another"), "", 4, "answers as model 'another', not 'scripted'"),
        (Script(faults=1.0, kinds=("slow",)), "timeout = 0.1\n", 2, "no reply within 0.1 s (3 tries)"),
        (Script(faults=1.0, kinds=("body",)), "", 2, "the reply is no chat completion"),
        (Script(faults=1.0, kinds=("401",)), "", 2, "the server refuses the key in SERVED_KEY"),
        (Script(faults=1.0, kinds=("404",)), "", 2, "mend [candidates.served.endpoint]"),
    ],
)
def test_what_cannot_be_overcome_is_one_line(
    project: Path, harness: Harness, script: Script, endpoint: str, code: int, said: str
) -> None:
    with Serving(script) as server:
        served(project, server.url, endpoint)
        done = harness(project, "run", "served", "--split", "dev")
    assert (done.returncode, done.stderr.count("\n")) == (code, 1), done.stderr
    assert said in done.stderr
    assert KEY not in done.stderr


def test_a_server_that_is_not_there(project: Path, harness: Harness) -> None:
    served(project, "http://127.0.0.1:9/v1")
    done = harness(project, "run", "served", "--split", "dev")
    assert done.returncode == 2
    assert "connection lost" in done.stderr


def test_openai_without_a_key_is_said_before_anything_is_asked(
    project: Path, harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SERVED_KEY")
    served(project, "https://api.openai.com/v1")
    done = harness(project, "run", "served", "--split", "dev")
    assert done.returncode == 2
    assert "candidate served (scripted) needs a key: set the environment variable SERVED_KEY" in done.stderr


def test_a_reported_name_and_reasoning_apart(project: Path) -> None:
    with Serving(Script(model="folder/of/weights")) as server:
        served(project, server.url, 'reports = "folder/of/weights"\n')
        assert answer(project).manifest()["usage"]["served"] == ["folder/of/weights"]
    with Serving(Script(plan=["think"] * 4 + ["refusal"] * 4)) as server:
        served(project, server.url)
        found = Counter(sample.completion for sample in answer(project).samples())
    assert found == {"<think>Jelas.</think><output>Ya.</output>": 4, "I cannot help with that.": 4}


def test_identity_is_the_model_the_address_and_what_is_sent(project: Path) -> None:
    def fingerprint(url: str = "http://127.0.0.1:9/v1", **keys: str) -> str:
        return get_candidate("served", load_config(served(project, url, **keys))).fingerprint

    plain = fingerprint()
    assert fingerprint(endpoint="timeout = 3.0\n") == plain
    assert fingerprint(url="http://127.0.0.1:9/v1/") == plain
    different = {
        fingerprint(url="http://127.0.0.1:10/v1"),
        fingerprint(endpoint='reasoning_effort = "low"\n'),
        fingerprint(generation="max_new_tokens = 64"),
        fingerprint(
            generation="max_new_tokens = 64, seed = 7, temperature = 0.0"
        ),  # sent, where else the server decides
    }
    assert len(different | {plain}) == 5


def test_samples_differ_by_seed_unless_greedy(project: Path) -> None:
    config = load_config(served(project, "http://127.0.0.1:9/v1", generation="max_new_tokens = 64"))
    candidate = get_candidate("served", config)
    assert candidate.sampled(1).generation.given() == {"seed": 1}
    greedy = get_candidate(
        "served", load_config(served(project, "http://127.0.0.1:9/v1", generation="temperature = 0.0"))
    )
    assert greedy.sampled(1) is greedy


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ('engine = "openai"\n', "engine openai needs endpoint"),
        ('engine = "openai"\nmodel = "m"\nendpoint = { model = "m" }\n', "engine openai has no model"),
        ('engine = "openai"\nendpoint = { model = "m", base_ur = "http://x/v1" }\n', "did you mean 'base_url'"),
        ('engine = "openai"\nendpoint = { model = "m", base_url = "localhost:8000" }\n', "base_url"),
    ],
)
def test_tables_that_cannot_be_meant(project: Path, keys: str, said: str) -> None:
    path = project / "harness.toml"
    path.write_text(f"{path.read_text(encoding='utf-8')}[candidates.x]\n{keys}", encoding="utf-8")
    with pytest.raises(InputError, match=said):
        load_config(path)
