"""Preference pairs: an answer to prefer and one to avoid, to the same question."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.candidates.candidate import Candidate
from harness.corrections import load_corrections
from harness.scoring.completion import parse
from harness.suite.item import Item
from harness.trainers.answers import Answers, failed
from harness.trainers.rows import corrected_rows


@dataclass(frozen=True)
class Pair:
    """Two completions of an item; the item's ``generated_solution`` is the chosen one."""

    item: Item
    rejected: str

    @property
    def chosen(self) -> str:
        """The completion to prefer."""
        return self.item.generated_solution


def corrected_pairs(candidate: Candidate, path: Path) -> list[Pair]:
    """A pair for each correction of a dataset: the correction, and the answer it corrects."""
    rows = corrected_rows(path, candidate.suite)
    return [Pair(row, cut_off(found.rejected)) for row, found in zip(rows, load_corrections(path), strict=True)]


def wrong_answer_pairs(items: Sequence[Item], answers: Answers, metric: str) -> list[Pair]:
    """A pair for each item that was answered wrongly by ``metric``: the gold, and that answer."""
    return [
        Pair(item, cut_off(answers.completions[item.id])) for item in items if failed(answers.scores[item.id], [metric])
    ]


def usable(pairs: Sequence[Pair]) -> list[Pair]:
    """The pairs in order, without those that prefer nothing: an empty rejected answer, one equal to the chosen, a repeated pair."""
    kept: dict[tuple[str, str, str], Pair] = {}
    for pair in pairs:
        if pair.rejected and pair.rejected != pair.chosen.strip():
            kept.setdefault((pair.item.problem, pair.chosen, pair.rejected), pair)
    return list(kept.values())


def cut_off(completion: str) -> str:
    """A completion as far as the service reads it."""
    return parse(completion).text.strip()
