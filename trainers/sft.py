"""Supervised fine-tuning with LoRA: TRL's `SFTTrainer` over PEFT, on a GPU or a CPU.

The candidate in ``harness.toml`` gives model, system prompt and chat template, so training and inference cannot differ;
``trainers/<name>.toml`` gives the rest. Writes the adapter and ``training.json`` into the candidate's adapter folder.
"""

from pathlib import Path
from typing import Literal

from harness.candidates.candidate import Candidate
from harness.trainers.adapters import load_base, lora_config, save_adapter
from harness.trainers.arguments import common_arguments, run_trainer
from harness.trainers.checkpoints import checkpoint_folder
from harness.trainers.manifest import Training, adapter_folder, write_manifest
from harness.trainers.prepare import Prepared, prepare
from harness.trainers.rows import training_rows
from harness.trainers.settings import Recipe


class SFTRecipe(Recipe):
    """A recipe of method ``sft``."""

    method: Literal["sft"] = "sft"


def train(candidate: Candidate, recipe: SFTRecipe, work: Path) -> Training:
    """Train the candidate's adapter; a killed training goes on from its last epoch. Raises `InputError` on unfit data."""
    adapter_folder(candidate)
    prepared = prepare(candidate, recipe, training_rows(candidate, recipe))
    training = fit(candidate, recipe, prepared, work)
    write_manifest(candidate, recipe, prepared.items, prepared.data_sha256, training)
    return training


def fit(candidate: Candidate, recipe: Recipe, prepared: Prepared, work: Path) -> Training:
    """Train on prepared rows and store the adapter; the manifest is the caller's, who knows where the rows come from."""
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    checkpoints = checkpoint_folder(work, candidate, recipe, prepared.data_sha256)
    trainer = SFTTrainer(
        model=load_base(prepared.folder, recipe),
        processing_class=prepared.tokenizer,
        train_dataset=Dataset.from_list(prepared.examples),
        peft_config=lora_config(recipe),
        args=SFTConfig(
            **common_arguments(recipe, checkpoints), max_length=recipe.max_length, completion_only_loss=True
        ),
    )
    training = run_trainer(trainer, checkpoints, adapter_folder(candidate), len(prepared.items))
    save_adapter(trainer.model, prepared.tokenizer, candidate)
    return training
