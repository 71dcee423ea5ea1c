"""Conciseness: full marks up to one and a half times the gold's words (at least 25), then falling with length.

``min(1, allowed / words)``; an empty answer scores 0. Scale 0 to 1, higher is better. Source: own definition; the gold is
written to the service's rule of one to three sentences.
"""

from harness.scoring.completion import Completion
from harness.scoring.metric import Metric, Scores, scorer
from harness.suite.item import Item
from harness.suite.knowledge import KnowledgeBase

ALLOWED_RATIO = 1.5
ALLOWED_WORDS = 25


@scorer(version=1, metrics=(Metric("conciseness", "higher", "length against the gold's"),))
def conciseness(completion: Completion, item: Item, knowledge: KnowledgeBase) -> Scores:
    """Score the length of the answer in words."""
    words = len(completion.whole.split())
    allowed = max(ALLOWED_WORDS, ALLOWED_RATIO * len(item.expected_answer.split()))
    return {"conciseness": min(1.0, allowed / words) if words else 0.0}
