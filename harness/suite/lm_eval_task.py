"""The suite as lm-eval sees it: docs, prompts and scores from the same functions the harness uses."""

from pathlib import Path
from typing import Any

from harness.scoring import Scores, score
from harness.suite import prompts
from harness.suite.item import Item, Split
from harness.suite.lock import verify
from harness.suite.suite import Suite, load_suite, tasks_folder


def load(
    suite: str, domain: str | None = None, split: str = "test", tasks: str | None = None, **_: Any
) -> dict[str, Any]:
    """The items of one domain, or of all, as an lm-eval dataset. Raises `IntegrityError` where the suite does not match its lock.

    ``tasks`` is the folder of suites (default: those that ship); a suite's ``task.py`` gives its own. ``--metadata
    '{"split": "dev"}'`` chooses another split; further metadata that lm-eval passes along is ignored.
    """
    from datasets import Dataset

    if tasks and Path(tasks).resolve() == tasks_folder():
        tasks = None  # docs are logged: no path of this machine in them where none is needed
    source = _suite(suite, tasks)
    verify(source)
    items = [item for item in source.items(Split(split)) if domain in (None, item.domain)]
    docs = [
        {
            "suite": suite,
            "tasks": tasks,
            "item": item.model_dump_json(by_alias=True),
            "expected_answer": item.expected_answer,
        }
        for item in items
    ]
    return {"test": Dataset.from_list(docs)}


def _suite(name: str, tasks: str | None) -> Suite:
    return load_suite(name, Path(tasks) if tasks else None)


def item_of(doc: dict[str, Any]) -> Item:
    """The item inside an lm-eval doc."""
    return Item.model_validate_json(doc["item"])


def suite_of(doc: dict[str, Any]) -> Suite:
    """The suite an lm-eval doc belongs to."""
    return _suite(doc["suite"], doc["tasks"])


def doc_to_text(doc: dict[str, Any]) -> str:
    """The customer's message; the system prompt comes from lm-eval's ``--system_instruction``."""
    return prompts.user_turn(item_of(doc))


def process_results(doc: dict[str, Any], results: list[str]) -> Scores:
    """All deterministic metrics of one completion."""
    return score(results[0], item_of(doc), suite_of(doc).knowledge)
