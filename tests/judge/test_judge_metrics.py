"""A judge's verdicts in compare, gate, rank: there only where one judge judged every run, undecided against the candidate."""

import json
from pathlib import Path
from typing import Any

import pytest
from bodies import judged
from scripted_project import answer, command, judge, judged_by
from server import Script, ScriptedServer

from harness.errors import InputError, IntegrityError
from harness.journal import with_checksum

PRIMARY = 'primary_metric = "judge_correct"\n'


@pytest.fixture
def answered(project: Path) -> Path:
    return answer(project)


def compare(project: Path) -> dict[str, Any]:
    done = command(project, "compare", "gold", "half", "--split", "dev", "--json")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def by_answer(prompt: str) -> dict[str, Any]:
    return judged("incorrect", 2) if "Entahlah." in prompt else judged("correct", 5)


def test_without_a_judge_the_comparison_says_so(answered: Path) -> None:
    found = compare(answered)
    assert found["judge"] == "no judge ran"
    assert not any(metric.startswith("judge_") for metric in found["candidates"][0]["metrics"])


def test_a_judged_comparison_names_judge_cost_and_latency(answered: Path) -> None:
    with ScriptedServer(Script(decide=by_answer)) as server:
        judged_by(answered, server.url, top=PRIMARY)
        judge(answered)
    found = compare(answered)
    metrics = {each["name"]: each["metrics"] for each in found["candidates"]}
    assert metrics["gold"]["judge_correct"]["mean"] == 1
    assert metrics["half"]["judge_correct"]["mean"] == 0.5
    assert metrics["half"]["judge_clarity"]["mean"] == pytest.approx((1.0 + 0.25) / 2)
    assert found["verdicts"][0]["diff"] == 0.5
    said = found["judge"]
    assert "scripted (rubric v1" in said
    assert "16 judgements, 0 undecided, 12,000 tokens read and 2,400 written, $0.04" in said
    assert "s a reply" in said
    shown = command(answered, "compare", "gold", "half", "--split", "dev").stdout
    assert "judge_correct" in shown
    assert (
        json.loads(command(answered, "rank", "gold", "half", "--split", "dev", "--json").stdout)["metric"]
        == "judge_correct"
    )


def test_undecided_counts_against_and_is_shown(answered: Path) -> None:
    decide = lambda prompt: judged("undecided") if "Entahlah." in prompt else judged()  # noqa: E731
    with ScriptedServer(Script(decide=decide)) as server:
        judged_by(answered, server.url, top=PRIMARY)
        judge(answered)
    half = next(each for each in compare(answered)["candidates"] if each["name"] == "half")
    assert half["undecided"] == 4
    assert half["metrics"]["judge_correct"]["mean"] == 0.5
    assert half["highest"] == 1


def test_a_metric_of_a_judge_that_did_not_judge_all_is_refused(answered: Path) -> None:
    with ScriptedServer(Script()) as server:
        judged_by(answered, server.url, top=PRIMARY)
        command(answered, "judge", "run", "gold", "--split", "dev")
        with pytest.raises(InputError, match=r"has not judged all answers of half.*harness judge run half --split dev"):
            compare(answered)
        judge(answered, "--limit", "3")
        with pytest.raises(InputError, match="not judged all answers of half"):
            compare(answered)


def test_another_judge_is_another_instrument(answered: Path) -> None:
    with ScriptedServer(Script()) as server:
        judged_by(answered, server.url)
        judge(answered)
        assert compare(answered)["judge"] != "no judge ran"
        judged_by(answered, server.url, temperature=1.0)
        assert compare(answered)["judge"] == "no judge ran"


def test_a_judgement_of_another_answer_is_an_integrity_error(answered: Path) -> None:
    with ScriptedServer(Script()) as server:
        judged_by(answered, server.url)
        judge(answered)
    path = next(answered.glob(".harness/runs/*/judgements-*.jsonl"))
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    rows[0]["answer_sha256"] = "0" * 64
    whole = [with_checksum(json.dumps({key: value for key, value in row.items() if key != "crc32"})) for row in rows]
    path.write_text("".join(line + "\n" for line in whole), encoding="utf-8")
    with pytest.raises(IntegrityError, match="judged by another answer"):
        compare(answered)


def test_a_right_answer_that_does_not_reach_the_customer_is_not_right(project: Path) -> None:
    path = project / "gold.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace("</output>", ""), encoding="utf-8")
    answer(project)
    with ScriptedServer(Script()) as server:
        judged_by(project, server.url, top=PRIMARY)
        assert judge(project)["candidates"]["gold"]["correct"] == 8
    gold = next(each for each in compare(project)["candidates"] if each["name"] == "gold")
    assert gold["metrics"]["judge_correct"]["mean"] == 0


def test_the_gate_decides_by_the_judge(answered: Path) -> None:
    with ScriptedServer(Script(decide=by_answer)) as server:
        judged_by(answered, server.url, top=PRIMARY)
        command(answered, "run", "gold", "half")
        done = command(answered, "judge", "run", "gold", "half")
        assert done.exit_code == 0
    verdict = json.loads(command(answered, "gate", "gold", "--json").stdout)
    assert verdict["primary"] == "judge_correct"
    assert "judged by scripted" in verdict["judge"]
