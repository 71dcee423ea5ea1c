"""What the YAML points to: load the items, render them, score or judge a completion. All live in the harness."""

from pathlib import Path
from typing import Any

from harness.scoring.judge.lm_eval_filter import judge_responses, process_judgement
from harness.suite import lm_eval_task
from harness.suite.lm_eval_task import doc_to_text, process_results

__all__ = ["doc_to_text", "judge_responses", "load", "process_judgement", "process_results"]

SUITE = Path(__file__).resolve().parent


def load(**kwargs: Any) -> dict[str, Any]:
    """Items of this folder's suite, unless the YAML or ``--metadata`` names another."""
    return lm_eval_task.load(**{"suite": SUITE.name, "tasks": str(SUITE.parent), **kwargs})
