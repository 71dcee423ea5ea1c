"""`harness judge calibrate` and the labelled gate on real stores: runs, a review's draw, labels, a scripted judge."""

import json
from pathlib import Path
from typing import Any

import pytest
from bodies import judged
from conftest import Harness
from scripted_project import answer, command, judge, judged_by
from server import Script, ScriptedServer

from harness.candidates.candidate import get_candidate
from harness.config import load_config
from harness.errors import InputError
from harness.labels.queue import save
from harness.labels.records import Judgement
from harness.review.server import prepare
from harness.suite.item import AuthorKind, Split


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-proj-abcdefghijklmnop")


def label_all(
    project: Path,
    split: Split,
    kind: AuthorKind = "person",
    items: int = 8,
    wrong: str = "Entahlah.",
    names: tuple[str, ...] = ("gold", "half"),
) -> None:
    """Draw a review of the candidates and label it: an answer that holds ``wrong`` is incorrect."""
    config = load_config(project / "harness.toml")
    candidates = [get_candidate(name, config) for name in names]
    store, review = prepare(candidates, split, config, items, 0.0, 0, False)
    reader = store.enter(f"a {kind}", kind)
    with store.reading() as connection:
        tasks = [row["id"] for row in connection.execute("SELECT id FROM tasks WHERE review = ?", (review.id,))]
    for task in tasks:
        bad = wrong in store.task(task).completion
        save(
            store,
            review.id,
            task,
            reader,
            Judgement(verdict="incorrect" if bad else "correct", comment="it says nothing" if bad else ""),
        )


def calibrate(project: Path, *further: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        command(project, "judge", "calibrate", "gold", "half", "--json", *further).stdout
    )
    return found


def by_answer(prompt: str) -> dict[str, Any]:
    return judged("incorrect" if "Entahlah." in prompt else "correct")


@pytest.fixture
def answered(project: Path) -> Path:
    return answer(project)


def test_the_judge_is_held_against_people(answered: Path) -> None:
    label_all(answered, Split.DEV)
    with ScriptedServer(Script(decide=by_answer)) as server:
        judged_by(answered, server.url)
        judge(answered)
        again = command(answered, "judge", "again", "gold", "--split", "dev", "--answers", "5", "--json")
        assert json.loads(again.stdout) == {"gold": 5}
        asked = len(server.script.asked)
        command(answered, "judge", "again", "gold", "--split", "dev", "--answers", "5", "--json")
        assert len(server.script.asked) == asked  # nothing is bought twice
        found = calibrate(answered, "--split", "dev")
    assert (found["author_kind"], found["labelled"], found["answers"]) == ("person", 16, 16)
    assert found["table"]["incorrect"] == {"correct": 0, "incorrect": 4, "undecided": 0}
    assert found["overall"]["measured"]["kappa"] == 1
    assert found["stability"]["answers"] >= 5
    assert found["disagreements"] == []


def test_what_is_missing_is_named_with_its_split(project: Path) -> None:
    with pytest.raises(InputError, match=r"make it first: harness run gold --split dev$"):
        calibrate(project, "--split", "dev")
    answer(project)
    with pytest.raises(InputError, match=r"harness judge run gold --split dev$"):
        calibrate(project, "--split", "dev")


def test_only_what_a_review_drew_is_judged(answered: Path) -> None:
    with ScriptedServer(Script(decide=by_answer)) as server:
        judged_by(answered, server.url)
        with pytest.raises(InputError, match="harness review start gold half --split dev"):
            judge(answered, "--drawn")
        label_all(answered, Split.DEV, items=5)
        assert judge(answered, "--drawn")["total"]["judgements"] == 10
        assert calibrate(answered, "--split", "dev")["labelled"] == 10
        label_all(answered, Split.DEV, items=8, names=("half",))  # a draw of one is none of both
        assert judge(answered, "--drawn")["total"]["judgements"] == 10


def test_a_scorer_is_an_instrument_too(answered: Path, harness: Harness) -> None:
    label_all(answered, Split.DEV, wrong="<output>")
    found = calibrate(answered, "--split", "dev", "--scorer", "correct")
    assert found["judge"] == "scorer correct"
    assert any(each["reader_comment"] == "it says nothing" for each in found["disagreements"])
    # All labels say wrong, so that nothing is known of its sensitivity.
    assert harness(answered, "judge", "calibrate", "gold", "--split", "dev", "--scorer", "correct").returncode == 3


