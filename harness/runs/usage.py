"""What a run's answers took: a line a reply in ``usage.jsonl``, and the totals in the manifest when the run ends.

Written before the answer it belongs to: after a kill a reply may be counted whose answer is asked for again, and both were
paid.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter, ValidationError

from harness.engines import Usage
from harness.errors import HarnessError
from harness.journal import checked, with_checksum
from harness.runs.store import Run

_NAME = "usage.jsonl"
_USAGE = TypeAdapter(Usage)


def add_usage(run: Run, used: Sequence[Usage]) -> None:
    """Append a line a reply."""
    path = run.folder / _NAME
    if used:
        # The line break comes first, so that a line torn by a kill spoils no other.
        lines = "".join("\n" + with_checksum(json.dumps(asdict(each))) for each in used)
        try:
            with path.open("a", encoding="utf-8") as file:
                file.write(lines)
        except OSError as error:
            raise HarnessError(f"{path}: cannot write ({error.strerror}); what was stored before is kept") from None


def total_usage(run: Run) -> dict[str, Any]:
    """``usage`` and, where every reply had a price, ``cost_dollars`` for the manifest; nothing where nothing was counted."""
    path = run.folder / _NAME
    used = []
    for line in path.read_bytes().split(b"\n") if path.is_file() else ():
        if (plain := checked(line)) is not None:
            try:
                used.append(_USAGE.validate_json(plain))
            except ValidationError:
                continue
    if not used:
        return {}
    found: dict[str, Any] = {
        "usage": {
            "replies": len(used),
            "prompt_tokens": sum(each.prompt_tokens for each in used),
            "completion_tokens": sum(each.completion_tokens for each in used),
            "served": sorted({each.served for each in used if each.served}),
        }
    }
    dollars = [each.dollars for each in used if each.dollars is not None]
    if len(dollars) == len(used):
        found["cost_dollars"] = round(sum(dollars), 6)
    return found
