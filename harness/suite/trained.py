"""The questions an adapter was trained on, found again by the ids in its training manifest."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.suite.item import CORRECTED, Split
from harness.suite.suite import Suite
from harness.suite.topics import load_topics, question_id


def trained_questions(suite: Suite, training: Mapping[str, Any], root: Path) -> list[tuple[str, str]] | None:
    """(row id, question) of every row: of a split, of a correction to it, of a topic file under ``root``.

    ``None`` where a row no longer stands there. Ids of topic rows hold a digest of their question, so that a changed file
    never gives another text for them.
    """
    splits = {Split(training["split"]), Split.FEEDBACK}
    known = {item.id: item.problem for split in splits if suite.has(split) for item in suite.items(split)}
    settings = training.get("settings", {})
    if settings.get("paraphrases"):
        if not (root / settings["paraphrases"]).is_dir():
            return None
        for topic in load_topics(root / settings["paraphrases"], suite):
            for question in topic.questions:
                known[question_id(topic, question)] = question
    found = {}
    for row in training["row_ids"]:
        first = row.partition(CORRECTED)[0]
        if first not in known:  # a further answer to the same question ends in -2, -3 ...
            first = first.rpartition("-")[0]
        if first not in known:
            return None
        found[row] = known[first]
    return list(found.items())
