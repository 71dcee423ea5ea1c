"""A training from the command line, and what stops one."""

import json
import shutil
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from harness.candidates.candidate import get_candidate
from harness.config import load_config
from harness.errors import InputError
from harness.suite.item import Split
from harness.trainers.memory import GIB, Shape, estimate, refuse_too_large
from harness.trainers.settings import Recipe
from harness.trainers.unsloth_backend import choose_backend

SHAPE = 'rank = 4\nalpha = 8\nlearning_rate = 5e-3\nschedule = "constant"\n'
Train = Callable[..., tuple[Any, dict[str, Any]]]


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """The model is so small that threads only wait for each other."""
    import torch

    torch.set_num_threads(1)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def test_a_training_from_the_command_line_lowers_the_loss_and_loads(tiny_project: Path, harness: Any) -> None:
    (tiny_project / "recipe.toml").write_text(SHAPE + "epochs = 15\nbatch_size = 4\n", encoding="utf-8")
    done = harness(tiny_project, "train", "first", "--recipe", "recipe.toml", "--json")
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    assert shown["last_loss"] < shown["first_loss"] - 0.1
    assert "8 rows" in done.stderr
    assert "0 truncated" in done.stderr
    candidate = get_candidate("first", load_config(tiny_project / "harness.toml"))
    assert candidate.adapter is not None
    assert (candidate.adapter / "loss.svg").read_text(encoding="utf-8").startswith("<svg")
    assert candidate.training is not None
    assert candidate.training["row_ids"] == [item.id for item in candidate.suite.items(Split.TRAIN)]
    assert candidate.training["backend"] == "trl"

    from harness.engines.hf import HuggingFaceEngine

    engine = HuggingFaceEngine(candidate)
    engine.select(candidate)
    proof = engine.proof()
    assert proof is not None
    assert proof["largest_logit_change"] > 0


def test_a_loss_that_is_no_number_stops_with_the_last_good_checkpoint(trained: Train, tiny_project: Path) -> None:
    with pytest.raises(InputError, match=r"no number at step \d+ of .*lower learning_rate.*checkpoint"):
        trained(
            "first", "epochs = 6\nbatch_size = 8\nlearning_rate = 1e38\n", SHAPE.replace("learning_rate = 5e-3\n", "")
        )
    adapter = get_candidate("first", load_config(tiny_project / "harness.toml")).adapter
    assert adapter is not None
    assert not adapter.exists()


def test_a_killed_training_ends_as_one_that_was_not(trained: Train, tiny_project: Path) -> None:
    """A training of one epoch leaves what one of two epochs leaves when it is killed after the first: rates are constant."""
    adapter, work = tiny_project / "adapters/first/adapter_model.safetensors", tiny_project / ".harness/training"
    trained("first", "epochs = 2\nbatch_size = 4\n")
    weights, whole = adapter.read_bytes(), next(work.iterdir())
    shutil.rmtree(whole)
    trained("first", "epochs = 1\nbatch_size = 4\n")
    assert adapter.read_bytes() != weights
    next(work.iterdir()).rename(whole)
    trained("first", "epochs = 2\nbatch_size = 4\n")
    assert adapter.read_bytes() == weights


def test_settings_decide_the_memory_guess() -> None:
    shape = Shape(
        base=8_000_000_000, embeddings=1_200_000_000, adapter=40_000_000, layers=36, hidden=4096, inner=12288,
        vocabulary=151936,
    )  # fmt: skip
    plain = Recipe(learning_rate=1e-3, epochs=1, batch_size=4, dtype="bfloat16")
    small = plain.model_copy(update={"quantization": "nf4", "gradient_checkpointing": True})
    assert estimate(shape, plain, 512) > 8e9 * 2
    assert 4e9 < estimate(shape, small, 512) < estimate(shape, plain, 512) / 1.5
    assert estimate(shape, plain, 1024) > estimate(shape, plain, 512)


def test_too_little_memory_is_said_before_the_start() -> None:
    recipe = Recipe(learning_rate=1e-3, epochs=1, batch_size=4)
    refuse_too_large(2 * GIB, 2 * GIB, "card", recipe)
    with pytest.raises(
        InputError, match=r"about 3\.0 GiB and 2\.0 GiB are free on card; lower batch_size .*checkpointing = true.*nf4"
    ):
        refuse_too_large(3 * GIB, 2 * GIB, "card", recipe)


@pytest.mark.skipif(find_spec("unsloth") is not None, reason="unsloth is installed")
def test_unsloth_where_it_is_missing() -> None:
    assert choose_backend("auto") == "trl"
    with pytest.raises(InputError, match='needs unsloth; run: pip install unsloth, or set backend = "trl"'):
        choose_backend("unsloth")


@pytest.mark.skipif(find_spec("unsloth") is None, reason="unsloth is not installed")
def test_unsloth_trains_the_same_adapter_shape(trained: Train) -> None:
    import torch

    if not torch.cuda.is_available():
        with pytest.raises(InputError, match="needs a GPU"):
            choose_backend("unsloth")
        return
    done, manifest = trained("first", 'epochs = 15\nbatch_size = 4\nbackend = "unsloth"\n')
    assert manifest["backend"] == "unsloth"
    assert done.losses[-1][1] < done.losses[0][1]


@pytest.mark.skipif(find_spec("bitsandbytes") is None, reason="bitsandbytes is not installed")
def test_a_base_in_four_bits_can_be_trained_on(trained: Train, tiny_project: Path) -> None:
    done, manifest = trained("first", 'epochs = 6\nbatch_size = 4\nquantization = "nf4"\n')
    assert done.losses[-1][1] < done.losses[0][1]
    assert manifest["settings"]["quantization"] == "nf4"
    assert (tiny_project / "adapters/first/adapter_model.safetensors").is_file()
