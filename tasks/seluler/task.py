"""What the YAML points to: load the items, render them, score a completion. All three live in the harness."""

from pathlib import Path
from typing import Any

from harness.suite import lm_eval_task
from harness.suite.lm_eval_task import doc_to_text, process_results

__all__ = ["doc_to_text", "load", "process_results"]

SUITE = Path(__file__).resolve().parent


def load(**kwargs: Any) -> dict[str, Any]:
    """Items of this folder's suite, unless the YAML or ``--metadata`` names another."""
    return lm_eval_task.load(**{"suite": SUITE.name, "tasks": str(SUITE.parent), **kwargs})
