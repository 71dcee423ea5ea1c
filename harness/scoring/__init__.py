"""Scorers: pure functions from a completion and its item to numbers from 0 to 1, one file each, registered here."""

from harness.scoring.clarity import clarity
from harness.scoring.completion import parse
from harness.scoring.conciseness import conciseness
from harness.scoring.correct import correct
from harness.scoring.judge.metrics import JUDGE_METRICS
from harness.scoring.language import language
from harness.scoring.metric import Metric, Scorer, Scores
from harness.scoring.overlap import chrf, rouge
from harness.scoring.politeness import politeness
from harness.scoring.unsupported import unsupported
from harness.scoring.wellformed import wellformed
from harness.suite.item import Item
from harness.suite.knowledge import KnowledgeBase

__all__ = ["ALL_METRICS", "METRICS", "SCORERS", "Metric", "Scorer", "Scores", "score", "scorer_versions"]

SCORERS: tuple[Scorer, ...] = (
    correct, unsupported, rouge, chrf, politeness, conciseness, clarity, wellformed, language,
)  # fmt: skip
METRICS: dict[str, Metric] = {metric.name: metric for scorer in SCORERS for metric in scorer.metrics}
"""What `score` computes."""
ALL_METRICS: dict[str, Metric] = {**METRICS, **JUDGE_METRICS}
"""What may be named as a metric: those, and a judge's."""


def score(completion: str, item: Item, knowledge: KnowledgeBase) -> Scores:
    """All deterministic metrics of one raw completion."""
    parsed = parse(completion)
    return {name: value for scorer in SCORERS for name, value in scorer.score(parsed, item, knowledge).items()}


def scorer_versions() -> dict[str, int]:
    """Version of each scorer; scores made by other versions are computed anew."""
    return {scorer.name: scorer.version for scorer in SCORERS}
