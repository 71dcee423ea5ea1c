"""Clarity: short sentences, nothing said twice, no debris, a proper end.

The mean of four parts, each 0 to 1: sentence length (1 up to a mean of 20 words, 0 from 40; Cutts, *Oxford Guide to Plain
English*, advises 15 to 20), distinct 4-grams (1 − seq-rep-4 of Welleck et al. 2019), no left-over tags or markup, and an
end in a full stop, question or exclamation mark, link or email. An empty answer scores 0. Higher is better.
"""

import re
from itertools import pairwise

from harness.scoring.completion import Completion
from harness.scoring.metric import Metric, Scores, scorer
from harness.suite.item import Item
from harness.suite.knowledge import KnowledgeBase
from harness.text.lexer import Kind, lex

EASY_SENTENCE_WORDS = 20
_DEBRIS = re.compile(r"</?\w+>|<\||\|>|```|\{\{|\*\*|#{2,}|\\n")
_PROPER_END = re.compile(r"(?:[.!?…)\"”]|[\w.]+@[\w.]+|[^\w\s])\s*$")


def _sentence_length(text: str) -> float:
    sentences = [sentence for sentence in re.split(r"[.!?…\n]+(?:\s|$)", text) if sentence.split()]
    mean = len(text.split()) / max(1, len(sentences))
    return min(1.0, max(0.0, (2 * EASY_SENTENCE_WORDS - mean) / EASY_SENTENCE_WORDS))


def _distinct(text: str) -> float:
    words = [token.text for token in lex(text) if token.kind not in (Kind.CLAUSE_END, Kind.SENTENCE_END)]
    grams = list(zip(*(words[shift:] for shift in range(4)), strict=False))
    if not grams:
        return 0.0 if any(first == second for first, second in pairwise(words)) else 1.0
    return len(set(grams)) / len(grams)


@scorer(version=2, metrics=(Metric("clarity", "higher", "sentence length, repetition, debris, ending"),))
def clarity(completion: Completion, item: Item, knowledge: KnowledgeBase) -> Scores:
    """Score how easily the answer reads."""
    text = completion.whole
    if not text:
        return {"clarity": 0.0}
    parts = (
        _sentence_length(text),
        _distinct(text),
        float(not _DEBRIS.search(text)),
        float(bool(_PROPER_END.search(text))),
    )
    return {"clarity": sum(parts) / len(parts)}
