"""The methods a recipe may name, and one way to read and run any of them."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from harness.candidates.candidate import Candidate
from harness.errors import InputError
from harness.parsing import parse_toml
from harness.suggest import nearest
from harness.trainers import distill_answers, distill_logits, dpo, grpo, sft
from harness.trainers.manifest import Training
from harness.trainers.settings import Recipe


@dataclass(frozen=True)
class Method:
    """A method's recipe and the function that trains by it: ``train(candidate, recipe, work)``."""

    recipe: type[Recipe]
    train: Callable[[Candidate, Any, Path], Training]


METHODS: dict[str, Method] = {
    "sft": Method(sft.SFTRecipe, sft.train),
    "distill-answers": Method(distill_answers.DistillAnswersRecipe, distill_answers.train),
    "distill-logits": Method(distill_logits.DistillLogitsRecipe, distill_logits.train),
    "dpo": Method(dpo.DPORecipe, dpo.train),
    "grpo": Method(grpo.GRPORecipe, grpo.train),
}


def load_recipe(path: Path) -> Recipe:
    """Read a recipe of any method (default ``sft``). Raises `InputError` naming file and key."""
    try:
        table = parse_toml(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{path}: no recipe of this name; copy another one and change it") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not readable as TOML: {error}") from None
    name = table.get("method", "sft")
    if not isinstance(name, str) or name not in METHODS:
        raise InputError(f"{path}: unknown method {name!r}{nearest(str(name), METHODS)}")
    kind = METHODS[name].recipe
    try:
        return kind.model_validate(table)
    except ValidationError as error:
        first = min(error.errors(), key=lambda found: found["type"] != "extra_forbidden")  # a misspelt key also lacks
        where = ".".join(map(str, first["loc"]))
        if first["type"] == "extra_forbidden":
            raise InputError(f"{path}: unknown key {where}{nearest(where, kind.model_fields)}") from None
        raise InputError(f"{path}: {where}: {first['msg'].removeprefix('Value error, ')}") from None


def train(candidate: Candidate, recipe: Recipe, work: Path) -> Training:
    """Train ``candidate`` by its recipe's method; checkpoints go under ``work``."""
    return METHODS[recipe.method].train(candidate, recipe, work)
