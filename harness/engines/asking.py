"""How a candidate is asked: one function for every engine and for the trainers, so that both read the same messages."""

from collections.abc import Callable

from harness.candidates.candidate import Candidate
from harness.suite.item import Item
from harness.suite.prompts import Message, messages

Ask = Callable[[Item], list[Message]]


def asking(candidate: Candidate) -> Ask:
    """The chat messages of an item for ``candidate``: its system prompt, and the entries it retrieves above the question."""
    retrieval = candidate.settings.retrieval
    if retrieval is None:
        return lambda item: messages(item, candidate.system_prompt)
    from harness.engines.retrieval import Retriever

    retriever = Retriever(candidate.suite.knowledge, retrieval.top)
    headings = candidate.suite.settings.knowledge_heading
    return lambda item: messages(item, candidate.system_prompt, retriever.find(item), headings)