def test_model_made_labels_are_named_so(answered: Path) -> None:
    label_all(answered, Split.DEV, kind="model")
    shown = command(answered, "judge", "calibrate", "gold", "half", "--split", "dev", "--scorer", "correct")
    assert "MODEL-MADE" in shown.stdout
    assert calibrate(answered, "--split", "dev", "--scorer", "correct", "--labels", "person")["labelled"] == 0


def test_test_items_are_listed_only_when_revealed(answered: Path) -> None:
    assert command(answered, "run", "gold", "half").exit_code == 0
    label_all(answered, Split.TEST, wrong="<output>")  # readers say that everything is wrong
    hidden = calibrate(answered, "--scorer", "correct")
    assert (hidden["disagreements"], hidden["labelled"]) == ([], 16)
    shown = calibrate(answered, "--scorer", "correct", "--reveal-test")
    assert shown["disagreements"]
    looks = [json.loads(line)["what"] for line in (answered / "ledger.jsonl").read_text(encoding="utf-8").splitlines()]
    assert looks == ["compare", "reveal"]


def test_the_gate_asks_for_peoples_labels(answered: Path) -> None:
    assert command(answered, "run", "gold", "half").exit_code == 0
    path = answered / "harness.toml"
    policy = "[gate]\nmargin = 0.1\nfloors = { format = 0.2 }\nceilings = {}\n[gate.corrected]\nleast_items = 20\n"
    path.write_text(path.read_text(encoding="utf-8") + policy, encoding="utf-8")

    def condition() -> dict[str, Any]:
        verdict = json.loads(command(answered, "gate", "gold", "--json").stdout)
        return next(each for each in verdict["conditions"] if each["name"] == "not inferior, by people's labels")

    label_all(answered, Split.TEST)  # eight items are not twenty
    assert condition()["figure"] == "no labels"
    assert "No random sample" in command(answered, "judge", "labels-needed", "gold").stdout
    config = load_config(path)
    small = config.gate.model_copy(update={"corrected": config.gate.corrected.model_copy(update={"least_items": 8})})  # type: ignore[union-attr]
    from harness.gate.labels import labelling_now, peoples_labels
    from harness.runs.answering import stored_run

    config = config.model_copy(update={"gate": small})
    gold, half = (get_candidate(name, config) for name in ("gold", "half"))
    runs = {each.name: [stored_run(each, Split.TEST, config)] for each in (gold, half)}
    found = peoples_labels(gold, half, (runs["gold"][0], runs["half"][0]), config)
    assert found is not None
    assert len(found.order) == 8
    assert sum(value for (_, name), value in found.right.items() if name == "gold") == 8
    assert sum(value for (_, name), value in found.right.items() if name == "half") == 4
    now = labelling_now(gold, half, runs, gold.suite.columns(Split.TEST), config)
    assert now is not None
    assert now.complete == 8


def test_models_labels_never_reach_the_gate(answered: Path) -> None:
    from harness.labels.sample import label_sample
    from harness.labels.store import LabelStore
    from harness.review.server import labels_path
    from harness.runs.answering import request

    label_all(answered, Split.DEV, kind="model")
    config = load_config(answered / "harness.toml")
    keys = [request(get_candidate(name, config), Split.DEV).key for name in ("gold", "half")]
    sample = label_sample(LabelStore(labels_path(config)), keys, 8)
    assert sample is not None
    assert sample.labels == {}
    assert label_sample(LabelStore(labels_path(config)), keys, 9) is None
    assert label_sample(LabelStore(labels_path(config)), [keys[0], "another"], 8) is None


def test_the_gate_counts_no_model_made_label(answered: Path) -> None:
    from harness.gate.labels import peoples_labels
    from harness.gate.policy import Corrected
    from harness.runs.answering import stored_run

    assert command(answered, "run", "gold", "half").exit_code == 0
    label_all(answered, Split.TEST, kind="model")
    config = load_config(answered / "harness.toml")
    policy = config.gate.model_copy(update={"corrected": Corrected.model_construct(least_items=8)})
    config = config.model_copy(update={"gate": policy})
    gold, half = (get_candidate(name, config) for name in ("gold", "half"))
    runs = stored_run(gold, Split.TEST, config), stored_run(half, Split.TEST, config)
    found = peoples_labels(gold, half, runs, config)
    assert found is not None
    assert (len(found.order), found.right) == (8, {})
    label_all(answered, Split.TEST, kind="person")
    found = peoples_labels(gold, half, runs, config)
    assert found is not None
    assert len(found.right) == 16
