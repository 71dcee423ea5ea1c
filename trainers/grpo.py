"""Group relative policy optimisation with the scorers as rewards: answers better than their group's mean become likelier.

What was rewarded must be expected to rise. So the manifest names every rewarded metric among the ``instruments``, and after the
training all metrics are measured on the dev split, rewarded and unrewarded side by side.
Source: Shao et al. (2024), "DeepSeekMath", arXiv:2402.03300.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from harness.candidates.candidate import Candidate, get_candidate
from harness.runs.answering import complete_runs
from harness.scoring import METRICS
from harness.suggest import nearest
from harness.suite.item import Split
from harness.suite.lock import verify
from harness.trainers.adapters import save_adapter
from harness.trainers.arguments import common_arguments, run_trainer
from harness.trainers.checkpoints import checkpoint_folder
from harness.trainers.manifest import Training, adapter_folder, write_manifest
from harness.trainers.prepare import prepare
from harness.trainers.questions import QuestionRecipe, question_rows
from harness.trainers.rewards import reward_functions
from harness.trainers.starting import StartedRecipe, drop_reference, make_restorable, model_to_train, start_extra


class GRPORecipe(QuestionRecipe, StartedRecipe):
    """A recipe of method ``grpo``. ``batch_size`` counts answers: it is a multiple of ``generations``."""

    method: Literal["grpo"] = "grpo"
    rewards: dict[str, float] = Field(
        min_length=1, description="weight by metric; a metric that is better low counts 1 minus it"
    )
    generations: int = Field(8, ge=2, description="answers to a question that are compared with each other")
    temperature: float = Field(1.0, gt=0)
    beta: float = Field(0.0, ge=0, description="weight of the distance to the start; 0 holds nothing")
    max_new_tokens: int = Field(160, ge=1)

    @field_validator("rewards")
    @classmethod
    def _known(cls, rewards: dict[str, float]) -> dict[str, float]:
        for name in rewards:
            if name not in METRICS:
                raise ValueError(f"unknown metric {name!r}{nearest(name, METRICS)}")
        return rewards

    @model_validator(mode="after")
    def _fits(self) -> "GRPORecipe":
        if self.batch_size % self.generations:
            raise ValueError(f"batch_size {self.batch_size} is no multiple of generations {self.generations}")
        if self.corrections:
            raise ValueError("corrections are not used by grpo: it rewards the model's own answers; leave them out")
        return self


def train(candidate: Candidate, recipe: GRPORecipe, work: Path) -> Training:
    """Train the candidate's adapter; a killed training goes on from its last epoch. Raises `InputError` on unfit data."""
    adapter = adapter_folder(candidate)
    suite = candidate.suite
    verify(suite)  # dev is measured at the end: what would stop that stops the training first
    prepared = prepare(candidate, recipe, question_rows(candidate, recipe))
    from datasets import Dataset
    from trl import GRPOConfig, GRPOTrainer

    checkpoints = checkpoint_folder(work, candidate, recipe, prepared.data_sha256)
    rows = [
        {"prompt": example["prompt"], "item": item.model_dump_json(by_alias=True)}
        for item, example in zip(prepared.items, prepared.examples, strict=True)
    ]
    trainer = GRPOTrainer(
        **model_to_train(candidate, recipe, prepared.folder),
        reward_funcs=reward_functions(
            list(recipe.rewards),
            suite.knowledge,
            lambda ids: str(prepared.tokenizer.decode(ids, skip_special_tokens=True)),
        ),
        processing_class=prepared.tokenizer,
        train_dataset=Dataset.from_list(rows),
        args=GRPOConfig(
            **common_arguments(recipe, checkpoints),
            reward_weights=list(recipe.rewards.values()),
            num_generations=recipe.generations,
            max_completion_length=recipe.max_new_tokens,
            temperature=recipe.temperature,
            beta=recipe.beta,
        ),
    )
    make_restorable(checkpoints)
    training = run_trainer(trainer, checkpoints, adapter, len(rows))
    reward = [[entry["step"], round(entry["reward"], 4)] for entry in trainer.state.log_history if "reward" in entry]
    save_adapter(drop_reference(trainer.model), prepared.tokenizer, candidate)
    del trainer
    known = {**start_extra(candidate, recipe), "reward": reward}

    def write(extra: dict[str, Any]) -> None:
        write_manifest(
            candidate, recipe, prepared.items, prepared.data_sha256, training,
            instruments=list(recipe.rewards), extra={**known, **extra},
        )  # fmt: skip

    write({})  # first: the candidate is measured by what the manifest says of it
    write({"dev": side_by_side(*_dev_means(candidate, recipe.start), rewarded=recipe.rewards)})
    return training


def _dev_means(candidate: Candidate, start: str | None) -> tuple[dict[str, float], dict[str, float]]:
    """Means of all metrics on the dev split, before and after the training."""
    config = candidate.config
    if start is None:
        bare = candidate.settings.model_copy(update={"adapter": None})
        before = Candidate(f"{candidate.name}-before", bare, config)
    else:
        before = get_candidate(start, config)
    after = get_candidate(candidate.name, config)  # anew: what was read of the adapter before is out of date
    runs = complete_runs([before, after], Split.DEV, config)
    return mean_scores(runs[before.name].scores()), mean_scores(runs[after.name].scores())


def mean_scores(scores: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Mean of every metric over items."""
    names = next(iter(scores.values()))
    return {name: sum(row[name] for row in scores.values()) / len(scores) for name in names}


def side_by_side(
    before: Mapping[str, float], after: Mapping[str, float], rewarded: Mapping[str, float]
) -> dict[str, dict[str, list[float]]]:
    """Every metric before and after, the rewarded ones apart from the others."""
    pairs = {name: [round(before[name], 4), round(after[name], 4)] for name in after}
    return {
        "rewarded": {name: pair for name, pair in pairs.items() if name in rewarded},
        "unrewarded": {name: pair for name, pair in pairs.items() if name not in rewarded},
    }
