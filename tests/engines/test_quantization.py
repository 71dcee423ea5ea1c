"""Weights in 4 and 8 bits by bitsandbytes: really small in memory, and part of who a candidate is."""

from pathlib import Path
from typing import Any

import pytest

from harness.candidates.candidate import get_candidate
from harness.config import Generation, load_config


@pytest.fixture(scope="module")
def random_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from transformers import LlamaConfig, LlamaForCausalLM

    folder = tmp_path_factory.mktemp("random")
    config = LlamaConfig(
        vocab_size=64, hidden_size=128, intermediate_size=256, num_hidden_layers=1, num_attention_heads=2
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


@pytest.mark.parametrize(("quantization", "bytes_a_weight"), [(None, 4), ("int8", 1), ("nf4", 0.5)])
def test_a_linear_layer_is_as_small_as_it_should_be(
    random_model: Path, quantization: Any, bytes_a_weight: float
) -> None:
    import torch

    from harness.engines.hf import load_model

    model = load_model(random_model, Generation(quantization=quantization), "cpu")
    weight = model.model.layers[0].mlp.up_proj.weight
    assert weight.nbytes == 128 * 256 * bytes_a_weight
    with torch.inference_mode():
        logits = model(input_ids=torch.tensor([[1, 2, 3]])).logits
    assert logits.shape == (1, 3, 64)
    assert bool(torch.isfinite(logits).all())


def test_quantization_is_part_of_the_identity_and_of_what_shares_an_engine(model_project: Path) -> None:
    path = model_project / "harness.toml"
    plain = get_candidate("base", load_config(path))
    assert "quantization" not in plain.identity["generation"]  # runs made before the key existed keep theirs
    path.write_text(path.read_text().replace("batch_size = 3", 'batch_size = 3\nquantization = "nf4"'))
    small = get_candidate("base", load_config(path))
    assert small.identity["generation"]["quantization"] == "nf4"
    assert small.fingerprint != plain.fingerprint
    assert small.shared_engine != plain.shared_engine
