"""Labels as CSV for people and JSON Lines for programs. What a model or a reader wrote cannot act in either."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import Any

from harness.labels.records import SCALES, Label
from harness.labels.store import LabelStore
from harness.scoring.completion import parse
from harness.text.visible import visible

COLUMNS = (
    "id", "review", "suite", "split", "lock", "task", "item", "candidate", "run", "role", "verdict", *SCALES, "comment",
    "reviewer", "author_kind", "seconds", "created", "undone", "session", "guideline", "readers", "stratum", "probability",
    "answer_sha256", "answer", "other_candidate", "other_run", "other_sha256", "other_answer", "shown_first",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "＝", "＋", "－", "＠")


def rows(store: LabelStore, labels: Sequence[Label]) -> Iterator[dict[str, Any]]:
    """A flat record a label and candidate, with the answer as the customer reads it (the text's best reading without tags)."""
    texts: dict[str, str] = {}
    for label in labels:
        for digest in filter(None, (label.answer_sha256, label.other_sha256)):
            if digest not in texts:
                completion = parse(store.completion(digest))
                texts[digest] = completion.whole if completion.answer is None else completion.answer
        other = texts[label.other_sha256] if label.other_sha256 else None
        record = {**label.model_dump(), "answer": texts[label.answer_sha256], "other_answer": other}
        yield {name: record[name] for name in COLUMNS}


def to_jsonl(records: Sequence[dict[str, Any]]) -> str:
    """One JSON object a line, in ASCII: escaped, so that no character reaches a terminal raw, and exact."""
    return "".join(json.dumps(record) + "\n" for record in records)


def to_csv(records: Sequence[dict[str, Any]]) -> str:
    """A table with a heading. Hidden characters are named, and text that a spreadsheet would run gets a leading apostrophe."""
    file = io.StringIO()
    writer = csv.DictWriter(file, COLUMNS, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writeheader()
    writer.writerows([{name: spreadsheet_cell(record[name]) for name in COLUMNS} for record in records])
    return file.getvalue()


def spreadsheet_cell(value: Any) -> Any:
    """``value``; of text hidden characters are named, and what a spreadsheet would run gets a leading apostrophe."""
    if not isinstance(value, str):
        return value
    text = visible(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
