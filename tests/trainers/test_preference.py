"""DPO and GRPO: pairs and rewards move the model, and the manifest says by what."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.candidates.candidate import get_candidate
from harness.config import load_config
from harness.errors import InputError
from harness.scoring import METRICS, score
from harness.suite.item import Split
from harness.trainers.pairs import Pair, usable
from harness.trainers.rewards import goodness, reward_functions

pytestmark = pytest.mark.model
Train = Callable[..., tuple[Any, dict[str, Any]]]

SFT = "epochs = 2\nbatch_size = 1\n"
DPO = 'method = "dpo"\nrejected_from = "oracle"\nepochs = 3\nbatch_size = 1\n'
GRPO = (
    'method = "grpo"\nepochs = 2\nbatch_size = 2\ngenerations = 2\nmax_new_tokens = 8\n'
    "rewards = { chrf = 1.0, unsupported = 0.5 }\n"
)


def test_wrong_answers_lose_against_the_gold(trained: Train, tiny_project: Path) -> None:
    _, start = trained("first", SFT)
    done, manifest = trained("second", DPO + 'start = "first"\n')
    assert manifest["margins"][-1][1] > manifest["margins"][0][1]
    assert manifest["pairs"] == manifest["asked"] // 2 == done.rows
    assert manifest["instruments"] == ["correct"]
    assert manifest["start"] == "first"
    assert manifest["base_sha256"] == start["base_sha256"]
    assert not (tiny_project / "adapters/second/ref").exists()
    weights = (tiny_project / "adapters/second/adapter_model.safetensors").read_bytes()
    shutil.rmtree(tiny_project / "adapters/second")  # as after a kill between the last checkpoint and the end
    trained("second", DPO + 'start = "first"\n')
    assert (tiny_project / "adapters/second/adapter_model.safetensors").read_bytes() == weights


def test_a_recipe_without_pairs_is_refused(trained: Train) -> None:
    with pytest.raises(InputError, match="makes no preference pairs"):
        trained("second", 'method = "dpo"\nepochs = 1\n')


def test_a_start_of_another_shape_is_refused(trained: Train) -> None:
    trained("first", SFT.replace("2", "1", 1))
    with pytest.raises(InputError, match="set rank = 4 and alpha = 8"):
        trained("second", DPO + 'start = "first"\n', shape="rank = 8\nalpha = 8\nlearning_rate = 1e-3\n")


def test_pairs_that_prefer_nothing_are_left_out(tiny_project: Path) -> None:
    item = get_candidate("first", load_config(tiny_project / "harness.toml")).suite.items(Split.TRAIN)[0]
    gold = item.generated_solution
    assert usable([Pair(item, ""), Pair(item, gold), Pair(item, "x"), Pair(item, "x")]) == [Pair(item, "x")]


def test_rewards_are_the_scorers_turned_so_that_more_is_better(tiny_project: Path) -> None:
    suite = get_candidate("first", load_config(tiny_project / "harness.toml")).suite
    items = suite.items(Split.TRAIN)[:3]
    texts = [items[0].generated_solution, "<think>x</think><output>Rp999.999!</output>", "no tags"]
    rewards = reward_functions(list(METRICS), suite.knowledge, lambda ids: texts[ids[0]])
    found = {
        one.__name__: one(prompts=[""] * 3, completions=[""] * 3, completion_ids=[[0], [1], [2]],
                          item=[item.model_dump_json(by_alias=True) for item in items])
        for one in rewards
    }  # fmt: skip
    for row, (text, item) in enumerate(zip(texts, items, strict=True)):
        for name, value in score(text, item, suite.knowledge).items():
            assert found[name][row] == (value if METRICS[name].better == "higher" else 1 - value)
    assert goodness("unsupported", texts[1], items[1], suite.knowledge) == 0


def test_what_is_rewarded_is_named_and_measured_beside_the_rest(trained: Train) -> None:
    _, manifest = trained("second", GRPO)
    assert manifest["instruments"] == ["chrf", "unsupported"]
    assert set(manifest["dev"]["rewarded"]) == {"chrf", "unsupported"}
    assert set(manifest["dev"]["rewarded"]) | set(manifest["dev"]["unrewarded"]) == set(METRICS)
    assert manifest["reward"]
    assert manifest["start"] is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("generations = 3\n", "no multiple of generations 3"),
        ('corrections = ["c.jsonl"]\n', "not used by grpo"),
        ("rewards = { corect = 1.0 }\n", "unknown metric 'corect'"),
    ],
)
def test_bad_reward_recipes_are_named(trained: Train, change: str, said: str) -> None:
    key = change.partition(" ")[0]
    kept = "".join(line for line in GRPO.splitlines(keepends=True) if not line.startswith(key))
    with pytest.raises(InputError, match=said):
        trained("second", kept + change)
