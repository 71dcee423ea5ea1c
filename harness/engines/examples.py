"""Earlier questions like the customer's, with their answers: in-context examples chosen by likeness.

The index is over topic files (`harness.suite.topics`): BM25 (package bm25s) over the letters of words, three and four at a time,
so that typos and slang still meet. Source: Liu et al. (2022), "What Makes Good In-Context Examples for GPT-3?", arXiv:2101.06804.
"""

import re
from collections.abc import Sequence

import numpy as np

from harness.engines.bm25 import BM25
from harness.suite.item import Item
from harness.suite.prompts import Exchange
from harness.suite.topics import Topic

_WORD = re.compile(r"\w+")


class ExampleFinder:
    """The likest question of each of the ``top`` topics whose questions are most like an item's, in its language."""

    def __init__(self, topics: Sequence[Topic], top: int) -> None:
        self._top = top
        self._rows: dict[str, list[tuple[Topic, str]]] = {}
        for topic in topics:
            self._rows.setdefault(topic.language, []).extend((topic, question) for question in topic.questions)
        self._indexes = {language: _index([question for _, question in rows]) for language, rows in self._rows.items()}

    def find(self, item: Item) -> list[Exchange]:
        """Question and answer of each example, the likest last, next to the customer's message.

        The item's own question is never among them: a model that is trained on the examples' rows would learn to copy.
        Equal scores stand in the order of the files, so that every machine finds the same.
        """
        if item.language not in self._indexes:
            return []
        rows = self._rows[item.language]
        found: dict[str, Exchange] = {}
        for place in np.argsort(-self._indexes[item.language].get_scores(_pieces(item.problem)), kind="stable"):
            topic, question = rows[place]
            if topic.topic in found or question == item.problem:
                continue
            answer = topic.answers[0]
            found[topic.topic] = (question, f"<think>{answer.think}</think>\n<output>{answer.output}</output>")
            if len(found) == self._top:
                break
        return list(found.values())[::-1]


def _index(questions: Sequence[str]) -> BM25:
    index = BM25()
    index.index([_pieces(question) for question in questions], show_progress=False)
    return index


def _pieces(text: str) -> list[str]:
    """Three and four letters at a time of each word between its borders."""
    return [
        word[start : start + size]
        for word in (f"<{word}>" for word in _WORD.findall(text.lower()))
        for size in (3, 4)
        for start in range(len(word) - size + 1)
    ]
