"""Direct preference optimisation: raise the chosen answer over the rejected one, without straying from where it began.

The reference is the adapter that the training starts from (without ``start``: the base). ``sft_weight`` adds the plain loss on
the chosen answer, which DPO alone is free to make less likely, as long as the rejected one loses more (Pang et al. 2024,
arXiv:2404.19733). Source: Rafailov et al. (2023), NeurIPS, arXiv:2305.18290.
"""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from harness.candidates.candidate import Candidate
from harness.errors import InputError
from harness.hashing import sha256_json
from harness.trainers.adapters import save_adapter
from harness.trainers.answers import answering_candidate, answers_of
from harness.trainers.arguments import common_arguments, run_trainer
from harness.trainers.checkpoints import checkpoint_folder
from harness.trainers.manifest import Training, adapter_folder, write_manifest
from harness.trainers.pairs import Pair, corrected_pairs, usable, wrong_answer_pairs
from harness.trainers.prepare import Prepared, count_tokens, prepare, refuse_long_rows
from harness.trainers.questions import QuestionRecipe, question_rows
from harness.trainers.rows import refuse_unfit
from harness.trainers.starting import StartedRecipe, drop_reference, make_restorable, model_to_train, start_extra


class DPORecipe(QuestionRecipe, StartedRecipe):
    """A recipe of method ``dpo``. Pairs come from ``corrections``, and from wrong answers to the rows' questions."""

    method: Literal["dpo"] = "dpo"
    rejected_from: str | None = Field(
        None, description="candidate whose wrong answers to the rows' and the feedback questions lose against the gold"
    )
    beta: float = Field(0.1, gt=0, description="how strongly the reference holds")
    sft_weight: float = Field(0.0, ge=0, description="weight of the plain loss on the chosen answer")


def train(candidate: Candidate, recipe: DPORecipe, work: Path) -> Training:
    """Train the candidate's adapter on pairs; a killed training goes on from its last epoch. Raises `InputError` on unfit data."""
    adapter = adapter_folder(candidate)
    pairs, extra = collect_pairs(candidate, recipe)
    items = list({pair.item.id: pair.item for pair in pairs}.values())
    refuse_unfit(candidate, items)
    prepared = prepare(candidate, recipe, items)
    rows = preference_rows(pairs, prepared, recipe.max_length)
    from datasets import Dataset
    from trl import DPOConfig, DPOTrainer

    data_sha256 = sha256_json([[pair.item.id, pair.item.problem, pair.chosen, pair.rejected] for pair in pairs])
    checkpoints = checkpoint_folder(work, candidate, recipe, data_sha256)
    losses: dict[str, Any] = {}
    if recipe.sft_weight:
        losses = {"loss_type": ["sigmoid", "sft"], "loss_weights": [1.0, recipe.sft_weight]}
    trainer = DPOTrainer(
        **model_to_train(candidate, recipe, prepared.folder),
        processing_class=prepared.tokenizer,
        train_dataset=Dataset.from_list(rows),
        args=DPOConfig(
            **common_arguments(recipe, checkpoints), **losses, max_length=recipe.max_length, beta=recipe.beta
        ),
    )
    make_restorable(checkpoints)
    training = run_trainer(trainer, checkpoints, adapter, len(pairs))
    margins = [
        [entry["step"], round(entry["rewards/margins"], 4)]
        for entry in trainer.state.log_history
        if "rewards/margins" in entry
    ]
    save_adapter(drop_reference(trainer.model), prepared.tokenizer, candidate)
    write_manifest(
        candidate, recipe, items, data_sha256, training,
        instruments=[candidate.config.primary_metric] if recipe.rejected_from else [],
        extra={**extra, **start_extra(candidate, recipe), "pairs": len(pairs), "margins": margins},
    )  # fmt: skip
    return training


def collect_pairs(candidate: Candidate, recipe: DPORecipe) -> tuple[list[Pair], dict[str, Any]]:
    """All usable pairs of a recipe, and what the manifest says of their sources. Raises `InputError` where there are none."""
    config, pairs, extra = candidate.config, list[Pair](), dict[str, Any]()
    for path in recipe.corrections:
        pairs += corrected_pairs(candidate, config.root / path)
    extra["corrections"] = len(pairs)
    if recipe.rejected_from:
        answering_candidate(recipe.rejected_from, config, "rejected_from")
        questions = question_rows(candidate, recipe)
        answers = answers_of(recipe.rejected_from, questions, config)
        pairs += wrong_answer_pairs(questions, answers, config.primary_metric)
        extra |= {"rejected_from": recipe.rejected_from, "rejected_run": answers.run, "asked": len(questions)}
    pairs = usable(pairs)
    if not pairs:
        raise InputError(
            f"candidate {candidate.name}: its recipe makes no preference pairs; name corrections, or as rejected_from a "
            "candidate that gives wrong answers"
        )
    return pairs, extra


def preference_rows(pairs: list[Pair], prepared: Prepared, limit: int) -> list[dict[str, Any]]:
    """TRL's conversational preference form. Raises `InputError` where a rejected answer is over ``limit`` tokens with its prompt."""
    prompts = {item.id: example["prompt"] for item, example in zip(prepared.items, prepared.examples, strict=True)}
    rejected = [
        {"prompt": prompts[pair.item.id], "completion": [{"role": "assistant", "content": pair.rejected}]}
        for pair in pairs
    ]
    refuse_long_rows([pair.item for pair in pairs], count_tokens(prepared.tokenizer, rejected), limit)
    return [
        {
            "prompt": row["prompt"],
            "chosen": [{"role": "assistant", "content": pair.chosen}],
            "rejected": row["completion"],
        }
        for pair, row in zip(pairs, rejected, strict=True)
    ]
