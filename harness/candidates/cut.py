"""Cut a model to some of its layers: a smaller student that begins from what the larger model knows.

Embeddings, final norm and head stay as they are, tied where they were tied. Evenly spaced layers with the first and the last
kept disturb least: Sanh et al. (2019), "DistilBERT", arXiv:1910.01108, took every second one.
"""

from collections.abc import Sequence
from pathlib import Path

from harness.errors import InputError

CUTTER_VERSION = 1


def cut(source: Path, layers: Sequence[int], folder: Path) -> None:
    """Write ``folder`` with the model of ``source`` cut to ``layers`` (numbers from 0, rising), and its tokenizer.

    Raises `InputError` where the model has no such layer or its layers do not lie where decoders keep them.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(source, dtype="auto")
    decoder, config = model.get_decoder(), model.config
    found = getattr(decoder, "layers", None)
    if found is None or len(found) != config.num_hidden_layers:
        raise InputError(f"{source}: a {type(model).__name__} cannot be cut: its layers are not in one list")
    if layers[-1] >= len(found):
        raise InputError(f"{source}: has layers 0 to {len(found) - 1}, not {layers[-1]}; change layers in harness.toml")
    decoder.layers = torch.nn.ModuleList(found[number] for number in layers)
    config.num_hidden_layers = len(layers)
    if getattr(config, "layer_types", None):  # models that mix kinds of attention name one a layer
        config.layer_types = [config.layer_types[number] for number in layers]
    model.save_pretrained(folder)
    AutoTokenizer.from_pretrained(source).save_pretrained(folder)
