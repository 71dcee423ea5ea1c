"""One verdict an answer, and only people's: what later instruments are measured against."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean
from typing import Literal

from harness.labels.records import SCALES, Label, Verdict
from harness.labels.store import LabelStore
from harness.suite.item import AuthorKind

How = Literal["single", "agreed", "adjudicated", "disputed"]


@dataclass(frozen=True, slots=True)
class SettledLabel:
    """What readers of one kind say of a candidate's answer.

    ``how`` it came about: one reader, several who agree, a settled disagreement, or one still open, which is ``unsure``.
    Scales are means over the readers, 1 to 5. ``probability`` is that of the item to be drawn, none where the answer was not
    drawn at random: such labels describe, but correct no judge.
    """

    author_kind: AuthorKind
    review: str
    suite: str
    split: str
    lock: str
    item: str
    candidate: str
    run: str
    answer_sha256: str
    verdict: Verdict
    how: How
    readers: int
    politeness: float | None
    conciseness: float | None
    clarity: float | None
    stratum: str
    probability: float | None


def person_labels(store: LabelStore, lock: str | None = None) -> list[SettledLabel]:
    """Labels of single answers made by people alone, one a review, answer and candidate; of one lock where it is given.

    Model-made labels are not among them, and a model's adjudication does not settle what people disagree on.
    """
    return settle([label for label in store.labels() if label.author_kind == "person" and lock in (None, label.lock)])


def settle(labels: Sequence[Label]) -> list[SettledLabel]:
    """Live labels of single answers, joined to one an answer. Raises ValueError where people's and models' are mixed."""
    if len({label.author_kind for label in labels}) > 1:
        raise ValueError("labels of people and of models are never settled together")
    groups: dict[tuple[int, str], list[Label]] = defaultdict(list)
    for label in labels:
        if label.undone is None and label.other_sha256 is None:
            groups[label.task, label.run].append(label)
    return [_settled(group) for group in groups.values()]


def _settled(group: Sequence[Label]) -> SettledLabel:
    readings = [label for label in group if label.role == "reading"]
    final = [label for label in group if label.role == "adjudication"]
    verdicts = {label.verdict for label in readings}
    how: How
    verdict: Verdict
    if final:
        how, verdict = "adjudicated", final[-1].verdict
    elif len(verdicts) > 1:
        how, verdict = "disputed", "unsure"
    else:
        how, verdict = ("single" if len(readings) == 1 else "agreed"), readings[0].verdict
    given = {name: [value for label in readings if (value := getattr(label, name)) is not None] for name in SCALES}
    scales = {name: mean(values) if values else None for name, values in given.items()}
    one = group[0]
    return SettledLabel(
        author_kind=one.author_kind, review=one.review, suite=one.suite, split=one.split, lock=one.lock, item=one.item,
        candidate=one.candidate, run=one.run, answer_sha256=one.answer_sha256, verdict=verdict, how=how,
        readers=len(readings), stratum=one.stratum, probability=one.probability, **scales,
    )  # fmt: skip
