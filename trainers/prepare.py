"""From rows to what a trainer reads: messages as the candidate is asked, their tokens, which of them bear loss, lengths."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from harness.candidates.candidate import Candidate
from harness.candidates.models import prepare_model
from harness.engines.asking import asking
from harness.errors import InputError
from harness.hashing import sha256_json
from harness.suite.item import Item
from harness.suite.prompts import Message
from harness.trainers.memory import estimate, free_memory, read_shape, refuse_too_large
from harness.trainers.progress import say
from harness.trainers.settings import Recipe

Example = dict[str, list[Message]]
"""``prompt`` and ``completion`` as chat messages: TRL's conversational prompt-completion form."""

Tokens = dict[str, list[int]]
"""``input_ids`` of prompt and completion, and ``labels``: the same with `IGNORED` on the prompt."""

IGNORED = -100
"""Label of a token that bears no loss, in PyTorch and transformers."""


@dataclass(frozen=True)
class Prepared:
    """Rows as messages and as tokens, with the tokenizer and folder of the base."""

    items: list[Item]
    examples: list[Example]
    tokens: list[Tokens]
    tokenizer: Any
    folder: Path

    @property
    def data_sha256(self) -> str:
        """Digest of the rows in their order: ids, questions and answers."""
        return sha256_json([[item.id, item.problem, item.generated_solution] for item in self.items])

    @property
    def lengths(self) -> list[int]:
        """Tokens of prompt and completion together, by row."""
        return [len(row["input_ids"]) for row in self.tokens]


def prepare(candidate: Candidate, recipe: Recipe, items: list[Item]) -> Prepared:
    """Render, tokenise and measure ``items``, and say how long they are.

    Raises `InputError` where a row is too long, the template is unfit, a GPU is needed and missing, or memory will not do.
    """
    if recipe.needs_gpu:
        _refuse_cpu(candidate)
    folder = prepare_model(str(candidate.settings.model), candidate.config)
    tokenizer = load_tokenizer(candidate, folder)
    ask = asking(candidate)
    examples = [
        Example(prompt=ask(item), completion=[{"role": "assistant", "content": item.generated_solution}])
        for item in items
    ]
    tokens = [tokenise(tokenizer, example, item.id) for item, example in zip(items, examples, strict=True)]
    prepared = Prepared(items, examples, tokens, tokenizer, folder)
    refuse_long_rows(items, prepared.lengths, recipe.max_length)
    say(length_report(prepared.lengths))
    needed = estimate(read_shape(folder, recipe.rank), recipe, max(prepared.lengths))
    refuse_too_large(needed, *free_memory(), recipe)
    return prepared


def load_tokenizer(candidate: Candidate, folder: Path) -> Any:
    """The base's tokenizer with the template the candidate is asked by.

    Raises `InputError` where there is no template, or one that does not begin the answer when asked for a generation prompt.
    """
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    if candidate.chat_template:
        tokenizer.chat_template = candidate.chat_template
    if not tokenizer.chat_template:
        raise InputError(
            f"candidate {candidate.name}: {candidate.settings.model} has no chat template; give one: chat_template = "
            '"trainers/templates/plain.jinja"'
        )
    turn = [{"role": "user", "content": "?"}]
    asked, told = (
        tokenizer.apply_chat_template(turn, tokenize=False, add_generation_prompt=prompt) for prompt in (True, False)
    )
    if asked == told:
        raise InputError(
            f"candidate {candidate.name}: its chat template has no generation prompt, so the model would not know that it is "
            "its turn; end the template with {% if add_generation_prompt %} and the opening of the assistant's turn"
        )
    return tokenizer


def tokenise(tokenizer: Any, example: Example, row: str) -> Tokens:
    """Tokens of an example as the engines and TRL make them; only the completion bears loss.

    Raises `InputError` where the prompt that is asked at inference is not how the trained text begins, or the template does
    not write the whole answer: those of reasoning models drop the reasoning of earlier turns.
    """
    answer = example["completion"][-1]["content"]
    if answer not in tokenizer.apply_chat_template(example["prompt"] + example["completion"], tokenize=False):
        raise InputError(
            f"row {row}: the chat template does not write the whole answer, so its reasoning would not be trained; give the "
            "candidate a chat_template that writes each message as it is (see trainers/templates)"
        )
    prompt = _ids(tokenizer, example["prompt"], add_generation_prompt=True)
    whole = _ids(tokenizer, example["prompt"] + example["completion"])
    if whole[: len(prompt)] != prompt:
        raise InputError(
            f"row {row}: the chat template writes the prompt otherwise before an answer than when it asks for one, so "
            "training and inference would differ; mend the template, or end its generation prompt at a line break"
        )
    return {"input_ids": whole, "labels": [IGNORED] * len(prompt) + whole[len(prompt) :]}


def _ids(tokenizer: Any, turns: list[Message], add_generation_prompt: bool = False) -> list[int]:
    text = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=add_generation_prompt)
    ids: list[int] = tokenizer(text, add_special_tokens=False)["input_ids"]  # the template writes them
    return ids


def count_tokens(tokenizer: Any, examples: Sequence[Example]) -> list[int]:
    """Tokens of prompt and completion together, by example."""
    return [len(_ids(tokenizer, example["prompt"] + example["completion"])) for example in examples]


def refuse_long_rows(items: Sequence[Item], lengths: Sequence[int], limit: int) -> None:
    """Over-long rows are named, never silently dropped or cut."""
    long = [f"{item.id} ({length})" for item, length in zip(items, lengths, strict=True) if length > limit]
    if long:
        raise InputError(
            f"{len(long)} training rows are over {limit} tokens: {', '.join(long[:5])}; shorten them or raise max_length"
        )


def length_report(lengths: Sequence[int]) -> str:
    """How long the rows are. None is cut: longer ones were refused."""
    low, median, high, top = np.percentile(lengths, [0, 50, 95, 100], method="higher").astype(int)
    return (
        f"{len(lengths)} rows, {sum(lengths):,} tokens: {low} to {top} a row, half up to {median}, 95% up to {high}; "
        "0 truncated"
    )


def _refuse_cpu(candidate: Candidate) -> None:
    import torch

    if not torch.cuda.is_available():
        raise InputError(
            f"candidate {candidate.name}: its recipe needs a GPU and PyTorch finds none; train on a GPU host, or set "
            "needs_gpu = false to try it on the CPU"
        )
