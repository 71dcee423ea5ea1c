"""A small project on real items: two domains, four items each in dev and test, locked; the real base model when asked for."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

os.environ["HF_HUB_OFFLINE"] = "1"

ROOT = Path(__file__).parents[1]
DOMAINS = ("pricing", "out_of_scope")


@pytest.fixture(scope="session")
def base_model() -> Path:
    from harness.candidates.models import prepare_model
    from harness.config import load_config

    return prepare_model("smollm2-135m", load_config(ROOT / "harness.toml")).resolve()


def cut_suite(target: Path, rows: int = 4) -> Path:
    """Copy the shipped suite, cut to ``rows`` items of two domains, and lock it."""
    from harness.suite.lock import write_lock
    from harness.suite.suite import Suite

    shutil.copytree(ROOT / "tasks" / "facencial", target)
    for path in target.glob("data/*/*.jsonl"):
        if path.stem not in DOMAINS:
            path.unlink()
        else:
            lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
            path.write_text("".join(lines[:rows]), encoding="utf-8")
    settings = target / "suite.toml"
    settings.write_text(settings.read_text(encoding="utf-8").partition("[traffic]")[0], encoding="utf-8")
    write_lock(Suite("facencial", target))
    return target


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with two recorded candidates: ``gold`` answers all rightly, ``half`` every second item."""
    return make_project(tmp_path)


def make_project(tmp_path: Path, size: int = 4) -> Path:
    """Write that project into a folder, with ``size`` items a domain and split."""
    from harness.suite.item import Split
    from harness.suite.suite import Suite

    suite = Suite("facencial", cut_suite(tmp_path / "tasks" / "facencial", size))
    items = [item for split in (Split.DEV, Split.TEST) for item in suite.items(split)]
    for name, wrong in (("gold", range(0)), ("half", range(1, len(items), 2))):
        rows = [
            {
                "id": item.id,
                "completion": "<think>?</think><output>Entahlah.</output>"
                if index in wrong
                else item.generated_solution,
                "author_kind": "model",
                "source": "test",
            }
            for index, item in enumerate(items)
        ]
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (tmp_path / "harness.toml").write_text(
        'tasks = "tasks"\nbaseline = "half"\nmetrics = ["correct_lenient", "invented_price", "rougeL"]\n'
        "[generation]\nmax_new_tokens = 24\nbatch_size = 3\n"
        '[candidates.gold]\nengine = "recorded"\nanswers = "gold.jsonl"\n'
        '[candidates.half]\nengine = "recorded"\nanswers = "half.jsonl"\n',
        encoding="utf-8",
    )
    return tmp_path


@pytest.fixture
def model_project(project: Path, base_model: Path) -> Path:
    """The project with the real base, and the shipped sft-v1 adapter on it."""
    adapter = project / "adapter"
    shutil.copytree(ROOT / "evidence/adapters/sft-v1", adapter)
    (adapter / "training.json").unlink()
    prompt = project / "tasks/facencial/prompts/service.txt"
    with (project / "harness.toml").open("a", encoding="utf-8") as file:
        file.write(
            f'[models.small]\npath = "{base_model}"\n'
            f'[candidates.base]\nmodel = "small"\nsystem_prompt = "{prompt}"\n'
            f'[candidates.tuned]\nmodel = "small"\nadapter = "adapter"\nsystem_prompt = "{prompt}"\n'
        )
    return project


Harness = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def harness() -> Harness:
    """Run the command line in a folder."""

    def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "harness", *arguments]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, env={**os.environ, "COLUMNS": "100"})

    return run
