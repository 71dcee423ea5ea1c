"""What vLLM is started with; nothing here needs vLLM."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness.candidates.vllm_settings import VllmSettings
from harness.config import Generation
from harness.errors import InputError
from harness.parsing import parse_json

_RANKS = (8, 16, 32, 64, 128, 256, 320, 512)
"""What vLLM takes for ``max_lora_rank`` in every version."""


def engine_arguments(
    generation: Generation, settings: VllmSettings, ranks: Sequence[int], on_gpu: bool
) -> dict[str, Any]:
    """Arguments of `vllm.LLM`: how weights are kept, the machine's settings, and room for adapters of these ranks.

    Without a GPU one adapter slot is left empty: vLLM's CPU build lets the base's rows through the last one (docs/engines.md).
    Raises `InputError` where vLLM cannot do what is asked.
    """
    if ranks and on_gpu and generation.dtype == "float32":
        raise InputError(
            'engine vllm: on a GPU vLLM takes adapters in 16 bits only; set generation = { dtype = "bfloat16" }, or use engine hf'
        )
    if generation.quantization == "int8":
        raise InputError(
            "engine vllm: quantization int8 works with engine hf only; vLLM quantizes by bitsandbytes to nf4"
        )
    arguments = {
        **settings.model_dump(exclude_none=True),
        "dtype": generation.dtype,
        "enable_prefix_caching": True,
        "use_tqdm_on_load": False,
    }
    if generation.quantization:
        arguments["quantization"] = "bitsandbytes"
    if ranks:
        fitting = [rank for rank in _RANKS if rank >= max(ranks)]
        if not fitting:
            raise InputError(
                f"engine vllm: an adapter of rank {max(ranks)} is over vLLM's limit of {_RANKS[-1]}; use engine hf"
            )
        arguments |= {"enable_lora": True, "max_loras": len(ranks) + (not on_gpu), "max_lora_rank": fitting[0]}
    return arguments


def adapter_rank(folder: Path) -> int:
    """The highest rank of an adapter's layers. Raises `InputError` where its config does not say them."""
    path = folder / "adapter_config.json"
    try:
        config = parse_json(path.read_bytes())
        ranks: list[int] = [config["r"], *(config.get("rank_pattern") or {}).values()]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InputError(f"{path}: not an adapter's config; train or copy the adapter again") from None
    if not all(type(rank) is int and rank > 0 for rank in ranks):
        raise InputError(f"{path}: r and rank_pattern are whole numbers from 1; train or copy the adapter again")
    return max(ranks)
