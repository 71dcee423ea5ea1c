"""Findings about one item by itself."""

from collections.abc import Iterator

from harness.scoring.completion import parse
from harness.scoring.correct import correct, judge
from harness.scoring.language import detect
from harness.scoring.unsupported import unsupported
from harness.suite.item import Item
from harness.suite.knowledge import KnowledgeBase
from harness.suite.lint.amounts import unsupported_amounts
from harness.suite.lint.finding import Finding, Level, Placed
from harness.suite.suite import Suite

WORDS = {"problem": (1, 150), "reasoning": (3, 80), "answer": (3, 120)}
"""Fewest and most words. 120 words of answer are what 160 tokens of a small model can hold."""

_NAMES = {"id": "Indonesian", "en": "English"}


def row_findings(placed: Placed, suite: Suite) -> Iterator[Finding]:
    """Everything found in one row. Its gold is scored only where the row itself is sound."""
    problems = list(suite.problems(placed.row, placed.split))
    yield from (placed.finding("error", "row", problem) for problem in problems)
    item = placed.row.item
    yield from _wording(placed, item)
    if not problems:
        yield from _gold(placed, item, suite.knowledge)


def _wording(placed: Placed, item: Item) -> Iterator[Finding]:
    completion = parse(item.generated_solution)
    if not completion.well_formed:
        yield placed.finding(
            "error", "tags", "generated_solution is not <think>…</think><output>…</output>, both filled"
        )
    elif completion.answer != item.expected_answer.strip():
        yield placed.finding("error", "answer", "expected_answer is not the text inside <output>")
    texts = {"problem": item.problem, "reasoning": completion.reasoning, "answer": item.expected_answer}
    for name, text in texts.items():
        fewest, most = WORDS[name]
        count = len((text or "").split())
        if not fewest <= count <= most:
            yield placed.finding("error", "length", f"{name} of {count} words; wanted are {fewest} to {most}")
    spoken = detect(item.problem)
    if spoken not in (None, item.language):  # slang and typos mislead a count of function words
        yield placed.finding(
            "warning", "language", f"the question reads as {_NAMES[spoken]}, the row says {_NAMES[item.language]}"
        )
    if detect(item.expected_answer) != item.language:
        yield placed.finding("error", "language", f"the gold answer does not read as {_NAMES[item.language]}")


def _gold(placed: Placed, item: Item, knowledge: KnowledgeBase) -> Iterator[Finding]:
    completion = parse(item.generated_solution)
    if completion.well_formed and correct.score(completion, item, knowledge)["correct"] != 1:
        judgement = judge(item.expected_answer, item, knowledge)
        reasons = [
            f"{name} {', '.join(found)}"
            for name in ("missing", "contradicted", "forbidden", "unsupported")
            if (found := getattr(judgement, name))
        ]
        yield placed.finding(
            "error", "gold", f"the gold answer does not score as correct: {'; '.join(reasons) or judgement.no_answer}"
        )
    if unsupported.score(completion, item, knowledge)["unsupported"]:
        yield placed.finding("error", "gold", "the gold answer states a value that the scorer calls unsupported")
    for claim, holder, is_money in unsupported_amounts(item, knowledge):
        if holder:
            yield placed.finding("error", "amount", f"{claim!r} in the gold is of fact {holder}; name it in knowledge")
        else:
            level: Level = "error" if is_money else "warning"
            yield placed.finding(level, "amount", f"{claim!r} in the gold follows from no fact that the item names")
