"""``harness correct`` over real HTTP: what enters, what is queued, what is refused, and what a kill costs."""

import json
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
from bodies import judged
from conftest import Harness
from scripted_project import command, judged_by
from server import Script, ScriptedServer
from taught_project import WRONG, _key, answered, correct, dataset, suite, teaching, wrong_items

from harness.corrections import load_corrections
from harness.corrections.checks import Checks
from harness.corrections.correcting import feedback_run
from harness.corrections.record import add_line
from harness.errors import InputError, IntegrityError
from harness.labels.store import LabelStore
from harness.runs.store import Run
from harness.scoring import scorer_versions
from harness.suite.item import Split
from harness.suite.suite import Suite

__all__ = ["_key", "answered", "suite"]  # fixtures


@pytest.mark.parametrize("api", ["responses", "chat"])
def test_a_planted_wrong_correction_does_not_enter_and_is_queued(answered: Path, suite: Suite, api: str) -> None:
    first, *others = wrong_items(suite)
    with ScriptedServer(Script(decide=teaching(suite, {first.id: "Harganya Rp99.999 saja, Kak."}))) as server:
        judged_by(answered, server.url, api=api)
        found = correct(answered)
        again = correct(answered)
        asked, schema = len(server.script.asked), json.dumps(server.script.asked[0])
    assert (found["wrong"], found["known"], found["entered"], found["queued"]) == (4, 0, 3, 1)
    assert (again["known"], again["entered"], again["queued"], again["tokens"]) == (4, 0, 0, 0)
    assert asked == 4
    assert '"think"' in schema
    assert '"strict": true' in schema
    entered = load_corrections(dataset(answered).path)
    assert {each.item for each in entered} == {item.id for item in others}
    one = entered[0]
    assert (one.rejected, one.author_kind, one.model, one.teacher) == (WRONG, "model", "scripted", "judge")
    assert (one.cost.tokens_in, one.cost.tokens_out) == (1000, 200)
    assert one.cost.dollars == pytest.approx(0.003)
    assert one.wrong_by == f"correct (correct {scorer_versions()['correct']})"
    assert {"correct", "unsupported", "format", "language"} <= set(one.instruments)
    assert one.knowledge
    assert one.completion == f"<think>{one.think}</think>\n<output>{one.output}</output>"
    (refused,) = dataset(answered).refusals()
    assert refused.item == first.id
    assert any("unsupported: rp99.999" in reason.lower() for reason in refused.reasons)
    store = LabelStore(answered / ".harness/labels.sqlite")
    (review,) = store.reviews()
    assert (review.split, review.items) == ("feedback", 1)
    status = json.loads(command(answered, "review", "status", "--json").stdout)["reviews"]
    assert status[0]["tasks"] == 1


def test_the_teacher_sees_facts_and_question_and_no_gold(answered: Path, suite: Suite) -> None:
    with ScriptedServer(Script(decide=teaching(suite))) as server:
        judged_by(answered, server.url)
        correct(answered)
        prompts = [json.dumps(each, ensure_ascii=False) for each in server.script.asked]
    for item in wrong_items(suite):
        (mine,) = [prompt for prompt in prompts if json.dumps(item.problem, ensure_ascii=False)[1:-1] in prompt]
        assert item.expected_answer not in mine
        assert "Entahlah" not in mine
        assert suite.knowledge["support.email"].text[item.language] in mine


def test_a_candidate_can_teach(answered: Path) -> None:
    found = correct(answered, "--teacher", "gold", "--into", "by-gold")
    assert (found["entered"], found["queued"]) == (4, 0)
    entered = load_corrections(answered / "corrections/by-gold.jsonl")
    assert {each.teacher for each in entered} == {"gold"}
    assert correct(answered, "--teacher", "gold", "--into", "by-gold")["known"] == 4
    poor = correct(answered, "--teacher", "half", "--into", "by-half")
    assert (poor["entered"], poor["queued"]) == (0, 4)


def test_a_served_candidate_can_teach_and_is_paid_for_once(answered: Path) -> None:
    with ScriptedServer(Script()) as server:
        path = answered / "harness.toml"
        with path.open("a", encoding="utf-8") as file:
            file.write(
                f'[candidates.open-book]\nengine = "openai"\nretrieval = {{ top = 3 }}\n'
                f'endpoint = {{ model = "scripted", base_url = "{server.url}", prices = {{ input = 1.0, output = 10.0 }} }}\n'
            )
        found = correct(answered, "--teacher", "open-book")
        correct(answered, "--teacher", "open-book")
        asked = len(server.script.asked)
    assert (found["queued"], asked) == (4, 4)  # the scripted server's JSON is no answer in tags
    refused = dataset(answered).refusals()
    assert all(len(each.knowledge) == 3 and each.cost.dollars == pytest.approx(0.003) for each in refused)
    assert all(any(reason.startswith("format") for reason in each.reasons) for each in refused)


