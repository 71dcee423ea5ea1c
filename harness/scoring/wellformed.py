"""Form: is there an answer, and does it stand in exactly ``<think>reasoning</think><output>answer</output>``, both filled, no tag inside another?

A closing tag typed as ``<think>`` fails. Scale 0 or 1, higher is better. Source: the service's output contract.
"""

from harness.scoring.completion import Completion
from harness.scoring.metric import Metric, Scores, scorer
from harness.suite.item import Item
from harness.suite.knowledge import KnowledgeBase


@scorer(
    version=2,
    metrics=(
        Metric("format", "higher", "well-formed think and output tags"),
        Metric("answered", "higher", "gives an answer at all, tags forgiven"),
    ),
)
def wellformed(completion: Completion, item: Item, knowledge: KnowledgeBase) -> Scores:
    """Check the tags of the completion, and whether anything was said."""
    return {"format": float(completion.well_formed), "answered": float(bool(completion.whole))}
