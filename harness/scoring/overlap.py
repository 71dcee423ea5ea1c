"""Overlap with the gold answer: ROUGE-1, -2, -L, -Lsum (Lin 2004, package rouge-score) and chrF (Popović 2015, sacrebleu).

All are F-measures from 0 to 1, higher is better. The tokenizer keeps a rupiah amount one token, whatever its writing, and
reads any script's letters; rouge-score's own drops what is not a-z or 0-9 and splits Rp16.000 in two.
"""

from functools import cache
from typing import Any

from harness.scoring.completion import Completion
from harness.scoring.metric import Metric, Scores, scorer
from harness.suite.item import Item
from harness.suite.knowledge import KnowledgeBase
from harness.text.lexer import Kind, lex

_TYPES = {"rouge1": "rouge1", "rouge2": "rouge2", "rougeL": "rougeL", "rougeLsum": "rougeLsum"}


class ValueTokenizer:
    """Words in lower case; numbers and amounts by value."""

    def tokenize(self, text: str) -> list[str]:
        """Tokens of ``text``."""
        tokens = []
        for token in lex(text):
            if token.value is not None:
                tokens.append(("rp" if token.kind is Kind.MONEY else "") + format(token.value.normalize(), "f"))
            elif token.kind not in (Kind.CLAUSE_END, Kind.SENTENCE_END):
                tokens.append(token.text)
        return tokens


@cache
def _rouge() -> Any:
    from rouge_score import rouge_scorer  # imports nltk, which takes seconds: only where something is scored

    return rouge_scorer.RougeScorer(list(_TYPES), tokenizer=ValueTokenizer())


def _sentence_lines(text: str) -> str:
    """One sentence a line, as ROUGE-Lsum expects."""
    return text.replace("? ", "?\n").replace("! ", "!\n").replace(". ", ".\n")


@scorer(
    version=2, metrics=tuple(Metric(name, "higher", f"{name} F-measure against the gold answer") for name in _TYPES)
)
def rouge(completion: Completion, item: Item, knowledge: KnowledgeBase) -> Scores:
    """ROUGE of the answer against the gold answer."""
    found = _rouge().score(_sentence_lines(item.expected_answer), _sentence_lines(completion.whole))
    return {name: float(found[name].fmeasure) for name in _TYPES}


@scorer(version=1, metrics=(Metric("chrf", "higher", "chrF against the gold answer"),))
def chrf(completion: Completion, item: Item, knowledge: KnowledgeBase) -> Scores:
    """Character n-gram F-score of the answer against the gold answer."""
    from sacrebleu import sentence_chrf

    if not completion.whole:
        return {"chrf": 0.0}
    return {"chrf": float(sentence_chrf(completion.whole, [item.expected_answer]).score) / 100}
