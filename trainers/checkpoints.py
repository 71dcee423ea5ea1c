"""Checkpoints of a training, by what decides it: a killed training goes on, a changed one begins anew."""

from pathlib import Path

from harness.candidates.candidate import Candidate
from harness.hashing import sha256_json
from harness.trainers.settings import Recipe


def checkpoint_folder(work: Path, candidate: Candidate, recipe: Recipe, data_sha256: str) -> Path:
    """Folder for the checkpoints of this candidate, recipe and data."""
    decided = [data_sha256, recipe.model_dump(mode="json"), candidate.system_prompt, candidate.chat_template]
    return work / f"{candidate.name}-{sha256_json(decided)[:12]}"


def last_checkpoint(folder: Path) -> str | None:
    """The newest checkpoint in ``folder``, if any."""
    from transformers.trainer_utils import get_last_checkpoint

    found: str | None = get_last_checkpoint(str(folder)) if folder.is_dir() else None
    return found
