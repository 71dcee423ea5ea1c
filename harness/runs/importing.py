"""Read answers made elsewhere: plain ``{"id", "output"}`` rows, or the samples that ``lm_eval --log_samples`` writes."""

import json
from collections.abc import Set
from pathlib import Path
from typing import Any

from harness.errors import InputError
from harness.parsing import parse_json
from harness.suggest import nearest
from harness.suite.suite import read_jsonl


def read_outputs(path: Path, known: Set[str]) -> dict[str, str]:
    """Completions by item id. A plain output without tags is wrapped in ``<output>``: it is what the customer reads.

    Raises `InputError` naming the line of an unknown or repeated id, or of a row of neither form.
    """
    outputs: dict[str, str] = {}
    for number, row in read_jsonl(path):
        where = f"{path}:{number}"
        item_id, completion = _lm_eval_row(row, where) if "resps" in row else _plain_row(row, where)
        if item_id not in known:
            raise InputError(f"{where}: no item {item_id!r} in the suite{nearest(item_id, known)}")
        if not completion.isprintable() and any("\ud800" <= character <= "\udfff" for character in completion):
            raise InputError(f"{where}: the answer holds half a character (a lone surrogate); export it as UTF-8")
        if item_id in outputs:
            raise InputError(f"{where}: id {item_id!r} stands twice")
        outputs[item_id] = completion
    return outputs


def _plain_row(row: dict[str, Any], where: str) -> tuple[str, str]:
    item_id, output = row.get("id"), row.get("output")
    if not isinstance(item_id, str) or not isinstance(output, str):
        raise InputError(f'{where}: a row is {{"id": "…", "output": "…"}}, or a sample logged by lm-eval')
    return item_id, output if "<output>" in output else f"<output>{output}</output>"


def _lm_eval_row(row: dict[str, Any], where: str) -> tuple[str, str]:
    try:
        return str(parse_json(row["doc"]["item"])["id"]), str(row["resps"][0][0])
    except (KeyError, IndexError, TypeError, json.JSONDecodeError):
        raise InputError(f"{where}: not a sample of this suite's lm-eval tasks (no doc.item)") from None
