"""A project whose base is a tiny random Llama with the bundled model's tokenizer: a training takes seconds."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SHAPE = 'rank = 4\nalpha = 8\nlearning_rate = 5e-3\nschedule = "constant"\n'
Trained = tuple[Any, dict[str, Any]]


@pytest.fixture(scope="session")
def tiny_model(base_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

    folder = tmp_path_factory.mktemp("tiny")
    tokenizer = AutoTokenizer.from_pretrained(base_model)
    torch.manual_seed(0)
    shape = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=4, num_attention_heads=2,
        num_key_value_heads=1, tie_word_embeddings=True, max_position_embeddings=1024, eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id, bos_token_id=tokenizer.bos_token_id,
    )  # fmt: skip
    LlamaForCausalLM(shape).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture
def tiny_project(project: Path, tiny_model: Path) -> Path:
    """The small project with candidates on the tiny model and on half of it; ``oracle`` answers half of all questions rightly."""
    from harness.suite.item import Split
    from harness.suite.suite import Suite

    suite = Suite("facencial", project / "tasks/facencial")
    answers = [
        {
            "id": item.id,
            "completion": item.generated_solution if index % 2 == 0 else "<think>?</think><output>Entahlah.</output>",
            "author_kind": "model",
            "source": "test",
        }
        for split in (Split.TRAIN, Split.FEEDBACK)
        for index, item in enumerate(suite.items(split))
    ]
    (project / "oracle.jsonl").write_text("".join(json.dumps(row) + "\n" for row in answers), encoding="utf-8")
    local = "".join(
        f'[candidates.{name}]\nmodel = "{model}"\nadapter = "adapters/{name}"\n'
        for name, model in (("first", "tiny"), ("second", "tiny"), ("student", "half"))
    )
    with (project / "harness.toml").open("a", encoding="utf-8") as file:
        file.write(
            f'[models.tiny]\npath = "{tiny_model}"\n[models.half]\ncut_from = "tiny"\nlayers = [0, 3]\n{local}'
            '[candidates.oracle]\nengine = "recorded"\nanswers = "oracle.jsonl"\n'
        )
    return project


@pytest.fixture
def trained(tiny_project: Path) -> Callable[..., Trained]:
    """Train a candidate by a recipe's text; returns the training and its manifest."""
    from harness.candidates.candidate import get_candidate
    from harness.config import load_config
    from harness.trainers.methods import load_recipe, train

    def run(name: str, recipe: str, shape: str = SHAPE) -> Trained:
        path = tiny_project / f"{name}.toml"
        path.write_text(shape + recipe, encoding="utf-8")
        config = load_config(tiny_project / "harness.toml")
        done = train(get_candidate(name, config), load_recipe(path), tiny_project / ".harness/training")
        manifest = get_candidate(name, config).training
        assert manifest is not None
        return done, manifest

    return run
