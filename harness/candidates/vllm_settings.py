"""``[vllm]``, or ``[candidates.NAME.vllm]``: how vLLM uses the machine. Nothing of it belongs to a candidate's identity."""

from pydantic import BaseModel, ConfigDict, Field


class VllmSettings(BaseModel):
    """vLLM's own names; what is left out is vLLM's default."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())

    tensor_parallel_size: int = Field(default=1, ge=1, description="GPUs over which each layer is split")
    gpu_memory_utilization: float | None = Field(default=None, gt=0, le=1, description="share of each GPU's memory")
    max_model_len: int | None = Field(
        default=None, ge=1, description="tokens of prompt and answer; default: the model's"
    )
    enforce_eager: bool = Field(default=False, description="start sooner and answer slower: no CUDA graphs")
