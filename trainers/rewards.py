"""The harness's scorers as reward functions in TRL's signature: pure, one function a metric.

TRL calls a reward function with the columns of the dataset by name and lists of equal length; the column ``item`` carries
each row's item as JSON. The answer is decoded from its token ids, because TRL takes the reasoning out of the message's
content where a chat template names it.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from harness.scoring import METRICS, SCORERS
from harness.scoring.completion import parse
from harness.suite.item import Item
from harness.suite.knowledge import KnowledgeBase

Reward = Callable[..., list[float]]
Decode = Callable[[Sequence[int]], str]


def reward_functions(metrics: Sequence[str], knowledge: KnowledgeBase, decode: Decode) -> list[Reward]:
    """One function a metric, in order, each named as its metric; ``decode`` turns an answer's token ids into text."""
    return [_reward(metric, knowledge, decode) for metric in metrics]


def goodness(metric: str, completion: str, item: Item, knowledge: KnowledgeBase) -> float:
    """A metric of a completion from 0 (worst) to 1 (best), also where lower scores are better."""
    scorer = next(scorer for scorer in SCORERS if any(one.name == metric for one in scorer.metrics))
    value = scorer.score(parse(completion), item, knowledge)[metric]
    return value if METRICS[metric].better == "higher" else 1.0 - value


def _reward(metric: str, knowledge: KnowledgeBase, decode: Decode) -> Reward:
    def reward(completion_ids: Sequence[Sequence[int]], item: Sequence[str], **_: Any) -> list[float]:
        return [
            goodness(metric, decode(ids), _item(text), knowledge)
            for ids, text in zip(completion_ids, item, strict=True)
        ]

    reward.__name__ = metric  # TRL logs by this name
    return reward


@lru_cache(maxsize=10_000)
def _item(text: str) -> Item:
    return Item.model_validate_json(text)
