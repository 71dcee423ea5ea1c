"""Corrections as training rows in TRL's conversational formats: supervised rows, and pairs of preference."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from harness.corrections.record import Correction
from harness.errors import InputError
from harness.suite.item import Item
from harness.suite.prompts import Message

Shape = Literal["sft", "pairs"]
Ask = Callable[[Item], list[Message]]
"""The chat messages of an item, as the candidate to be trained is asked."""


def training_rows(
    corrections: Sequence[Correction], items: Mapping[str, Item], ask: Ask, shape: Shape
) -> list[dict[str, Any]]:
    """Rows in stored order; equal ones once.

    ``sft``: ``prompt`` and ``completion``. ``pairs``: ``prompt``, ``chosen`` (the correction) and ``rejected`` (the run's
    wrong answer). Each is a list of chat messages. Raises `InputError` where a correction's item is not among ``items``, or
    its question has changed.
    """
    rows: list[dict[str, Any]] = []
    for each in corrections:
        item = items.get(each.item)
        if item is None or item.problem != each.problem:
            raise InputError(f"correction of {each.item}: the feedback split no longer asks this; correct a new run")
        row: dict[str, Any] = {"prompt": ask(item)}
        if shape == "sft":
            row["completion"] = _said(each.completion)
        else:
            row |= {"chosen": _said(each.completion), "rejected": _said(each.rejected)}
        if row not in rows:
            rows.append(row)
    return rows


def _said(text: str) -> list[Message]:
    return [{"role": "assistant", "content": text}]
