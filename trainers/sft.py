"""Supervised fine-tuning with LoRA: TRL's `SFTTrainer` over PEFT, on a GPU or a CPU.

The candidate in ``harness.toml`` gives model, system prompt and chat template, so training and inference cannot differ;
``trainers/<name>.toml`` gives the rest. Writes the adapter and ``training.json`` into the candidate's adapter folder.
"""

import json
import time
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harness import __version__
from harness.candidates.candidate import TRAINING_MANIFEST, Candidate
from harness.candidates.models import model_identity, prepare_model
from harness.errors import InputError
from harness.hashing import sha256_json, sha256_text
from harness.suite.canary import holds_canary
from harness.suite.item import Item, Split
from harness.suite.leakage import find_leaks
from harness.suite.prompts import messages

ALL_PROJECTIONS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


class SFTSettings(BaseModel):
    """A training recipe. Learning rate is the peak; ``rows`` chooses the part of the training split."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rows: Literal["all", "first intent of each domain"] = "all"
    rank: int = Field(16, ge=1)
    alpha: int = Field(32, ge=1)
    dropout: float = Field(0.0, ge=0, lt=1)
    learning_rate: float = Field(gt=0)
    epochs: int = Field(ge=1)
    batch_size: int = Field(8, ge=1)
    warmup_ratio: float = Field(0.05, ge=0, lt=1)
    schedule: Literal["cosine", "linear", "constant"] = "cosine"
    weight_decay: float = Field(0.0, ge=0)
    max_length: int = Field(1024, ge=64)
    seed: int = 0


@dataclass(frozen=True)
class Training:
    """What came of a training."""

    adapter: Path
    rows: int
    seconds: float
    first_loss: float
    last_loss: float


def load_settings(path: Path) -> SFTSettings:
    """Read a recipe. Raises `InputError` naming the key."""
    try:
        return SFTSettings.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise InputError(f"{path}: no recipe of this name; copy another one and change it") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path}: not readable as TOML: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def select_rows(items: list[Item], rows: str) -> list[Item]:
    """The part of the training split a recipe asks for."""
    if rows == "all":
        return items
    first: dict[str, str] = {}
    for item in items:
        first.setdefault(item.domain, item.intent)
    return [item for item in items if first[item.domain] == item.intent]


def training_rows(candidate: Candidate, settings: SFTSettings) -> list[Item]:
    """Rows of the training split. Raises `InputError` where one is too close to a test question or holds a canary."""
    items = select_rows(candidate.suite.items(Split.TRAIN), settings.rows)
    marked = [item.id for item in items if holds_canary(f"{item.problem}\n{item.generated_solution}", candidate.suite)]
    if marked:
        raise InputError(
            f"{len(marked)} training rows hold a test set's canary, first {marked[0]}: they were copied from a benchmark; "
            "remove them from the training split"
        )
    leaks = find_leaks(
        [(item.id, item.problem) for item in items],
        [(item.id, item.problem) for item in candidate.suite.items(Split.TEST)],
    )
    if leaks:
        worst = leaks[0]
        raise InputError(
            f"{len(leaks)} training rows repeat test questions, first {worst.train_id} and {worst.test_id} "
            f"({worst.kind}, {worst.similarity:.2f}); remove them from the training split"
        )
    return items


def train(candidate: Candidate, settings: SFTSettings, work: Path) -> Training:
    """Train the candidate's adapter; a killed training goes on from its last epoch. Raises `InputError` on unfit data."""
    if candidate.adapter is None or candidate.settings.model is None:
        raise InputError(f"candidate {candidate.name} has no adapter in harness.toml; name the folder to train into")
    items = training_rows(candidate, settings)
    import torch
    import transformers
    import trl
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.trainer_utils import get_last_checkpoint
    from trl import SFTConfig, SFTTrainer

    folder = prepare_model(candidate.settings.model, candidate.config)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    if candidate.chat_template:
        tokenizer.chat_template = candidate.chat_template
    rows = [
        {
            "prompt": messages(item, candidate.system_prompt),
            "completion": [{"role": "assistant", "content": item.generated_solution}],
        }
        for item in items
    ]
    _refuse_long_rows(items, rows, tokenizer, settings.max_length)
    on_gpu = torch.cuda.is_available()
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    data_sha256 = sha256_json([[item.id, item.problem, item.generated_solution] for item in items])
    checkpoints = (
        work / f"{candidate.name}-{sha256_json([data_sha256, settings.model_dump(), candidate.system_prompt])[:12]}"
    )
    trainer = SFTTrainer(
        model=model,
        processing_class=tokenizer,
        train_dataset=Dataset.from_list(rows),
        peft_config=LoraConfig(
            r=settings.rank,
            lora_alpha=settings.alpha,
            lora_dropout=settings.dropout,
            target_modules=ALL_PROJECTIONS,
            task_type="CAUSAL_LM",
        ),
        args=SFTConfig(
            output_dir=str(checkpoints),
            per_device_train_batch_size=settings.batch_size,
            num_train_epochs=settings.epochs,
            learning_rate=settings.learning_rate,
            lr_scheduler_type=settings.schedule,
            warmup_steps=settings.warmup_ratio,
            weight_decay=settings.weight_decay,
            max_length=settings.max_length,
            completion_only_loss=True,
            save_strategy="epoch",
            save_total_limit=1,
            logging_steps=5,
            seed=settings.seed,
            use_cpu=not on_gpu,
            bf16=False,
            gradient_checkpointing=False,
            report_to=[],
            dataloader_pin_memory=on_gpu,
        ),
    )
    began = time.perf_counter()
    trainer.train(resume_from_checkpoint=get_last_checkpoint(str(checkpoints)) if checkpoints.is_dir() else None)
    seconds = time.perf_counter() - began
    losses = [[entry["step"], round(entry["loss"], 4)] for entry in trainer.state.log_history if "loss" in entry]
    trained = trainer.model.to(torch.bfloat16)  # half the size; the harness computes in the candidate's precision
    trained.save_pretrained(candidate.adapter)
    _tidy(candidate.adapter, candidate.settings.model)
    manifest: dict[str, Any] = {
        "candidate": candidate.name,
        "method": "sft-lora",
        "base": candidate.settings.model,
        "base_sha256": model_identity(candidate.settings.model, candidate.config),
        "suite": candidate.config.suite,
        "split": Split.TRAIN.value,
        "rows": len(items),
        "row_ids": [item.id for item in items],
        "data_sha256": data_sha256,
        "data_author_kinds": sorted({item.author_kind for item in items}),
        "system_prompt_sha256": sha256_text(candidate.system_prompt) if candidate.system_prompt else None,
        "instruments": [],
        "settings": settings.model_dump(),
        "loss": losses,
        "seconds": round(seconds, 1),
        "device": torch.cuda.get_device_name() if on_gpu else "cpu",
        "versions": {
            "harness": __version__,
            "torch": torch.__version__,
            "transformers": transformers.__version__,
            "trl": trl.__version__,
        },
        "trained": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    (candidate.adapter / TRAINING_MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    return Training(candidate.adapter, len(items), seconds, losses[0][1], losses[-1][1])


def _refuse_long_rows(items: list[Item], rows: list[dict[str, Any]], tokenizer: Any, limit: int) -> None:
    """Over-long rows are named, never silently dropped or cut."""
    long = []
    for item, row in zip(items, rows, strict=True):
        text = tokenizer.apply_chat_template(row["prompt"] + row["completion"], tokenize=False)
        count = len(tokenizer(text)["input_ids"])
        if count > limit:
            long.append(f"{item.id} ({count})")
    if long:
        raise InputError(
            f"{len(long)} training rows are over {limit} tokens: {', '.join(long[:5])}; shorten them or raise max_length"
        )


def _tidy(adapter: Path, model: str) -> None:
    """Keep what the harness needs: no model card, and no path of this machine in the adapter's config."""
    (adapter / "README.md").unlink(missing_ok=True)
    path = adapter / "adapter_config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    config["base_model_name_or_path"] = model
    path.write_text(json.dumps(config, indent=1, sort_keys=True) + "\n", encoding="utf-8")
