"""Supervised fine-tuning with LoRA: TRL's `SFTTrainer` over PEFT, on a GPU or a CPU.

The candidate in ``harness.toml`` gives model, system prompt and chat template, so training and inference cannot differ;
``trainers/<name>.toml`` gives the rest. Writes the adapter and ``training.json`` into the candidate's adapter folder.
"""

from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from harness.candidates.candidate import Candidate
from harness.trainers.adapters import load_base, lora_config, save_adapter
from harness.trainers.arguments import common_arguments, run_trainer
from harness.trainers.checkpoints import checkpoint_folder
from harness.trainers.manifest import Training, adapter_folder, write_manifest
from harness.trainers.prepare import Prepared, prepare
from harness.trainers.rows import training_rows
from harness.trainers.settings import SupervisedRecipe
from harness.trainers.unsloth_backend import Backend, choose_backend, unsloth_model


class SFTRecipe(SupervisedRecipe):
    """A recipe of method ``sft``."""

    method: Literal["sft"] = "sft"
    backend: Literal["trl", "unsloth", "auto"] = Field(
        "trl", description="auto: Unsloth where it is installed and there is a GPU"
    )

    @model_validator(mode="after")
    def _one_way_to_batch(self) -> "SFTRecipe":
        if self.packing and self.backend != "trl":
            raise ValueError('packing goes with backend = "trl" only')
        return self


def train(candidate: Candidate, recipe: SFTRecipe, work: Path) -> Training:
    """Train the candidate's adapter; a killed training goes on from its last epoch. Raises `InputError` on unfit data."""
    adapter_folder(candidate)
    backend = choose_backend(recipe.backend)
    prepared = prepare(candidate, recipe, training_rows(candidate, recipe))
    training = fit(candidate, recipe, prepared, work, backend)
    write_manifest(candidate, recipe, prepared.items, prepared.data_sha256, training, extra={"backend": backend})
    return training


def fit(
    candidate: Candidate, recipe: SupervisedRecipe, prepared: Prepared, work: Path, backend: Backend = "trl"
) -> Training:
    """Train on prepared rows and store the adapter; the manifest is the caller's, who knows where the rows come from."""
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    checkpoints = checkpoint_folder(work, candidate, recipe, prepared.data_sha256)
    if backend == "unsloth":
        model, peft_config = unsloth_model(prepared.folder, recipe), None
    else:
        model, peft_config = load_base(prepared.folder, recipe), lora_config(recipe)
    trainer = SFTTrainer(
        model=model,
        processing_class=prepared.tokenizer,
        train_dataset=Dataset.from_list(prepared.tokens),
        peft_config=peft_config,
        args=SFTConfig(
            **common_arguments(recipe, checkpoints),
            max_length=recipe.max_length,
            packing=recipe.packing,
            train_sampling_strategy="group_by_length" if recipe.group_by_length else "random",
        ),
    )
    training = run_trainer(trainer, checkpoints, adapter_folder(candidate), len(prepared.items))
    save_adapter(trainer.model, prepared.tokenizer, candidate)
    return training
