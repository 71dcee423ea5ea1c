"""A suite as files that plain lm-eval reads: one YAML a domain, one they share, one for the group, and ``task.py``."""

from collections.abc import Iterable
from pathlib import Path

from harness.scoring import METRICS
from harness.scoring.judge.metrics import JUDGE_METRICS
from harness.suite.suite import Suite

TASK_VERSION = 1.0

_TASK = '''"""What the YAML points to: load the items, render them, score or judge a completion. All live in the harness."""

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
'''

_SHARED = """\
# One task a domain; rendering and scoring are the harness's own functions (task.py).
custom_dataset: !function task.load
test_split: test
output_type: generate_until
doc_to_text: !function task.doc_to_text
doc_to_target: expected_answer
process_results: !function task.process_results
generation_kwargs:
  until: []  # the end token; what follows </output> is cut before scoring
  do_sample: false
  max_gen_toks: 160
metric_list:
"""


_JUDGE = """\
# Not in the group: all domains in one task, judged at once by the judge of harness.toml; no other scorer runs.
dataset_kwargs: {}
process_results: !function task.process_judgement
filter_list:
  - name: judge
    filter:
      - function: custom
        filter_fn: !function task.judge_responses
metric_list:
"""


def task_files(name: str, domains: Iterable[str]) -> dict[str, str]:
    """Text by file name, for a suite of these domains."""
    domains = sorted(domains)
    better = {"higher": "true", "lower": "false"}
    shared = "".join(
        f"  - metric: {metric.name}\n    aggregation: mean\n    higher_is_better: {better[metric.better]}\n"
        for metric in METRICS.values()
    )
    members = "".join(f"  - {name}_{domain}\n" for domain in domains)
    weighted = "".join(f"  - metric: {metric}\n    weight_by_size: true\n" for metric in METRICS)
    judged = "".join(
        f"  - metric: {metric}\n    aggregation: mean\n    higher_is_better: {'true' if metric in JUDGE_METRICS else 'false'}\n"
        for metric in (*JUDGE_METRICS, "judge_undecided")
    )
    files = {
        f"_{name}.yaml": f"{_SHARED}{shared}metadata: {{version: {TASK_VERSION}}}\n",
        f"{name}.yaml": f"group: {name}\ntask:\n{members}aggregate_metric_list:\n{weighted}metadata: {{version: {TASK_VERSION}}}\n",
        f"{name}_judge.yaml": f"include: _{name}.yaml\ntask: {name}_judge\n{_JUDGE}{judged}",
        "task.py": _TASK,
    }
    for domain in domains:
        files[f"{name}_{domain}.yaml"] = (
            f"include: _{name}.yaml\ntask: {name}_{domain}\ndataset_kwargs: {{domain: {domain}}}\n"
        )
    return files


def write_tasks(suite: Suite) -> list[Path]:
    """Write the files for the domains that the suite has now, and remove the YAML of domains it no longer has."""
    files = task_files(suite.name, suite.domains())
    for path in suite.root.glob(f"{suite.name}_*.yaml"):
        if path.name not in files:
            path.unlink()
    for name, text in files.items():
        (suite.root / name).write_text(text, encoding="utf-8")
    return [suite.root / name for name in files]
