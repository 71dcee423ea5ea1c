"""A review as a sheet, to be labelled in a spreadsheet: answers, questions and what is known; nothing of who wrote them."""

import csv
import io
from collections.abc import Sequence

from harness.labels.export import spreadsheet_cell
from harness.labels.records import SCALES
from harness.labels.store import LabelStore, answer_digest
from harness.review.pages import answer_view, facts_view
from harness.suite.item import Item
from harness.suite.knowledge import KnowledgeBase

COLUMNS = ("item", "question", "known", "reached", "answer", "verdict", *SCALES, "comment", "answer_sha256")


def blank_sheet(store: LabelStore, review: str, items: Sequence[Item], knowledge: KnowledgeBase) -> tuple[str, int]:
    """CSV with a row for each single answer of ``review`` in its mixed order, without verdicts; and the number of rows.

    ``harness review import`` takes it back: ``answer_sha256`` says which answer a row is about, so that no row names a
    candidate. ``reached`` is ``no`` where the answer stands outside the output tags and no customer would get it.
    """
    by_id = {item.id: item for item in items}
    file = io.StringIO()
    writer = csv.DictWriter(file, COLUMNS, quoting=csv.QUOTE_ALL, lineterminator="\n", restval="")
    writer.writeheader()
    tasks = store.tasks(review)
    for task in tasks:
        item, answer = by_id[task.item], answer_view(task.completion)
        facts = facts_view(item, task.retrieved, knowledge)
        row = {
            "item": item.id,
            "question": item.problem,
            "known": "\n".join(f"- {text}" for texts in facts.values() for text in texts),
            "reached": "yes" if answer["reached"] else "no",
            "answer": answer["text"],
            "answer_sha256": answer_digest(task.completion),
        }
        writer.writerow({name: spreadsheet_cell(text) for name, text in row.items()})
    return file.getvalue(), len(tasks)
