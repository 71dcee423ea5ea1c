"""Knowledge entries for a question: BM25 (package bm25s) over the facts in the question's language."""

import re
from collections.abc import Sequence

import numpy as np

from harness.engines.bm25 import BM25
from harness.suite.item import Item
from harness.suite.knowledge import LANGUAGES, Fact, KnowledgeBase
from harness.text.lexer import Kind, lex

_LEARNT = re.compile(r"(?<=\d)(?=(?:rbu|rebu|jta)\b)")
"""Before spellings of a scale that the lexer learnt after the first runs: here they stay two words, so that a candidate that
retrieves is asked as its stored run shows. What is retrieved belongs to its identity only through knowledge and ``top``."""


def _tokens(text: str) -> list[str]:
    words = (token.text for token in lex(text) if token.kind not in (Kind.CLAUSE_END, Kind.SENTENCE_END))
    return [part for word in words for part in _LEARNT.split(word)]


class Retriever:
    """The ``top`` facts by BM25 score, best first."""

    def __init__(self, knowledge: KnowledgeBase, top: int) -> None:
        self._facts = knowledge.stated()
        self._top = min(top, len(self._facts))
        self._indexes: dict[str, BM25] = {}
        for language in LANGUAGES:
            index = BM25()
            index.index([_tokens(fact.text[language]) for fact in self._facts], show_progress=False)
            self._indexes[language] = index

    def find(self, item: Item) -> Sequence[Fact]:
        """Facts for an item's message; equal scores in the order of the knowledge base, so that every machine finds the same."""
        scores = self._indexes[item.language].get_scores(_tokens(item.problem))
        return [self._facts[index] for index in np.argsort(-scores, kind="stable")[: self._top]]
