"""What every recipe ``trainers/NAME.toml`` may say; each method adds its own keys in a class of its own."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Recipe(BaseModel):
    """Keys that all methods share: which rows, the adapter, the optimiser, the precision. Paths are relative to ``harness.toml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: str = "sft"

    rows: Literal["all", "first intent of each domain", "none"] = Field("all", description="part of the training split")
    paraphrases: Path | None = Field(None, description="folder of topic files: questions and answers on known facts")
    questions_per_topic: int | None = Field(None, ge=1, description="cap for a topic and language, drawn by the seed")
    answers_per_question: int = Field(1, ge=1, description="rows made of a question, each with another answer")
    corrections: tuple[Path, ...] = Field((), description="datasets of `harness correct`")

    rank: int = Field(16, ge=1)
    alpha: int = Field(32, ge=1)
    dropout: float = Field(0.0, ge=0, lt=1)

    learning_rate: float = Field(gt=0, description="at its peak")
    epochs: int = Field(ge=1)
    batch_size: int = Field(8, ge=1, description="rows on a device at once")
    accumulate: int = Field(1, ge=1, description="batches whose gradients make one step")
    warmup_ratio: float = Field(0.05, ge=0, lt=1)
    schedule: Literal["cosine", "linear", "constant"] = "cosine"
    weight_decay: float = Field(0.0, ge=0)
    max_length: int = Field(1024, ge=64, description="tokens of prompt and answer together; longer rows are refused")
    seed: int = 0

    dtype: Literal["float32", "bfloat16"] = Field(
        "float32",
        description="of the base's weights; bfloat16 also computes in it (autocast), with the adapter in float32",
    )
    quantization: Literal["nf4"] | None = Field(None, description="QLoRA: the base is held in 4 bits, by bitsandbytes")
    gradient_checkpointing: bool = Field(False, description="less memory for about a third more time")
    needs_gpu: bool = Field(False, description="refuse to begin on a CPU, where it would take days")


class SupervisedRecipe(Recipe):
    """Keys of methods that fit the rows' answers token by token."""

    packing: bool = Field(
        False, description="several rows to a sequence of max_length, which attend to themselves only"
    )
    group_by_length: bool = Field(False, description="batches of rows of about one length: less padding, faster")