def test_the_judge_or_people_can_say_what_is_wrong(answered: Path, suite: Suite) -> None:
    with pytest.raises(InputError, match="harness judge run half --split feedback"):
        command(answered, "correct", "half", "--by", "judge")
    with pytest.raises(InputError, match="harness review start half --split feedback"):
        command(answered, "correct", "half", "--by", "labels")
    with pytest.raises(InputError, match="correct_lenient"):
        command(answered, "correct", "half", "--by", "rougeL")
    items, teach = suite.items(Split.FEEDBACK), teaching(suite)
    disliked = items[0]  # a right answer, to tell who was asked

    def decide(prompt: str) -> dict[str, Any]:
        if " answer ===" in prompt:
            return judged("incorrect" if f"\n{disliked.problem}\n" in prompt else "correct")
        return teach(prompt)

    with ScriptedServer(Script(decide=decide)) as server:
        judged_by(answered, server.url)
        assert command(answered, "judge", "run", "half", "--split", "feedback").exit_code == 0
        by_judge = correct(answered, "--by", "judge")
        sheet = answered / "sheet.csv"
        sheet.write_text(f"item,candidate,verdict\n{items[2].id},half,incorrect\n{items[1].id},half,correct\n")
        assert (
            command(answered, "review", "import", str(sheet), "--author-kind", "model", "--reviewer", "M").exit_code
            == 0
        )
        with pytest.raises(InputError, match="no person"):
            command(answered, "correct", "half", "--by", "labels")
        assert (
            command(answered, "review", "import", str(sheet), "--author-kind", "person", "--reviewer", "P").exit_code
            == 0
        )
        by_people = correct(answered, "--by", "labels")
    assert (by_judge["wrong"], by_judge["entered"], by_people["wrong"], by_people["entered"]) == (1, 1, 1, 1)
    one, two = load_corrections(dataset(answered).path)
    assert (one.item, two.item) == (disliked.id, items[2].id)
    assert {"judge_correct", "scripted"} <= set(one.instruments)
    assert "labels by people" in two.instruments


def test_a_question_near_a_held_out_one_is_not_asked(answered: Path, suite: Suite) -> None:
    held, mine = suite.items(Split.TEST)[0], wrong_items(suite)[0]
    checks = Checks(suite)
    near = mine.model_copy(update={"problem": f"{held.problem} ya"})
    assert checks.leaking([near, mine]) == {near.id}
    assert any(reason.startswith("leakage: its question") for reason in checks.reasons(near.generated_solution, near))
    quoting = f"<think>{held.problem}</think>\n<output>{mine.expected_answer}</output>"
    assert [reason.partition(" repeats")[0] for reason in checks.reasons(quoting, mine)] == ["leakage: its reasoning"]
    marked = mine.generated_solution.replace("</think>", f" {suite.settings.canary}</think>")
    assert any(reason.startswith("canary") for reason in checks.reasons(marked, mine))
    invented = mine.generated_solution.replace("</think>", " Rp77.777.</think>")
    assert [reason.lower() for reason in checks.reasons(invented, mine)] == ["unsupported: in its reasoning, rp77.777"]
    assert all(checks.reasons(item.generated_solution, item) == () for item in suite.items(Split.FEEDBACK))


@pytest.mark.parametrize("split", ["dev", "test"])
def test_a_run_on_held_out_questions_is_refused(answered: Path, harness: Harness, split: str) -> None:
    assert command(answered, "run", "half", "--split", split).exit_code == 0
    manifests = {
        path.parent.name: json.loads(path.read_text()) for path in answered.glob(".harness/runs/*/manifest.json")
    }
    (key,) = [name for name, manifest in manifests.items() if manifest["suite"]["split"] == split]
    done = harness(answered, "correct", key[:12])
    assert done.returncode == 4
    assert f"is on the {split} split" in done.stderr
    assert not (answered / "corrections").exists()


def test_held_out_items_are_refused_wherever_they_come_from(answered: Path, suite: Suite, harness: Harness) -> None:
    correct(answered, "--teacher", "gold")
    path, held = dataset(answered).path, suite.items(Split.DEV)[0]
    one = load_corrections(path)[0]
    add_line(path, one.model_copy(update={"item": held.id, "problem": held.problem}))
    done = harness(answered, "correct", "export", "half", "--as", "sft", "--to", "rows.jsonl")
    assert done.returncode == 4
    assert held.id in done.stderr
    assert not (answered / "rows.jsonl").exists()
    run = Run(answered / ".harness/runs" / one.run)
    samples = run.folder / "samples.jsonl"
    text = samples.read_text(encoding="utf-8").replace(suite.items(Split.FEEDBACK)[0].id, held.id)
    samples.write_text(text, encoding="utf-8")
    with pytest.raises(IntegrityError, match="changed since it was stored"):
        feedback_run(run, suite)
    run.finish()
    with pytest.raises(IntegrityError, match=f"item {held.id} is of the dev split"):
        feedback_run(run, suite)


