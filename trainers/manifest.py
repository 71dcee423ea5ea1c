"""``training.json``: what an adapter was made of, by what, and how it went."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from harness.candidates.candidate import TRAINING_MANIFEST, Candidate
from harness.candidates.models import model_identity
from harness.errors import InputError
from harness.hashing import sha256_json, sha256_text
from harness.suite.item import Item, Split
from harness.suite.novelty import taught_facts
from harness.trainers.progress import is_main_process, process_count
from harness.trainers.rows import correctors
from harness.trainers.settings import Recipe

PACKAGES = ("harness", "torch", "transformers", "trl", "peft", "accelerate", "bitsandbytes", "unsloth")


@dataclass(frozen=True)
class Training:
    """What came of a training. ``losses`` are (step, mean loss since the last entry), ``memory_bytes`` the peak on the GPU."""

    adapter: Path
    rows: int
    seconds: float
    losses: list[tuple[int, float]]
    memory_bytes: int | None = None


def adapter_folder(candidate: Candidate) -> Path:
    """Where the candidate's adapter goes. Raises `InputError` where harness.toml names no model or adapter."""
    if candidate.adapter is None or candidate.settings.model is None:
        raise InputError(f"candidate {candidate.name} has no adapter in harness.toml; name the folder to train into")
    return candidate.adapter


def write_manifest(
    candidate: Candidate,
    recipe: Recipe,
    items: Sequence[Item],
    data_sha256: str,
    training: Training,
    *,
    instruments: Sequence[str] = (),
    models: Sequence[str] = (),
    extra: dict[str, Any] | None = None,
) -> Path:
    """Write the manifest beside the adapter; only the main process does.

    ``instruments`` are the scorers and judges that filtered or rewarded the data, ``models`` those that wrote, filtered or
    rewarded it, both beyond what rows and corrections say of themselves; ``extra`` is what only one method knows.
    """
    import torch

    path = training.adapter / TRAINING_MANIFEST
    if not is_main_process():
        return path
    checked, wrote = correctors(candidate, recipe)
    wrote |= {item.author for item in items if item.author_kind == "model"}
    manifest: dict[str, Any] = {
        "candidate": candidate.name,
        "method": recipe.method,
        "base": candidate.settings.model,
        "base_sha256": model_identity(str(candidate.settings.model), candidate.config),
        "suite": candidate.config.suite,
        "split": Split.TRAIN.value,
        "rows": len(items),
        "row_ids": [item.id for item in items],
        "taught": sorted(sorted(facts) for facts in {taught_facts(item) for item in items}),
        "data_sha256": data_sha256,
        "split_sha256": _split_sha256(candidate),
        "data_author_kinds": sorted({item.author_kind for item in items}),
        "data_authors": sorted({item.author for item in items}),
        "system_prompt_sha256": sha256_text(candidate.system_prompt) if candidate.system_prompt else None,
        "instruments": sorted({*instruments, *checked}),
        "models": sorted({*models, *wrote}),
        "settings": recipe.model_dump(mode="json"),
        **(extra or {}),
        "loss": [[step, round(loss, 4)] for step, loss in training.losses],
        "seconds": round(training.seconds, 1),
        "gpu_memory_bytes": training.memory_bytes,
        "processes": process_count(),
        "device": torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu",
        "versions": _versions(),
        "trained": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    path.write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    return path


def _split_sha256(candidate: Candidate) -> str:
    """Digest of the whole training split as it stood, whichever part of it was trained on."""
    items = candidate.suite.items(Split.TRAIN)
    return sha256_json([[item.id, item.problem, item.generated_solution] for item in items])


def _versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
