"""Where a training begins: at the base with a fresh adapter, or at the adapter of a candidate trained before."""

import shutil
from pathlib import Path
from typing import Any

from pydantic import Field

from harness.candidates.candidate import ADAPTER_WEIGHTS, Candidate, get_candidate
from harness.candidates.models import prepare_model
from harness.config import Config
from harness.errors import InputError
from harness.trainers.adapters import load_base, lora_config
from harness.trainers.checkpoints import last_checkpoint
from harness.trainers.settings import Recipe

TRAINED = "default"
"""PEFT's name for the adapter that is trained."""

REFERENCE = "ref"
"""Name under which TRL keeps a frozen copy of the adapter a training began with."""


class StartedRecipe(Recipe):
    """Keys of methods that may go on from an adapter."""

    start: str | None = Field(None, description="candidate whose adapter is trained further; default: a fresh adapter")


def model_to_train(candidate: Candidate, recipe: StartedRecipe, folder: Path) -> dict[str, Any]:
    """``model`` and ``peft_config`` for a TRL trainer.

    Raises `InputError` where the start was trained on another base, asked otherwise, or has another shape than the recipe says.
    """
    if recipe.start is None:
        return {"model": load_base(folder, recipe), "peft_config": lora_config(recipe)}
    start = started_from(candidate, recipe.start)
    from peft import PeftModel

    model = PeftModel.from_pretrained(load_base(folder, recipe), start.adapter, is_trainable=True)
    shape = model.peft_config[TRAINED]
    if (shape.r, shape.lora_alpha) != (recipe.rank, recipe.alpha):
        raise InputError(
            f"start {start.name} has rank {shape.r} and alpha {shape.lora_alpha}, the recipe rank {recipe.rank} and alpha "
            f"{recipe.alpha}; an adapter keeps its shape: set rank = {shape.r} and alpha = {shape.lora_alpha}"
        )
    return {"model": model, "peft_config": None}


def started_from(candidate: Candidate, name: str) -> Candidate:
    """The candidate ``name`` as a start for ``candidate``. Raises `InputError` where it does not fit."""
    start = get_candidate(name, candidate.config)
    if start.adapter is None:
        raise InputError(f"start {name} has no adapter; leave start out to begin with a fresh one")
    own = (candidate.settings.model, candidate.system_prompt)
    if (start.settings.model, start.system_prompt) != own:
        raise InputError(f"start {name} has another model or system prompt than {candidate.name}; give both the same")
    if start.adapter == candidate.adapter:
        raise InputError(f"start {name} and {candidate.name} share the folder {start.adapter}; name another adapter")
    _ = start.identity  # raises where the adapter is missing or was trained on another base
    return start


def start_extra(candidate: Candidate, recipe: StartedRecipe) -> dict[str, Any]:
    """What the manifest says of the start."""
    if recipe.start is None:
        return {"start": None}
    return {"start": recipe.start, "start_fingerprint": started_from(candidate, recipe.start).fingerprint}


def make_restorable(checkpoints: Path) -> None:
    """Lay the trained adapter of the last checkpoint where transformers looks for it.

    Beside a second adapter it restores only those in folders of their names (5.17), and PEFT writes the first one flat: the
    training would go on from the start's weights with a spent schedule, and not say so.
    """
    found = last_checkpoint(checkpoints)
    if found is None or not (Path(found) / REFERENCE).is_dir():
        return
    folder = Path(found) / TRAINED
    folder.mkdir(exist_ok=True)
    for name in (ADAPTER_WEIGHTS, "adapter_config.json"):
        shutil.copy(Path(found) / name, folder)


def drop_reference(model: Any) -> Any:
    """The trained model without TRL's frozen copy, which would be stored beside the adapter."""
    if REFERENCE in getattr(model, "peft_config", {}):
        model.delete_adapter(REFERENCE)
    return model


def merged_model(candidate: Candidate, config: Config, recipe: Recipe) -> Any:
    """A candidate's model with its adapter merged in, in memory only, in the recipe's precision."""
    folder = prepare_model(str(candidate.settings.model), config)
    model = load_base(folder, recipe)
    if candidate.adapter is not None:
        from peft import PeftModel

        model = PeftModel.from_pretrained(model, candidate.adapter).merge_and_unload()
    return model.eval()
