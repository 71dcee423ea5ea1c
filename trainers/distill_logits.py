"""Distillation on logits, on policy: a smaller student matches its teacher's next-token distribution, also on its own answers.

With chance ``on_policy`` a batch is answered by the student as it then is, else it holds the rows' gold; the loss is the
generalised Jensen-Shannon divergence between both models' distributions over that answer. TRL's `GKDTrainer`, because its
maintained successor `DistillationTrainer` is on-policy only, and a freshly cut student cannot yet say anything worth matching.
Source: Agarwal et al. (2024), ICLR, arXiv:2306.13649.
"""

import os
from pathlib import Path
from typing import Literal

from pydantic import Field

from harness.candidates.candidate import Candidate, get_candidate
from harness.candidates.models import prepare_model
from harness.errors import InputError
from harness.trainers.adapters import save_adapter
from harness.trainers.arguments import common_arguments, run_trainer
from harness.trainers.checkpoints import checkpoint_folder
from harness.trainers.manifest import Training, adapter_folder, write_manifest
from harness.trainers.prepare import load_tokenizer, prepare
from harness.trainers.rows import training_rows
from harness.trainers.starting import StartedRecipe, merged_model, model_to_train, start_extra


class DistillLogitsRecipe(StartedRecipe):
    """A recipe of method ``distill-logits``."""

    method: Literal["distill-logits"] = "distill-logits"
    teacher: str = Field(
        description="candidate whose distribution is matched; its model shares the student's vocabulary"
    )
    on_policy: float = Field(0.5, ge=0, le=1, description="share of batches that the student answers itself")
    beta: float = Field(0.5, ge=0, le=1, description="0: forward KL, 1: reverse KL, between: Jensen-Shannon")
    temperature: float = Field(0.9, gt=0, description="at which the student answers")
    max_new_tokens: int = Field(160, ge=1, description="of the student's own answers")


def train(candidate: Candidate, recipe: DistillLogitsRecipe, work: Path) -> Training:
    """Train the student's adapter; a killed training goes on from its last epoch. Raises `InputError` on an unfit teacher."""
    adapter = adapter_folder(candidate)
    teacher = fit_teacher(candidate, recipe.teacher)
    prepared = prepare(candidate, recipe, training_rows(candidate, recipe))
    tokenizer = load_tokenizer(teacher, prepare_model(str(teacher.settings.model), candidate.config))
    if tokenizer.get_vocab() != prepared.tokenizer.get_vocab():
        raise InputError(
            f"teacher {recipe.teacher} has another vocabulary than {candidate.name}; logits cannot be matched: "
            'use method = "distill-answers"'
        )
    if tokenizer.chat_template != prepared.tokenizer.chat_template:
        raise InputError(
            f"teacher {recipe.teacher} has another chat template than {candidate.name}; give both the same"
        )
    os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")  # its version is pinned
    from datasets import Dataset
    from trl.experimental.gkd import GKDConfig, GKDTrainer

    checkpoints = checkpoint_folder(work, candidate, recipe, prepared.data_sha256)
    trainer = GKDTrainer(
        **model_to_train(candidate, recipe, prepared.folder),
        teacher_model=merged_model(teacher, candidate.config, recipe),
        processing_class=prepared.tokenizer,
        train_dataset=Dataset.from_list(
            [{"messages": example["prompt"] + example["completion"]} for example in prepared.examples]
        ),
        args=GKDConfig(
            **common_arguments(recipe, checkpoints),
            max_length=recipe.max_length,
            lmbda=recipe.on_policy,
            beta=recipe.beta,
            temperature=recipe.temperature,
            max_new_tokens=recipe.max_new_tokens,
        ),
    )
    training = run_trainer(trainer, checkpoints, adapter, len(prepared.items))
    save_adapter(trainer.model, prepared.tokenizer, candidate)
    write_manifest(
        candidate, recipe, prepared.items, prepared.data_sha256, training,
        models=[str(teacher.settings.model)],
        extra={
            "teacher": str(teacher.settings.model),
            "teacher_candidate": recipe.teacher,
            "teacher_fingerprint": teacher.fingerprint,
            **start_extra(candidate, recipe),
        },
    )  # fmt: skip
    return training


def fit_teacher(candidate: Candidate, name: str) -> Candidate:
    """The candidate ``name`` as teacher. Raises `InputError` where its logits are not to be had for the student's prompts."""
    teacher = get_candidate(name, candidate.config)
    if teacher.settings.model is None:
        raise InputError(f'teacher {name} has no local model, so no logits; use method = "distill-answers"')
    asked, others = teacher.settings, candidate.settings
    if (asked.retrieval, asked.examples) != (others.retrieval, others.examples):
        raise InputError(
            f"teacher {name} is shown other knowledge entries or examples than {candidate.name}; give both the same, or use "
            'method = "distill-answers"'
        )
    if teacher.system_prompt != candidate.system_prompt:
        raise InputError(f"teacher {name} has another system prompt than {candidate.name}; give both the same")
    _ = teacher.identity  # raises where its adapter is missing or was trained on another base
    return teacher
