"""The Batch API: half the price, and a restart at any step buys nothing twice."""

import json
import sqlite3
from pathlib import Path

import pytest
from scripted_project import answer, command, judge, judged_by, stop_when_submitted
from server import Script, ScriptedServer

from harness.errors import HarnessError


@pytest.fixture
def answered(project: Path) -> Path:
    return answer(project)


@pytest.mark.parametrize("api", ["responses", "chat"])
def test_a_batch_is_submitted_polled_and_collected(answered: Path, api: str) -> None:
    with ScriptedServer(Script()) as server:
        judged_by(answered, server.url, api=api)
        found = judge(answered, "--batch")["total"]
        assert (found["correct"], found["undecided"]) == (16, 0)
        assert found["dollars"] == pytest.approx(12 * 0.003 / 2)
        assert judge(answered)["total"] == found  # and judging one by one finds all of it stored
        assert server.script.asked == []
    assert len(server.script.batches) == 1


def test_failures_in_a_batch_are_undecided_and_asked_again(answered: Path) -> None:
    with ScriptedServer(Script(plan=["text", "500", "refusal", "model", "body"])) as server:
        judged_by(answered, server.url)
        found = judge(answered, "--batch")["total"]
        assert found["undecided"] >= 5
        assert any("server said 500" in why for why in found["why_undecided"])
        again = judge(answered, "--batch")["total"]
    assert set(again["why_undecided"]) == {"the judge refused: I cannot help with that."}
    assert len(server.script.batches) == 2


def test_a_batch_under_way_is_waited_for_after_a_restart(answered: Path) -> None:
    with ScriptedServer(Script()) as server:
        judged_by(answered, server.url)
        server.script.batch_polls = 10**9
        stop_when_submitted(answered, server)
        server.script.batch_polls = 1
        assert judge(answered, "--batch")["total"]["correct"] == 16
    assert len(server.script.batches) == 1


def test_a_batch_whose_id_was_never_heard_is_found_on_the_server(answered: Path) -> None:
    with ScriptedServer(Script()) as server:
        judged_by(answered, server.url)
        server.script.batch_polls = 10**9
        stop_when_submitted(answered, server)
        with sqlite3.connect(answered / ".harness/judge/replies.sqlite") as db:
            assert db.execute("UPDATE batches SET id = NULL").rowcount == 1
        server.script.batch_polls = 1
        assert judge(answered, "--batch")["total"]["correct"] == 16
    assert len(server.script.batches) == 1


def test_a_batch_that_never_arrived_is_submitted_anew(answered: Path) -> None:
    with ScriptedServer(Script()) as server:
        judged_by(answered, server.url)
        server.script.batch_polls = 10**9
        stop_when_submitted(answered, server)
        with sqlite3.connect(answered / ".harness/judge/replies.sqlite") as db:
            db.execute("UPDATE batches SET id = NULL")
        server.script.batches.clear()
        server.script.batch_polls = 1
        assert judge(answered, "--batch")["total"]["correct"] == 16


def test_a_batch_beyond_the_budget_is_not_submitted(answered: Path) -> None:
    with ScriptedServer(Script()) as server:
        judged_by(answered, server.url, dollars=0.02)
        with pytest.raises(HarnessError, match="could pass the budget"):
            command(answered, "judge", "run", "gold", "--split", "dev", "--batch")
    assert not server.script.batches


def test_requests_of_a_batch_are_those_sent_one_by_one(answered: Path) -> None:
    with ScriptedServer(Script()) as server:
        judged_by(answered, server.url)
        judge(answered, "--batch")
        lines = [json.loads(line) for line in server.script.files["file-0"].decode().splitlines()]
    with ScriptedServer(Script()) as single:
        judged_by(answered, single.url)
        judge(answered)
    key = lambda body: json.dumps(body["input"], sort_keys=True)  # noqa: E731
    assert {key(line["body"]): line["body"] for line in lines} == {key(body): body for body in single.script.asked}
