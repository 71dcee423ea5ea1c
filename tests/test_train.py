"""Training data and recipes: leaking rows are refused, bad keys named."""

import json
from pathlib import Path

import pytest

from harness.candidates.candidate import get_candidate
from harness.config import load_config
from harness.errors import InputError
from harness.suite.item import Split
from harness.suite.lock import write_lock
from harness.suite.suite import Suite
from harness.trainers.methods import load_recipe
from harness.trainers.rows import select_rows, training_rows

RECIPE = 'rows = "all"\nrank = 4\nalpha = 8\nlearning_rate = 1e-3\nepochs = 3\nbatch_size = 2\n'


@pytest.fixture
def trainable(model_project: Path) -> Path:
    with (model_project / "harness.toml").open("a", encoding="utf-8") as file:
        file.write(
            '[candidates.fresh]\nmodel = "small"\nadapter = "fresh"\nsystem_prompt = "tasks/facencial/prompts/service.txt"\n'
        )
    (model_project / "trainers").mkdir()
    (model_project / "trainers/fresh.toml").write_text(RECIPE)
    return model_project


def test_training_rows_that_repeat_a_test_question_are_refused(trainable: Path) -> None:
    suite = Suite("facencial", trainable / "tasks/facencial")
    leaked = suite.items(Split.TEST)[0]
    path = suite.root / f"data/train/{leaked.domain}.jsonl"
    row = json.loads(leaked.model_dump_json(by_alias=True, exclude={"canary"})) | {"id": "copied", "intent": "copied"}
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row | {"problem": leaked.problem.upper()}) + "\n")
    write_lock(suite)
    candidate = get_candidate("fresh", load_config(trainable / "harness.toml"))
    with pytest.raises(InputError, match=r"repeat test questions, first copied"):
        training_rows(candidate, load_recipe(trainable / "trainers/fresh.toml"))


def test_training_rows_that_hold_a_canary_are_refused(trainable: Path) -> None:
    suite = Suite("facencial", trainable / "tasks/facencial")
    row = json.loads(suite.items(Split.TRAIN)[0].model_dump_json(by_alias=True)) | {"id": "marked", "intent": "marked"}
    row["problem"] += f" {suite.settings.canary}"
    with (suite.root / f"data/train/{row['domain']}.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")
    candidate = get_candidate("fresh", load_config(trainable / "harness.toml"))
    with pytest.raises(InputError, match="hold a test set's canary, first marked"):
        training_rows(candidate, load_recipe(trainable / "trainers/fresh.toml"))


def test_the_first_part_is_one_intent_a_domain(trainable: Path) -> None:
    items = Suite("facencial", trainable / "tasks/facencial").items(Split.TRAIN)
    chosen = select_rows(items, "first intent of each domain")
    assert len({item.intent for item in chosen}) == len({item.domain for item in chosen}) == 2


@pytest.mark.parametrize(
    ("text", "said"), [("epochs = 3", "learning_rate"), ("epoch = 3\nlearning_rate = 1.0", "epoch"), ("=", "TOML")]
)
def test_bad_recipes_name_the_key(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "r.toml").write_text(text)
    with pytest.raises(InputError, match=said):
        load_recipe(tmp_path / "r.toml")
