"""How much memory a training will take, guessed from the model's shape before anything is loaded."""

from dataclasses import dataclass
from pathlib import Path

from harness.errors import InputError
from harness.trainers.settings import Recipe

GIB = 1024**3
KEPT = 16
"""Values kept for the backward pass by token, layer and hidden unit, feed-forward aside: norms, projections, attention."""


@dataclass(frozen=True)
class Shape:
    """What decides the memory: parameters of base and adapter, and the sizes of one token's values."""

    base: int
    embeddings: int
    adapter: int
    layers: int
    hidden: int
    inner: int
    vocabulary: int


def estimate(shape: Shape, recipe: Recipe, longest: int) -> int:
    """Bytes of weights, adapter with its gradients and Adam's two moments, values kept for backward, and logits.

    A guess from above for a full batch of the longest row; attention is taken to keep no square of the length.
    """
    width = 2 if recipe.dtype == "bfloat16" else 4
    if recipe.quantization == "nf4":  # half a byte and its constants; what is not quantised is held in float32
        weights = (shape.base - shape.embeddings) * 0.53 + shape.embeddings * 4
    else:
        weights = float(shape.base * width)
    tokens = recipe.batch_size * longest
    layer = tokens * (KEPT * shape.hidden + 4 * shape.inner) * width
    if recipe.gradient_checkpointing:  # one input a layer, and one layer at a time recomputed
        kept = shape.layers * tokens * shape.hidden * width + layer
    else:
        kept = shape.layers * layer
    logits = tokens * shape.vocabulary * (width + 8)
    return int(weights + shape.adapter * 16 + kept + logits)


def read_shape(folder: Path, rank: int) -> Shape:
    """The shape of the model in ``folder``, from its config alone."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    from harness.trainers.adapters import ALL_PROJECTIONS

    config = AutoConfig.from_pretrained(folder)
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config)
    text = config.get_text_config()
    adapter = sum(
        rank * (module.in_features + module.out_features)
        for name, module in model.named_modules()
        if name.rpartition(".")[2] in ALL_PROJECTIONS
    )
    tables = {model.get_input_embeddings().weight, model.get_output_embeddings().weight}
    return Shape(
        base=sum(each.numel() for each in model.parameters()),
        embeddings=sum(each.numel() for each in tables),
        adapter=adapter,
        layers=text.num_hidden_layers,
        hidden=text.hidden_size,
        inner=text.intermediate_size,
        vocabulary=text.vocab_size,
    )


def free_memory() -> tuple[int, str]:
    """Free bytes where the training will run, and its name."""
    import psutil
    import torch

    if torch.cuda.is_available():
        return torch.cuda.mem_get_info()[0], torch.cuda.get_device_name()
    return psutil.virtual_memory().available, "this machine"


def refuse_too_large(needed: int, free: int, where: str, recipe: Recipe) -> None:
    """Raise `InputError` where a training would not fit, with what would make it smaller."""
    if needed <= free:
        return
    ways = ["lower batch_size and raise accumulate" if recipe.batch_size > 1 else "lower max_length"]
    if not recipe.gradient_checkpointing:
        ways.append("set gradient_checkpointing = true")
    if recipe.quantization is None:
        ways.append('set quantization = "nf4"')
    raise InputError(
        f"training needs about {needed / GIB:.1f} GiB and {free / GIB:.1f} GiB are free on {where}; {', or '.join(ways)}"
    )
