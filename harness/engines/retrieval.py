"""Knowledge entries for a question: BM25 (package bm25s) over the facts in the question's language."""

from collections.abc import Sequence

import bm25s

from harness.suite.item import Item
from harness.suite.knowledge import LANGUAGES, Fact, KnowledgeBase
from harness.text.lexer import Kind, lex


def _tokens(text: str) -> list[str]:
    return [token.text for token in lex(text) if token.kind not in (Kind.CLAUSE_END, Kind.SENTENCE_END)]


class Retriever:
    """The ``top`` facts by BM25 score, best first."""

    def __init__(self, knowledge: KnowledgeBase, top: int) -> None:
        self._facts = knowledge.stated()
        self._top = min(top, len(self._facts))
        self._indexes: dict[str, bm25s.BM25] = {}
        for language in LANGUAGES:
            index = bm25s.BM25()
            index.index([_tokens(fact.text[language]) for fact in self._facts], show_progress=False)
            self._indexes[language] = index

    def find(self, item: Item) -> Sequence[Fact]:
        """Facts for an item's message."""
        documents, _ = self._indexes[item.language].retrieve([_tokens(item.problem)], k=self._top, show_progress=False)
        return [self._facts[int(index)] for index in documents[0]]
