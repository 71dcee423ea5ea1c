"""The judge inside lm-eval: a filter sees all responses at once, judges them together, and keeps each judgement as JSON.

``lm_eval run --include_path tasks --tasks facencial_judge`` takes the judge from the nearest ``harness.toml`` upwards.
"""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness.config import find_config, load_config
from harness.scoring.judge.judging import Answer
from harness.scoring.judge.metrics import judge_scores
from harness.scoring.judge.record import Judgement
from harness.scoring.judge.session import judge_answers
from harness.scoring.judge.summary import summarise
from harness.suite.lm_eval_task import item_of, suite_of

_log = logging.getLogger("harness.judge")


def judge_responses(responses: Sequence[Sequence[str]], docs: Sequence[dict[str, Any]]) -> list[str]:
    """A judgement of each doc's first response, as JSON. Stored replies are not bought again."""
    config = load_config(find_config(Path.cwd()))
    answers = [
        Answer(item_of(doc), given[0], run=f"lm-eval {place}")
        for place, (given, doc) in enumerate(zip(responses, docs, strict=True))
    ]
    found = judge_answers(
        answers, suite_of(docs[0]), config, {},
        estimated=lambda estimate: _log.warning("%s: %s", config.judge.name, estimate.sentence()),
        progress=lambda done, wanted: None,
    )  # fmt: skip
    _log.warning("%s", summarise(found, config.judge).sentence())
    return [judgement.model_dump_json() for judgement in found]


def process_judgement(doc: dict[str, Any], results: list[str]) -> dict[str, float]:
    """The judge's metrics of one doc. As in the harness's tables, undecided counts as 0, and is counted."""
    judgement = Judgement.model_validate_json(results[0])
    scores = {name: value if value is not None else 0.0 for name, value in judge_scores(judgement).items()}
    return {**scores, "judge_undecided": float(judgement.verdict == "undecided")}
