"""A fresh suite is valid, compares at once, and is read by plain lm-eval; the YAML that ships is the generated one."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.errors import InputError
from harness.scoring import METRICS, score
from harness.suite.item import Split
from harness.suite.lint import lint
from harness.suite.lock import verify
from harness.suite.scaffold import init_suite
from harness.suite.suite import Suite, load_suite
from harness.suite.tasks import task_files, write_tasks

ROOT = Path(__file__).parents[2]


@pytest.fixture
def fresh(tmp_path: Path, harness: Callable) -> Suite:
    done = harness(tmp_path, "suite", "init", "toko")
    assert done.returncode == 0, done.stderr
    return Suite("toko", tmp_path / "tasks" / "toko")


def recorded(folder: Path, suite: Suite) -> None:
    """A project with two candidates: ``gold`` answers all rightly, ``none`` nothing."""
    lines = [f'suite = "{suite.name}"\ntasks = "tasks"\nbaseline = "none"\n']
    for name in ("gold", "none"):
        rows = [
            {
                "id": item.id,
                "completion": item.generated_solution if name == "gold" else "<output>Entahlah.</output>",
                "author_kind": "model",
                "source": "test",
            }
            for item in suite.items(Split.TEST)
        ]
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        lines.append(f'[candidates.{name}]\nengine = "recorded"\nanswers = "{name}.jsonl"\n')
    (folder / "harness.toml").write_text("".join(lines), "utf-8")


def test_a_fresh_suite_is_locked_and_without_findings(fresh: Suite) -> None:
    verify(fresh)
    assert lint(fresh) == []
    assert {split: len(fresh.items(split)) for split in Split} == dict.fromkeys(Split, 2)
    for path in fresh.root.rglob("*"):
        assert path.is_dir() or "facencial" not in path.read_text("utf-8").lower(), path


def test_a_fresh_suite_compares_at_once(fresh: Suite, harness: Callable) -> None:
    folder = fresh.root.parents[1]
    recorded(folder, fresh)
    done = harness(folder, "compare", "gold", "none", "--json")
    assert done.returncode == 0, done.stderr
    found = {candidate["name"]: candidate for candidate in json.loads(done.stdout)["candidates"]}
    assert {name: row["metrics"]["correct"]["mean"] for name, row in found.items()} == {"gold": 1, "none": 0}


def test_plain_lm_eval_runs_a_fresh_suite(fresh: Suite, tmp_path: Path) -> None:
    """lm-eval's dummy model answers without weights; only tags are forgiven, so nothing it says is right."""
    command = [
        str(Path(sys.executable).parent / "lm_eval"), "run", "--model", "dummy", "--include_path", str(fresh.root.parent),
        "--tasks", "toko", "--log_samples", "--output_path", str(tmp_path / "out"),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    results = json.loads(next((tmp_path / "out").rglob("results_*.json")).read_text("utf-8"))["results"]
    assert set(METRICS) <= {name.partition(",")[0] for name in results["toko"]}
    assert results["toko_example"]["correct,none"] == 0
    rows = [
        json.loads(line) for line in next((tmp_path / "out").rglob("samples_*.jsonl")).read_text("utf-8").splitlines()
    ]
    assert {json.loads(row["doc"]["item"])["id"] for row in rows} == {item.id for item in fresh.items(Split.TEST)}


def test_lm_eval_scores_a_suite_of_its_own_folder(fresh: Suite) -> None:
    from lm_eval.tasks import TaskManager

    manager = TaskManager(include_path=str(fresh.root.parent), include_defaults=False)
    task = manager.load_task_or_group("toko_example")["toko_example"]
    item = fresh.items(Split.TEST)[0]
    doc = next(doc for doc in task.test_docs() if json.loads(doc["item"])["id"] == item.id)
    assert task.process_results(doc, [item.generated_solution]) == score(item.generated_solution, item, fresh.knowledge)


def test_a_taken_or_impossible_name_is_refused(fresh: Suite) -> None:
    for name, said in (
        ("toko", "there already"),
        ("Toko", "small letters"),
        ("../x", "small letters"),
        ("1a", "small"),
    ):
        with pytest.raises(InputError, match=said):
            init_suite(name, fresh.root.parent, "tasks")


@pytest.mark.parametrize("name", ["facencial", "seluler"])
def test_the_yaml_that_ships_is_the_generated_one(name: str) -> None:
    suite = load_suite(name)
    for file, text in task_files(name, suite.domains()).items():
        assert (suite.root / file).read_text("utf-8") == text, f"{file}: run: harness suite tasks {name}"


def test_a_domain_that_came_or_went_changes_the_tasks(fresh: Suite) -> None:
    for split in Split:
        path = fresh.root / f"data/{split}/example.jsonl"
        path.write_text(path.read_text("utf-8").replace('"domain": "example"', '"domain": "orders"'), "utf-8")
        path.rename(path.with_name("orders.jsonl"))
    assert [(finding.rule, finding.path.name) for finding in lint(fresh)] == [("tasks", "toko_orders.yaml")]
    write_tasks(fresh)
    assert lint(fresh) == []
    assert sorted(path.name for path in fresh.root.glob("*.yaml")) == [
        "_toko.yaml", "toko.yaml", "toko_judge.yaml", "toko_orders.yaml",
    ]  # fmt: skip
    assert "  - toko_orders\n" in (fresh.root / "toko.yaml").read_text("utf-8")
