"""From rows to what a trainer reads: messages under the candidate's system prompt, tokenizer, chat template, lengths."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.candidates.candidate import Candidate
from harness.candidates.models import prepare_model
from harness.engines.asking import asking
from harness.errors import InputError
from harness.hashing import sha256_json
from harness.suite.item import Item
from harness.suite.prompts import Message
from harness.trainers.settings import Recipe

Example = dict[str, list[Message]]
"""``prompt`` and ``completion`` as chat messages: TRL's conversational prompt-completion form."""


@dataclass(frozen=True)
class Prepared:
    """Rows as messages, with the tokenizer and folder of the base; ``lengths`` are tokens of prompt and completion together."""

    items: list[Item]
    examples: list[Example]
    lengths: list[int]
    tokenizer: Any
    folder: Path

    @property
    def data_sha256(self) -> str:
        """Digest of the rows in their order: ids, questions and answers."""
        return sha256_json([[item.id, item.problem, item.generated_solution] for item in self.items])


def prepare(candidate: Candidate, recipe: Recipe, items: list[Item]) -> Prepared:
    """Render and measure ``items``. Raises `InputError` where a row is too long or the template is unfit."""
    folder = prepare_model(str(candidate.settings.model), candidate.config)
    tokenizer = load_tokenizer(candidate, folder)
    examples = [
        Example(prompt=prompt, completion=[{"role": "assistant", "content": item.generated_solution}])
        for item, prompt in zip(items, prompts(candidate, items), strict=True)
    ]
    lengths = count_tokens(tokenizer, examples)
    refuse_long_rows(items, lengths, recipe.max_length)
    return Prepared(items, examples, lengths, tokenizer, folder)


def prompts(candidate: Candidate, items: Sequence[Item]) -> list[list[Message]]:
    """Prompt messages of each item, as the engines ask the candidate: an open-book one reads the entries it retrieves."""
    ask = asking(candidate)
    return [ask(item) for item in items]


def load_tokenizer(candidate: Candidate, folder: Path) -> Any:
    """The base's tokenizer with the template the candidate is asked by."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    if candidate.chat_template:
        tokenizer.chat_template = candidate.chat_template
    return tokenizer


def count_tokens(tokenizer: Any, examples: Sequence[Example]) -> list[int]:
    """Tokens of prompt and completion together, by example."""
    texts = [
        tokenizer.apply_chat_template(example["prompt"] + example["completion"], tokenize=False) for example in examples
    ]
    return [len(ids) for ids in tokenizer(texts)["input_ids"]]


def refuse_long_rows(items: Sequence[Item], lengths: Sequence[int], limit: int) -> None:
    """Over-long rows are named, never silently dropped or cut."""
    long = [f"{item.id} ({length})" for item, length in zip(items, lengths, strict=True) if length > limit]
    if long:
        raise InputError(
            f"{len(long)} training rows are over {limit} tokens: {', '.join(long[:5])}; shorten them or raise max_length"
        )
