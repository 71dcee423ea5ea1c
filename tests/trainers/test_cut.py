"""A model cut to some of its layers."""

from pathlib import Path

import pytest

from harness.candidates.models import model_identity, prepare_model
from harness.config import load_config
from harness.errors import InputError

pytestmark = pytest.mark.model


def test_the_kept_layers_and_the_embeddings_are_the_source_s(tiny_project: Path, tiny_model: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    config = load_config(tiny_project / "harness.toml")
    whole = AutoModelForCausalLM.from_pretrained(tiny_model)
    half = AutoModelForCausalLM.from_pretrained(prepare_model("half", config))
    assert half.config.num_hidden_layers == len(half.model.layers) == 2
    for kept, source in ((0, 0), (1, 3)):
        for name, weight in half.model.layers[kept].state_dict().items():
            assert torch.equal(weight, whole.model.layers[source].state_dict()[name])
    assert half.lm_head.weight.data_ptr() == half.model.embed_tokens.weight.data_ptr()
    answer = half.generate(
        torch.tensor([[5, 6, 7]]), max_new_tokens=3, do_sample=False
    )  # the cache fits the layers kept
    assert answer.shape[1] >= 4


def test_other_layers_are_another_model(tiny_project: Path) -> None:
    path = tiny_project / "harness.toml"
    before = model_identity("half", load_config(path))
    path.write_text(path.read_text().replace("layers = [0, 3]", "layers = [0, 2]"))
    assert model_identity("half", load_config(path)) != before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('cut_from = "tiny"', "cut_from and layers go together"),
        ('cut_from = "tiny"\nlayers = [3, 0]', "rising"),
        ('cut_from = "tiny"\nlayers = [-1, 2]', "from 0"),
        ('cut_from = "tinny"\nlayers = [0]', "no uncut model.*tiny"),
        ('cut_from = "half"\nlayers = [0]', "no uncut model"),
    ],
)
def test_what_cannot_be_cut_is_named(tiny_project: Path, text: str, said: str) -> None:
    path = tiny_project / "harness.toml"
    path.write_text(path.read_text() + f"[models.other]\n{text}\n")
    with pytest.raises(InputError, match=said):
        load_config(path)


def test_a_layer_that_is_not_there_is_named(tiny_project: Path) -> None:
    path = tiny_project / "harness.toml"
    path.write_text(path.read_text().replace("layers = [0, 3]", "layers = [0, 4]"))
    with pytest.raises(InputError, match="layers 0 to 3, not 4"):
        prepare_model("half", load_config(path))
