"""What a metric is, and how a scorer is declared."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from harness.scoring.completion import Completion
from harness.suite.item import Item
from harness.suite.knowledge import KnowledgeBase

Scores = dict[str, float]
ScoreFunction = Callable[[Completion, Item, KnowledgeBase], Scores]


@dataclass(frozen=True, slots=True)
class Metric:
    """A named number per sample, from 0 to 1, with its direction."""

    name: str
    better: Literal["higher", "lower"]
    summary: str


@dataclass(frozen=True, slots=True)
class Scorer:
    """A pure function from a completion and its item to one or more metrics; ``version`` rises when scores change."""

    name: str
    version: int
    metrics: tuple[Metric, ...]
    score: ScoreFunction


def scorer(version: int, metrics: Iterable[Metric]) -> Callable[[ScoreFunction], Scorer]:
    """Declare a scorer; its name is the function's."""

    def declare(function: ScoreFunction) -> Scorer:
        return Scorer(function.__name__, version, tuple(metrics), function)

    return declare
