"""Results as other tools read them, against what those tools themselves compute of the same answers."""

import json
from pathlib import Path
from typing import Any

import lm_eval
import numpy as np
import pytest
from conftest import Harness
from huggingface_hub import ModelCard
from lm_eval.api.instance import Instance
from lm_eval.api.model import LM
from lm_eval.tasks import TaskManager
from lm_eval.utils import make_table


class Recorded(LM):  # type: ignore[misc]
    """Serves the stored answers of a run."""

    def __init__(self, answers: dict[str, str]) -> None:
        super().__init__()
        self.answers = answers

    def generate_until(self, requests: list[Instance], disable_tqdm: bool = False) -> list[str]:
        return [self.answers[json.loads(request.doc["item"])["id"]] for request in requests]

    def loglikelihood(self, requests: list[Instance]) -> Any:
        raise NotImplementedError

    def loglikelihood_rolling(self, requests: list[Instance]) -> Any:
        raise NotImplementedError


@pytest.fixture
def stored(project: Path, harness: Harness) -> Path:
    """The small project with one stored run."""
    assert harness(project, "run", "half").returncode == 0
    return project


def test_the_results_are_those_of_lm_eval_on_the_same_answers(stored: Path, harness: Harness) -> None:
    out = stored / "out"
    assert harness(stored, "runs", "export", "half", "--as", "lm-eval", "--to", str(out)).returncode == 0
    (path,) = out.glob("results_*.json")
    ours = json.loads(path.read_text(encoding="utf-8"))
    samples = [json.loads(line) for file in out.glob("samples_*.jsonl") for line in file.read_text().splitlines()]
    answers = {sample["doc"]["id"]: sample["resps"][0][0] for sample in samples}
    theirs = lm_eval.simple_evaluate(
        model=Recorded(answers),
        tasks=list(ours["n-samples"]),
        task_manager=TaskManager(
            include_path=str(stored / "tasks"), include_defaults=False, metadata={"tasks": str(stored / "tasks")}
        ),
        bootstrap_iters=0,
        metadata={"tasks": str(stored / "tasks")},
    )
    for task, found in theirs["results"].items():
        means = {key: value for key, value in found.items() if key.endswith(",none") and "_stderr" not in key}
        assert {key: ours["results"][task][key] for key in means} == pytest.approx(means, abs=2e-6)
        assert set(found) - {"name"} == set(ours["results"][task])
    assert ours["higher_is_better"].items() >= theirs["higher_is_better"].items()
    assert ours["versions"].items() >= theirs["versions"].items()
    assert {task: n["effective"] for task, n in ours["n-samples"].items()} == {
        task: n["effective"] for task, n in theirs["n-samples"].items()
    }
    assert "correct" in make_table(ours)  # lm-eval's own table reads it
    assert "facencial" in make_table(ours, "groups")


def test_a_card_takes_results_once_and_keeps_what_else_it_says(stored: Path, harness: Harness) -> None:
    card = stored / "README.md"
    card.write_text(
        "---\nlicense: apache-2.0\nmodel-index:\n- name: half\n  results:\n  - task: {type: translation}\n"
        "    dataset: {type: flores, name: Flores}\n    metrics: [{type: bleu, value: 12.5}]\n---\n\n# Half\nOur words.\n"
    )
    for _ in range(2):
        assert harness(stored, "runs", "export", "half", "--as", "model-card", "--to", str(card)).returncode == 0
    read = ModelCard.load(card)
    assert read.data.license == "apache-2.0"
    assert "Our words." in read.text
    results = {(each.dataset_type, each.metric_type): each for each in read.data.eval_results or []}
    assert len(results) == len(read.data.eval_results or [])
    assert results["flores", "bleu"].metric_value == 12.5
    scores = [
        json.loads(line)["scores"]["correct"] for line in next(stored.glob(".harness/runs/*/scores.jsonl")).open()
    ]
    correct = results["facencial", "correct"]
    assert correct.metric_value == pytest.approx(np.mean(scores), abs=1e-4)
    assert correct.metric_args is not None
    assert correct.metric_args["low"] <= correct.metric_value <= correct.metric_args["high"]
    lock = json.loads((stored / "tasks/facencial/lock.json").read_text())["sha256"]
    assert (correct.dataset_revision, correct.dataset_split) == (lock, "test")


@pytest.mark.parametrize("shape", ["lm-eval", "model-card"])
def test_a_place_that_cannot_be_written_is_one_line(stored: Path, harness: Harness, shape: str) -> None:
    (stored / "file").write_text("")
    found = harness(stored, "runs", "export", "half", "--as", shape, "--to", str(stored / "file/below"))
    assert (found.returncode, found.stderr.count("\n"), "cannot write" in found.stderr) == (2, 1, True)


def test_a_broken_card_and_an_edited_run_are_refused(stored: Path, harness: Harness) -> None:
    card = stored / "README.md"
    card.write_text("---\nmodel-index: [nonsense\n---\n")
    found = harness(stored, "runs", "export", "half", "--as", "model-card", "--to", str(card))
    assert (found.returncode, found.stderr.count("\n")) == (2, 1)
    scores = next(stored.glob(".harness/runs/*/scores.jsonl"))
    scores.write_text(scores.read_text().replace('"correct": 0.0', '"correct": 1.0', 1))
    found = harness(stored, "runs", "export", "half", "--as", "lm-eval", "--to", str(stored / "out"))
    assert found.returncode == 4
    assert not (stored / "out").exists()
