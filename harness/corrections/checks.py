"""What a correction must pass before it may be trained on: four deterministic scorers, and no trace of test or dev."""

from collections.abc import Iterable, Sequence

from harness.errors import IntegrityError
from harness.scoring.completion import parse
from harness.scoring.correct import correct, judge
from harness.scoring.language import language
from harness.scoring.unsupported import unsupported, unsupported_claims
from harness.scoring.wellformed import wellformed
from harness.suite.canary import holds_canary
from harness.suite.item import Item, Split
from harness.suite.leakage import find_leaks
from harness.suite.suite import Suite

SCORERS = (correct, unsupported, wellformed, language)
INSTRUMENTS = ("correct", "unsupported", "format", "language")
"""The metrics asked, as training manifests name them."""
LASTING = ("format", "leakage", "canary")
"""Checks that no verdict sets aside."""
HELD_OUT = (Split.TEST, Split.DEV)


def scorer_versions() -> dict[str, int]:
    """Versions of the scorers that are asked."""
    return {scorer.name: scorer.version for scorer in SCORERS}


def refuse_held_out(ids: Iterable[str], suite: Suite, where: str) -> None:
    """Raise `IntegrityError` where an item of the test or development split is among ``ids``."""
    named = set(ids)
    for split in HELD_OUT:
        held = {item.id for item in suite.items(split)} if suite.has(split) else set()
        if found := sorted(held & named):
            raise IntegrityError(
                f"{where}: item {found[0]} is of the {split} split, whose answers are never corrected; "
                "correct a run on the feedback split"
            )


class Checks:
    """The checks of one suite; test and development questions are read once."""

    def __init__(self, suite: Suite) -> None:
        self._suite = suite
        self._held = [(item.id, item.problem) for split in HELD_OUT if suite.has(split) for item in suite.items(split)]

    def leaking(self, items: Sequence[Item]) -> set[str]:
        """Ids of items whose question stands too close to a test or development question to be trained on."""
        return {leak.train_id for leak in find_leaks([(item.id, item.problem) for item in items], self._held)}

    def reasons(self, completion: str, item: Item) -> tuple[str, ...]:
        """Why a correction may not be trained on, each as ``check: what``; empty where it may."""
        return (*self._scored(completion, item), *self._leaks(completion, item))

    def _scored(self, completion: str, item: Item) -> list[str]:
        parsed, knowledge = parse(completion), self._suite.knowledge
        values = {name: value for scorer in SCORERS for name, value in scorer.score(parsed, item, knowledge).items()}
        found = []
        if not values["format"]:
            found.append("format: not exactly <think>…</think><output>…</output>, both filled")
        if not values["language"]:
            found.append(f"language: not the customer's ({item.language})")
        if not values["correct"]:
            why = judge(parsed.whole, item, knowledge)
            parts = {
                "missing": why.missing, "contradicted": why.contradicted, "forbidden": why.forbidden,
                "no answer": (why.no_answer,) if why.no_answer else (),
            }  # fmt: skip
            said = "; ".join(f"{name} {', '.join(which)}" for name, which in parts.items() if which)
            found.append(f"correct: {said or 'not right as it stands'}")
        if values["unsupported"]:
            claims = unsupported_claims(parsed.whole, item, knowledge)
            found.append(f"unsupported: {', '.join(claim.text for claim in claims)}")
        if claims := unsupported_claims(parsed.reasoning or "", item, knowledge):
            found.append(f"unsupported: in its reasoning, {', '.join(claim.text for claim in claims)}")
        return found

    def _leaks(self, completion: str, item: Item) -> list[str]:
        parsed = parse(completion)
        texts = {"question": item.problem, "reasoning": parsed.reasoning or "", "answer": parsed.whole}
        found = []
        leaks = find_leaks([(name, text) for name, text in texts.items() if text], self._held)
        for name in texts:
            if near := next((leak for leak in leaks if leak.train_id == name), None):
                found.append(f"leakage: its {name} repeats a held-out question ({near.test_id}, {near.similarity:.2f})")
        if holds_canary(f"{item.problem}\n{completion}", self._suite):
            found.append("canary: it holds the mark of a test set")
        return found