def test_faults_leave_items_open_and_are_named(answered: Path, suite: Suite) -> None:
    with ScriptedServer(Script(decide=teaching(suite), plan=["refusal", "400"])) as server:
        judged_by(answered, server.url, concurrency=1)
        found = correct(answered)
        again = correct(answered)
    assert found["entered"] == 2
    assert sorted(found["failed"]) == [
        "the judge refused: I cannot help with that.",
        "the server said 400: Error code: 400 - scripted 400",
    ]
    assert (again["known"], again["entered"]) == (2, 1)  # a refusal stands, as in judging


def test_the_budget_of_the_judge_holds(answered: Path, suite: Suite) -> None:
    with ScriptedServer(Script(decide=teaching(suite))) as server:
        judged_by(answered, server.url, dollars=0.0001)
        found = correct(answered)
        assert server.script.asked == []
    assert any("budget" in why for why in found["failed"])


def test_a_kill_loses_nothing_stored(answered: Path, suite: Suite) -> None:
    planted = {wrong_items(suite)[0].id: "Harganya Rp99.999 saja, Kak."}
    with ScriptedServer(Script(decide=teaching(suite, planted), delay=0.3)) as server:
        judged_by(answered, server.url, concurrency=1)
        line = [sys.executable, "-m", "harness", "correct", "half"]
        files = (dataset(answered).path, dataset(answered).refused_path)
        stored = lambda: sum(path.read_bytes().count(b"\n") for path in files if path.is_file())  # noqa: E731
        for wanted in (1, 2):
            process = subprocess.Popen(line, cwd=answered, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            while stored() < wanted and process.poll() is None:
                time.sleep(0.01)
            process.send_signal(signal.SIGKILL)
            process.wait()
        before = stored()
        with files[0].open("ab") as file:
            file.write(b'{"item": "torn')
        found = correct(answered)
        asked = len(server.script.asked)
    assert before >= 2
    assert found["known"] == before
    assert (len(load_corrections(files[0])), len(dataset(answered).refusals())) == (3, 1)
    assert asked <= 4 + 2  # at most the call under way repeats at each kill
    assert len(LabelStore(answered / ".harness/labels.sqlite").reviews()) == 1


def test_one_command_writes_a_dataset_at_a_time(answered: Path) -> None:
    with dataset(answered).locked(), pytest.raises(InputError, match="another command writes to it"):
        command(answered, "correct", "half", "--teacher", "gold")
    with pytest.raises(InputError, match="a name of letters"):
        command(answered, "correct", "half", "--into", "../up")


def read_back(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    if path.suffix == ".json":
        return list(json.loads(path.read_text(encoding="utf-8")))
    if path.suffix == ".pkl":
        return list(pickle.loads(path.read_bytes()))
    return list(pyarrow.parquet.read_table(path).to_pylist())


@pytest.mark.parametrize("suffix", [".json", ".jsonl", ".parquet", ".pkl"])
def test_exports_hold_what_was_corrected(answered: Path, suite: Suite, suffix: str) -> None:
    correct(answered, "--teacher", "gold")
    prompt = answered / "prompt.txt"
    prompt.write_text("Be kind.\n")
    with (answered / "harness.toml").open("a", encoding="utf-8") as file:
        file.write('[candidates.next]\nengine = "recorded"\nanswers = "gold.jsonl"\nsystem_prompt = "prompt.txt"\n')
    by_shape = {}
    for shape in ("sft", "pairs"):
        target = answered / f"{shape}{suffix}"
        line = ["correct", "export", "half", "--as", shape, "--to", str(target), "--candidate", "next"]
        assert command(answered, *line).exit_code == 0
        by_shape[shape] = read_back(target)
    items = wrong_items(suite)
    asked = [[{"role": "system", "content": "Be kind."}, {"role": "user", "content": item.problem}] for item in items]
    right = [[{"role": "assistant", "content": item.generated_solution}] for item in items]
    wrong = [{"role": "assistant", "content": WRONG}]
    order = {each.item: number for number, each in enumerate(load_corrections(dataset(answered).path))}
    ranked = sorted(range(len(items)), key=lambda number: order[items[number].id])
    assert by_shape["sft"] == [{"prompt": asked[n], "completion": right[n]} for n in ranked]
    assert by_shape["pairs"] == [{"prompt": asked[n], "chosen": right[n], "rejected": wrong} for n in ranked]
