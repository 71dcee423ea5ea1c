"""Arguments that TRL's trainers have in common, from a recipe; and running such a trainer to its end."""

import time
from pathlib import Path
from typing import Any

from harness.trainers.checkpoints import last_checkpoint
from harness.trainers.manifest import Training
from harness.trainers.settings import Recipe


def common_arguments(recipe: Recipe, checkpoints: Path) -> dict[str, Any]:
    """Keyword arguments for ``SFTConfig``, ``DPOConfig``, ``GRPOConfig`` and their like."""
    import torch

    on_gpu = torch.cuda.is_available()
    return {
        "output_dir": str(checkpoints),
        "per_device_train_batch_size": recipe.batch_size,
        "gradient_accumulation_steps": recipe.accumulate,
        "num_train_epochs": recipe.epochs,
        "learning_rate": recipe.learning_rate,
        "lr_scheduler_type": recipe.schedule,
        "warmup_steps": recipe.warmup_ratio,  # below 1 it is a share of all steps
        "weight_decay": recipe.weight_decay,
        "save_strategy": "epoch",
        "save_total_limit": 1,
        "logging_steps": 5,
        "logging_nan_inf_filter": False,  # a loss that is no number must be seen
        "seed": recipe.seed,
        "use_cpu": not on_gpu,
        "bf16": recipe.dtype == "bfloat16",
        "gradient_checkpointing": recipe.gradient_checkpointing,
        "gradient_checkpointing_kwargs": {"use_reentrant": False} if recipe.gradient_checkpointing else None,
        "report_to": [],
        "dataloader_pin_memory": on_gpu,
        "ddp_find_unused_parameters": False,  # every weight of an adapter is used in every step
        "disable_tqdm": True,
    }


def run_trainer(trainer: Any, checkpoints: Path, adapter: Path, rows: int) -> Training:
    """Train, from the last checkpoint where there is one, under a progress bar.

    Raises `InputError` where the loss is no number; the last good checkpoint stays.
    """
    import torch
    from transformers import PrinterCallback

    from harness.trainers.callbacks import Diverged, ProgressBar

    bar = ProgressBar()
    trainer.remove_callback(PrinterCallback)
    trainer.add_callback(bar)
    trainer.add_callback(Diverged(checkpoints))
    on_gpu = torch.cuda.is_available()
    if on_gpu:
        torch.cuda.reset_peak_memory_stats()
    began = time.perf_counter()
    try:
        trainer.train(resume_from_checkpoint=last_checkpoint(checkpoints))
    finally:
        bar.close()
    seconds = time.perf_counter() - began
    losses = [(entry["step"], float(entry["loss"])) for entry in trainer.state.log_history if "loss" in entry]
    if not losses:  # fewer steps than between two entries
        losses = [(trainer.state.global_step, float(trainer.state.log_history[-1]["train_loss"]))]
    return Training(adapter, rows, seconds, losses, torch.cuda.max_memory_allocated() if on_gpu else None)
