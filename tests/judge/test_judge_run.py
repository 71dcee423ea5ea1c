"""``harness judge run`` against a scripted server: every fault ends judged or undecided, and nothing is bought twice."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from bodies import judged, prompt_of
from conftest import Harness
from scripted_project import answer, command, judge, judged_by
from server import Script, ScriptedServer

from harness.scoring.judge.record import read_judgements

KEY = "sk-proj-abcdefghijklmnop"


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)


@pytest.fixture
def answered(project: Path) -> Path:
    return answer(project)


def files(project: Path) -> list[Path]:
    return sorted(project.glob(".harness/runs/*/judgements-*.jsonl"))


def judgements(project: Path) -> list[Any]:
    return [each for path in files(project) for each in read_judgements(path).values()]


def by_answer(prompt: str) -> dict[str, Any]:
    return judged("incorrect" if "Entahlah." in prompt else "correct")


@pytest.mark.parametrize("api", ["responses", "chat"])
def test_answers_are_judged_and_stored(answered: Path, api: str) -> None:
    with ScriptedServer(Script(decide=by_answer)) as server:
        judged_by(answered, server.url, api=api)
        found = judge(answered)
        again = judge(answered)
        script = server.script
    gold, half = found["candidates"]["gold"], found["candidates"]["half"]
    assert (gold["correct"], gold["incorrect"]) == (8, 0)
    assert (half["correct"], half["incorrect"], half["undecided"]) == (4, 4, 0)
    assert len(script.asked) == 12  # four of half's answers are gold's, word for word
    assert found["total"]["tokens_in"] == 12 * 1000
    assert found["total"]["dollars"] == pytest.approx(12 * (1000 * 1.0 + 200 * 10.0) / 1e6)
    assert again["total"] == found["total"]
    request = script.asked[0]
    assert "temperature" not in request
    assert "top_p" not in request
    form = request["text"]["format"] if api == "responses" else request["response_format"]["json_schema"]
    assert form["strict"] is True
    assert form["schema"]["additionalProperties"] is False
    one = judgements(answered)[0]
    assert one.model_asked == one.model_reported == "scripted"
    assert one.reasons["verdict"] == "It says “Halo”."
    assert one.knowledge
    assert one.delivered


def test_sampling_is_sent_where_configured_whatever_the_models_name(answered: Path) -> None:
    with ScriptedServer(Script()) as server:
        judged_by(answered, server.url, model="gpt-5", temperature=0.0, top_p=0.5, reasoning_effort="low")
        judge(answered, "--limit", "1")
        request = server.script.asked[0]
    assert (request["temperature"], request["top_p"], request["reasoning"]) == (0.0, 0.5, {"effort": "low"})


FAULTS = {
    "429": None, "429date": None, "500": None, "503": None, "slow": None, "drip": None, "cut": None, "body": None, "text": None,
    "schema": None, "empty": None, "failed": None,
    "refusal": "the judge refused: I cannot help with that.",
    "model": "asked scripted, but another-model answered",
    "length": "the reply was cut off at max_output_tokens",
    "filter": "content filter",
    "400": "the server said 400",
}  # fmt: skip


@pytest.mark.parametrize("api", ["responses", "chat"])
def test_one_fault_of_each_kind(answered: Path, api: str) -> None:
    """Faults that another try may mend are mended; the others leave their reason."""
    kinds = [kind for kind in FAULTS if api == "responses" or kind != "failed"]
    with ScriptedServer(Script(plan=kinds)) as server:
        judged_by(answered, server.url, api=api)
        found = judge(answered)["total"]
        met = server.script.met
    assert set(met) == {*kinds, "ok"}
    lasting = [why for why in FAULTS.values() if why]
    assert found["undecided"] >= len(lasting)
    for why in lasting:
        assert any(why in reason for reason in found["why_undecided"])
    assert set(found["why_undecided"]) == {each.why_undecided for each in judgements(answered) if each.why_undecided}
    assert found["correct"] + found["undecided"] == 16


@pytest.mark.parametrize("fault", ["429", "500", "slow", "cut", "text", "schema", "empty", "body"])
def test_a_fault_that_stays_ends_undecided_and_is_asked_again_next_time(answered: Path, fault: str) -> None:
    with ScriptedServer(Script(plan=[fault] * 400)) as server:
        judged_by(answered, server.url, retries=1, timeout=0.3)
        found = judge(answered, "--limit", "2")["total"]
        assert found["undecided"] == 4
        assert all(each.failed and each.why_undecided for each in judgements(answered))
        assert server.script.met[fault] >= 4
        server.script.plan.clear()
        assert judge(answered, "--limit", "2")["total"]["undecided"] == 0
    assert not any(each.failed for each in judgements(answered))


@pytest.mark.parametrize(
    ("fault", "said"),
    [("401", "refuses the key in OPENAI_API_KEY"), ("404", "no model 'scripted'"), ("quota", "no credit left")],
)
def test_what_no_call_can_pass_ends_the_command(answered: Path, harness: Harness, fault: str, said: str) -> None:
    with ScriptedServer(Script(plan=[fault] * 100)) as server:
        judged_by(answered, server.url)
        done = harness(answered, "judge", "run", "gold", "--split", "dev")
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_the_key_stands_nowhere(answered: Path, harness: Harness) -> None:
    """Also where the server says it back."""
    with ScriptedServer(Script(decide=lambda prompt: {**judged(), "verdict_reason": f"key {KEY}"})) as server:
        server.script.plan = ["400"]
        judged_by(answered, server.url)
        done = harness(answered, "--debug", "judge", "run", "gold", "--split", "dev")
        assert server.script.headers[0]["authorization"] == f"Bearer {KEY}"
    assert done.returncode == 0
    written = done.stdout.encode() + done.stderr.encode()
    written += b"".join(path.read_bytes() for path in answered.rglob("*") if path.is_file())
    assert KEY.encode() not in written
    assert b"[key]" in written


def test_without_a_key_openai_is_not_asked(answered: Path, harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    judged_by(answered, "https://api.openai.com/v1")
    done = harness(answered, "judge", "run", "gold", "--split", "dev")
    assert done.returncode == 2
    assert "set the environment variable OPENAI_API_KEY" in done.stderr
    assert "$" in done.stderr.splitlines()[0]  # the estimate comes first
    assert not files(answered)


def test_the_budget_is_never_passed(answered: Path) -> None:
    with ScriptedServer(Script(delay=0.02)) as server:
        judged_by(answered, server.url, dollars=0.03, max_output_tokens=1000, concurrency=8)
        found = judge(answered)["total"]
        calls = len(server.script.asked)
        assert 0 < calls < 12
        assert found["dollars"] == pytest.approx(calls * 0.003)
        assert found["dollars"] <= 0.03
        # What is left would not hold one more call at its most.
        assert found["dollars"] > 0.03 - 0.02
        assert any("budget" in why for why in found["why_undecided"])
        judge(answered)
        assert len(server.script.asked) == calls  # the budget holds over commands
        path = answered / "harness.toml"
        path.write_text(path.read_text().replace("dollars = 0.03", "dollars = 5.0"))
        assert judge(answered)["total"]["undecided"] == 0
    assert len(server.script.asked) == 12


def test_lost_calls_count_at_their_most(answered: Path) -> None:
    """A call that timed out may have been billed."""
    with ScriptedServer(Script(plan=["slow"] * 100)) as server:
        judged_by(answered, server.url, tokens=40000, max_output_tokens=1000, timeout=0.2, retries=20)
        found = judge(answered)["total"]
        assert found["undecided"] == 16
        assert len(server.script.asked) < 8


def test_rate_limit_headers_are_obeyed(answered: Path) -> None:
    with ScriptedServer(Script(limit=(4, 0.5))) as server:
        judged_by(answered, server.url, concurrency=4)
        assert judge(answered)["total"]["undecided"] == 0
        assert server.script.most_at_once <= 4
        assert server.script.met["429"] == 0
    assert server.script.met["ok"] == 12


def test_retry_after_holds_all_workers_back(answered: Path) -> None:
    with ScriptedServer(Script(limit=(3, 0.6))) as server:
        judged_by(answered, server.url, concurrency=12, retries=0)
        assert judge(answered)["total"]["undecided"] == 0
    # The first twelve start before any header is heard; later ones keep to what the server allows.
    assert server.script.met["429"] <= 9 + 3
    assert server.script.met["ok"] == 12


def test_a_kill_loses_no_stored_reply(answered: Path) -> None:
    with ScriptedServer(Script(delay=0.1)) as server:
        judged_by(answered, server.url, concurrency=2)
        command = [sys.executable, "-m", "harness", "judge", "run", "gold", "half", "--split", "dev"]
        for _ in range(3):
            before = stored(answered)
            process = subprocess.Popen(command, cwd=answered, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            while stored(answered) < before + 2 and process.poll() is None:
                time.sleep(0.01)
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert judge(answered)["total"]["undecided"] == 0
        bought, asked = server.script.answered, len(server.script.asked)
    assert len(bought) == 12
    assert asked <= 12 + 3 * 2  # at most the calls in flight repeat
    assert len(judgements(answered)) == 16


def stored(project: Path) -> int:
    path = project / ".harness/judge/replies.sqlite"
    if not path.is_file():
        return 0
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
            return int(db.execute("SELECT COUNT(*) FROM replies WHERE usable").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def test_two_processes_share_a_store(answered: Path) -> None:
    with ScriptedServer(Script(delay=0.05)) as server:
        judged_by(answered, server.url, concurrency=2)
        processes = [
            subprocess.Popen(
                [sys.executable, "-m", "harness", "judge", "run", name, "--split", "dev"], cwd=answered,
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=os.environ,
            )
            for name in ("gold", "half")
        ]  # fmt: skip
        for process in processes:
            _, errors = process.communicate()
            assert process.returncode == 0, errors
    assert len(judgements(answered)) == 16
    assert 12 <= len(server.script.asked) <= 16


def test_a_torn_line_is_cut_and_judged_again_for_free(answered: Path) -> None:
    with ScriptedServer(Script()) as server:
        judged_by(answered, server.url)
        judge(answered)
        path = files(answered)[0]
        path.write_bytes(path.read_bytes()[:-40])
        judge(answered)
        assert len(server.script.asked) == 12
    assert len(read_judgements(path)) == 8
    assert all(json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())


def test_an_empty_answer_is_wrong_without_a_call(project: Path) -> None:
    rows = [json.loads(line) for line in (project / "half.jsonl").read_text(encoding="utf-8").splitlines()]
    text = "".join(json.dumps({**row, "completion": "<think>x</think><output></output>"}) + "\n" for row in rows)
    (project / "half.jsonl").write_text(text, encoding="utf-8")
    answer(project)
    with ScriptedServer(Script()) as server:
        judged_by(project, server.url)
        done = command(project, "judge", "run", "half", "--split", "dev", "--json")
        assert server.script.asked == []
    assert json.loads(done.stdout)["total"]["incorrect"] == 8


def test_a_wrong_reasoning_is_told_apart(answered: Path) -> None:
    with ScriptedServer(Script(decide=lambda prompt: judged("correct", reasoning="unsound"))) as server:
        judged_by(answered, server.url)
        judge(answered, "--limit", "1")
        assert "apart from the answer" in prompt_of(server.script.asked[0]) or "terpisah" in prompt_of(
            server.script.asked[0]
        )
    assert {(each.verdict, each.reasoning) for each in judgements(answered)} == {("correct", "unsound")}
