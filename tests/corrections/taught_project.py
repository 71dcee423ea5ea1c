"""A project whose candidate ``half`` is wrong on every second question of the feedback split, and a scripted teacher."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scripted_project import command

from harness.corrections.dataset import Dataset
from harness.scoring.completion import parse
from harness.suite.item import Item, Split
from harness.suite.suite import Suite

WRONG = "<think>?</think><output>Entahlah.</output>"


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-proj-abcdefghijklmnop")


@pytest.fixture
def suite(project: Path) -> Suite:
    return Suite("facencial", project / "tasks/facencial")


@pytest.fixture
def answered(project: Path, suite: Suite) -> Path:
    """``half`` has a run on the feedback split in which every second answer is wrong; ``gold`` answers rightly."""
    for name, wrong in (("half", True), ("gold", False)):
        rows = [
            {
                "id": item.id, "author_kind": "model", "source": "test",
                "completion": WRONG if wrong and number % 2 else item.generated_solution,
            }
            for number, item in enumerate(suite.items(Split.FEEDBACK))
        ]  # fmt: skip
        with (project / f"{name}.jsonl").open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
    assert command(project, "run", "half", "gold", "--split", "feedback").exit_code == 0
    return project


def wrong_items(suite: Suite) -> list[Item]:
    return suite.items(Split.FEEDBACK)[1::2]


def teaching(suite: Suite, planted: dict[str, str] | None = None) -> Callable[[str], dict[str, Any]]:
    """A teacher that knows the gold, and writes ``planted`` answers by item id instead."""
    items = sorted(suite.items(Split.FEEDBACK), key=lambda item: -len(item.problem))

    def decide(prompt: str) -> dict[str, Any]:
        item = next(item for item in items if f"\n{item.problem}\n" in prompt)
        gold = parse(item.generated_solution)
        return {"think": gold.reasoning, "output": (planted or {}).get(item.id, gold.answer)}

    return decide


def correct(project: Path, *further: str) -> dict[str, Any]:
    done = command(project, "correct", "half", "--json", *further)
    assert done.exit_code == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def dataset(project: Path) -> Dataset:
    return Dataset(project, "half")
