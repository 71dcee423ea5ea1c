"""How a candidate is asked: one function for every engine and for the trainers, so that both read the same messages."""

from collections.abc import Callable, Sequence

from harness.candidates.candidate import Candidate
from harness.suite.item import Item
from harness.suite.knowledge import Fact
from harness.suite.prompts import Exchange, Message, messages

Ask = Callable[[Item], list[Message]]


def asking(candidate: Candidate) -> Ask:
    """The chat messages of an item for ``candidate``: its system prompt, the examples and the entries found for the question."""
    facts, examples = _facts(candidate), _examples(candidate)
    headings = candidate.suite.settings.knowledge_heading
    return lambda item: messages(item, candidate.system_prompt, facts(item), headings, examples(item))


def _facts(candidate: Candidate) -> Callable[[Item], Sequence[Fact]]:
    if candidate.settings.retrieval is None:
        return lambda item: ()
    from harness.engines.retrieval import Retriever

    return Retriever(candidate.suite.knowledge, candidate.settings.retrieval.top).find


def _examples(candidate: Candidate) -> Callable[[Item], Sequence[Exchange]]:
    if candidate.settings.examples is None:
        return lambda item: ()
    from harness.engines.examples import ExampleFinder

    return ExampleFinder(candidate.example_topics, candidate.settings.examples.top).find
