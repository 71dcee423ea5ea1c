"""A small locked project in tmp_path; real weights only where a test asks for them."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.candidates.candidate import Candidate, get_candidate
from harness.candidates.models import prepare_model
from harness.config import Config, load_config
from harness.runs.answering import complete_runs, request
from harness.runs.store import Run
from harness.suite.item import Item, Split
from harness.suite.lock import write_lock
from harness.suite.suite import Suite

ROOT = Path(__file__).parents[1]
DOMAINS = ("not_known", "pricing")
ENV = {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
WRONG = "<think>x</think><output>Salah total.</output>"


@dataclass(frozen=True)
class Project:
    folder: Path

    root = ROOT
    env = ENV
    wrong = WRONG

    @property
    def toml(self) -> Path:
        return self.folder / "harness.toml"

    @property
    def config(self) -> Config:
        return load_config(self.toml)

    @property
    def runs(self) -> Path:
        return self.folder / ".harness/runs"

    def candidate(self, name: str) -> Candidate:
        return get_candidate(name, self.config)

    def items(self, split: Split = Split.DEV) -> list[Item]:
        return Suite("facencial", self.folder / "tasks/facencial").items(split)

    def key(self, name: str, split: Split = Split.DEV) -> str:
        return request(self.candidate(name), split).key

    def run(self, *names: str, split: Split = Split.DEV) -> dict[str, Run]:
        return complete_runs([self.candidate(name) for name in names], split, self.config)

    def add(self, text: str) -> None:
        self.toml.write_text(f"{self.toml.read_text()}\n{text}\n")

    def recorded(self, name: str, answers: dict[str, str], kind: str = "model") -> None:
        rows = ({"id": i, "completion": t, "author_kind": kind, "source": "test"} for i, t in answers.items())
        (self.folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        self.add(f'[candidates.{name}]\nengine = "recorded"\nanswers = "{name}.jsonl"')

    def planted(self, name: str, right: int, split: Split = Split.DEV, kind: str = "model") -> None:
        """A candidate whose first ``right`` answers are the gold."""
        answers = {i.id: i.generated_solution if n < right else WRONG for n, i in enumerate(self.items(split))}
        self.recorded(name, answers, kind)

    def command(self, *args: object) -> list[str]:
        return [sys.executable, "-m", "harness", *map(str, args)]

    def harness(self, *args: object, **kwargs: object) -> subprocess.CompletedProcess[str]:
        options = {"cwd": self.folder, "env": ENV, "capture_output": True, "text": True, "timeout": 120, **kwargs}
        return subprocess.run(self.command(*args), **options)


def complaint(done: subprocess.CompletedProcess[str], code: int) -> str:
    """The one line of a refused command."""
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("harness: ")]
    assert len(lines) == 1, done.stderr
    assert done.stderr.rstrip().endswith(lines[0])
    return lines[0]


@pytest.fixture(scope="session", name="complaint")
def complaint_fixture():
    return complaint


@pytest.fixture(scope="session")
def small_tasks(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("small") / "tasks"
    shutil.copytree(ROOT / "tasks", folder)
    for path in folder.glob("facencial/data/*/*.jsonl"):
        if path.stem not in DOMAINS:
            path.unlink()
        elif path.parent.name in ("dev", "test"):
            path.write_text("".join(path.read_text().splitlines(keepends=True)[:4]))
    write_lock(Suite("facencial", folder / "facencial"))
    return folder


def _make(folder: Path, tasks: Path, model: Path) -> Project:
    shutil.copytree(tasks, folder / "tasks")
    (folder / "harness.toml").write_text(
        f"""tasks = "tasks"
baseline = "base"
metrics = ["correct_lenient", "unsupported", "invented_price"]

[generation]
max_new_tokens = 24
batch_size = 3

[models.small]
path = "{model}"

[candidates.base]
model = "small"
system_prompt = "tasks/facencial/prompts/format.txt"
"""
    )
    return Project(folder)


@pytest.fixture
def project(tmp_path, small_tasks) -> Project:
    """Without weights: the model folder is a dummy that only has an identity."""
    model = tmp_path / "dummy"
    model.mkdir()
    (model / "config.json").write_text("{}")
    (model / "model.safetensors").write_bytes(b"dummy")
    folder = tmp_path / "project"
    folder.mkdir()
    return _make(folder, small_tasks, model)


@pytest.fixture
def planted(project) -> Project:
    """Two recorded candidates: old 2 of 8 right, new 6 of 8."""
    project.planted("old", 2)
    project.planted("new", 6)
    return project


@pytest.fixture(scope="session")
def weights() -> Path:
    return prepare_model("smollm2-135m", load_config(ROOT / "harness.toml")).resolve()


@pytest.fixture
def model_project(tmp_path, small_tasks, weights) -> Project:
    folder = tmp_path / "project"
    folder.mkdir()
    made = _make(folder, small_tasks, weights)
    shutil.copytree(ROOT / "evidence/adapters/sft-v1", folder / "sft-v1")
    (folder / "sft-v1/training.json").unlink()
    made.add(
        '[candidates.tuned]\nmodel = "small"\nadapter = "sft-v1"\nsystem_prompt = "tasks/facencial/prompts/service.txt"'
    )
    return made
