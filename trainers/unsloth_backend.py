"""Unsloth instead of plain PEFT: the same adapter on the same base, with Unsloth's kernels.

Unsloth patches transformers and TRL when it is imported, so `choose_backend` comes before anything else of a training.
"""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from harness.errors import InputError
from harness.trainers.adapters import ALL_PROJECTIONS
from harness.trainers.settings import Recipe

Backend = Literal["trl", "unsloth"]
ON_CPU = "UNSLOTH_ALLOW_CPU"
"""Unsloth's own switch for trying its code without a GPU."""


def choose_backend(asked: Literal["trl", "unsloth", "auto"]) -> Backend:
    """The backend to train by, imported where it is Unsloth; ``auto`` takes it where it is installed and can run.

    Raises `InputError` where Unsloth is asked for and is missing or has no GPU.
    """
    if asked == "trl":
        return "trl"
    import torch

    installed = find_spec("unsloth") is not None
    runs = torch.cuda.is_available() or os.environ.get(ON_CPU) == "1"
    if asked == "auto" and not (installed and runs):
        return "trl"
    if not installed:
        raise InputError('backend = "unsloth" needs unsloth; run: pip install unsloth, or set backend = "trl"')
    if not runs:
        raise InputError(f'backend = "unsloth" needs a GPU; set backend = "trl", or {ON_CPU}=1 to try it without one')
    import unsloth  # noqa: F401

    return "unsloth"


def unsloth_model(folder: Path, recipe: Recipe) -> Any:
    """The base with a fresh adapter of the recipe's shape, made by Unsloth."""
    import torch
    from transformers import set_seed
    from unsloth import FastLanguageModel

    set_seed(recipe.seed)
    checkpointing: Literal["unsloth", False] = "unsloth" if recipe.gradient_checkpointing else False
    model, _ = FastLanguageModel.from_pretrained(
        str(folder),
        max_seq_length=recipe.max_length,
        dtype=getattr(torch, recipe.dtype),
        load_in_4bit=recipe.quantization == "nf4",
        use_gradient_checkpointing=checkpointing,
    )
    return FastLanguageModel.get_peft_model(
        model,
        r=recipe.rank,
        lora_alpha=recipe.alpha,
        lora_dropout=recipe.dropout,
        target_modules=ALL_PROJECTIONS,
        bias="none",
        use_gradient_checkpointing=checkpointing,
        random_state=recipe.seed,
        max_seq_length=recipe.max_length,
    )
