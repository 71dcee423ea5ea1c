"""The LoRA adapter every method trains: the base it is put on, its settings, and how it is stored."""

import json
from pathlib import Path
from typing import Any

from harness.candidates.candidate import Candidate
from harness.errors import InputError
from harness.trainers.manifest import adapter_folder
from harness.trainers.progress import is_main_process
from harness.trainers.settings import Recipe

ALL_PROJECTIONS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def load_base(folder: Path, recipe: Recipe) -> Any:
    """The base model, in the recipe's precision. Seeds first: the adapter put on it begins with random numbers."""
    import torch
    from transformers import AutoModelForCausalLM, set_seed

    set_seed(recipe.seed)
    dtype = getattr(torch, recipe.dtype)
    if recipe.quantization is None:
        return AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, use_safetensors=True)
    from peft import prepare_model_for_kbit_training

    device = {"": torch.cuda.current_device()} if torch.cuda.is_available() else {"": "cpu"}
    model = AutoModelForCausalLM.from_pretrained(
        folder, dtype=dtype, use_safetensors=True, quantization_config=nf4(recipe), device_map=device
    )
    return prepare_model_for_kbit_training(model, use_gradient_checkpointing=recipe.gradient_checkpointing)


def nf4(recipe: Recipe) -> Any:
    """QLoRA's storage of the base: 4-bit normal floats with quantised constants (Dettmers et al. 2023, arXiv:2305.14314)."""
    import torch

    try:
        import bitsandbytes  # noqa: F401
    except ImportError:
        raise InputError(
            'quantization = "nf4" needs bitsandbytes; run: pip install bitsandbytes, or leave quantization out'
        ) from None
    from transformers import BitsAndBytesConfig

    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=getattr(torch, recipe.dtype),
    )


def lora_config(recipe: Recipe) -> Any:
    """PEFT's configuration of the recipe's adapter, on all projections."""
    from peft import LoraConfig

    return LoraConfig(
        r=recipe.rank,
        lora_alpha=recipe.alpha,
        lora_dropout=recipe.dropout,
        target_modules=ALL_PROJECTIONS,
        task_type="CAUSAL_LM",
    )


def save_adapter(model: Any, tokenizer: Any, candidate: Candidate) -> Path:
    """Store a trained adapter with the chat template it was trained by; only the main process writes.

    It is stored in bfloat16, half the size; the harness computes in the candidate's precision. No model card is kept, and no
    path of this machine in the adapter's config.
    """
    import torch

    folder = adapter_folder(candidate)
    if not is_main_process():
        return folder
    for parameter in model.parameters():
        if parameter.requires_grad:  # the base may be held in 4 bits, which cannot be cast
            parameter.data = parameter.data.to(torch.bfloat16)
    model.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    path = folder / "adapter_config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    config["base_model_name_or_path"] = candidate.settings.model
    path.write_text(json.dumps(config, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    (folder / "chat_template.jinja").write_text(tokenizer.chat_template, encoding="utf-8")
    return folder
