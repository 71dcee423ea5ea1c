"""What the YAML points to: load the items, render them, score a completion. All three live in the harness."""

from harness.suite.lm_eval_task import doc_to_text, load, process_results

__all__ = ["doc_to_text", "load", "process_results"]
