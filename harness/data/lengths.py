"""Whether a row fits a candidate's context, by its own tokenizer and chat template."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from harness.candidates.candidate import Candidate
from harness.candidates.models import prepare_model
from harness.data.importing import ImportedRow
from harness.errors import InputError


@dataclass(frozen=True, slots=True)
class OverLong:
    """A row that does not fit."""

    id: str
    source: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Lengths:
    """The context in tokens, the longest row, and the rows over it."""

    candidate: str
    context: int
    longest: int
    over_long: tuple[OverLong, ...]


def measure(rows: Sequence[ImportedRow], candidate: Candidate) -> Lengths:
    """Tokens of each row: the prompt, and the answer, or the room for one where the row has none.

    Raises `InputError` where the candidate has no tokenizer here.
    """
    if candidate.settings.model is None:
        raise InputError(f"candidate {candidate.name} is recorded and has no tokenizer; name one with a model")
    try:
        from transformers import AutoConfig, AutoTokenizer
    except ImportError:
        raise InputError("counting tokens needs transformers; run: pip install 'harness[cpu]'") from None
    folder = prepare_model(candidate.settings.model, candidate.config)
    tokenizer: Any = AutoTokenizer.from_pretrained(folder)
    config: Any = AutoConfig.from_pretrained(folder)
    context = min(int(tokenizer.model_max_length), int(config.max_position_embeddings))
    system = [{"role": "system", "content": candidate.system_prompt}] if candidate.system_prompt else []
    counts = []
    for row in rows:
        prompt = tokenizer.apply_chat_template(
            [*system, {"role": "user", "content": row.problem}],
            tokenize=False,
            add_generation_prompt=True,
            chat_template=candidate.chat_template,
        )
        answer = row.generated_solution or row.expected_answer
        room = 0 if answer else candidate.generation.max_new_tokens
        counts.append(len(tokenizer(prompt + (answer or ""), add_special_tokens=False)["input_ids"]) + room)
    over = [OverLong(row.id, row.source, count) for row, count in zip(rows, counts, strict=True) if count > context]
    return Lengths(candidate.name, context, max(counts, default=0), tuple(over))
