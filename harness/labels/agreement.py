"""How far the readers of a review agree, counted apart for people and for models."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isnan, nan

from harness.labels.records import SCALES, Reading
from harness.stats import cohen_kappa, krippendorff_alpha
from harness.stats.agreement import Level


@dataclass(frozen=True, slots=True)
class PairAgreement:
    """Two readers on the tasks both labelled: share of equal verdicts (0 to 1), kappa and its standard error."""

    reviewers: tuple[str, str]
    tasks: int
    same: float
    kappa: float | None
    se: float | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """Readers of one kind: tasks with two or more of them, Krippendorff's alpha of verdicts and of each scale (ordinal).

    None where there is nothing to compare, or all values are one and the same.
    """

    author_kind: str
    tasks: int
    same: float | None
    alpha: float | None
    scales: dict[str, float | None]
    pairs: tuple[PairAgreement, ...]


def agreement(readings: Iterable[Reading], author_kind: str) -> Agreement:
    """Agreement of readers of one kind, before anything is settled."""
    by_task: dict[int, list[Reading]] = defaultdict(list)
    for each in readings:
        if each.author_kind == author_kind and each.role == "reading":
            by_task[each.task].append(each)
    double = {task: found for task, found in by_task.items() if len(found) > 1}
    same = [len({each.verdict for each in found}) == 1 for found in double.values()]
    return Agreement(
        author_kind,
        len(double),
        sum(same) / len(same) if same else None,
        _alpha(double.values(), "verdict", "nominal"),
        {scale: _alpha(double.values(), scale, "ordinal") for scale in SCALES},
        tuple(_pairs(double.values())),
    )


def _alpha(units: Iterable[Sequence[Reading]], field: str, level: Level) -> float | None:
    groups = [{each.reviewer: getattr(each, field) for each in found} for found in units]
    reviewers = sorted({name for group in groups for name in group})
    values = sorted({str(value) for group in groups for value in group.values()})
    code = {value: index for index, value in enumerate(values)}
    ratings = [
        [
            nan if (value := group.get(name)) is None else float(value if isinstance(value, int) else code[value])
            for group in groups
        ]
        for name in reviewers
    ]
    if not any(sum(not isnan(row[unit]) for row in ratings) > 1 for unit in range(len(groups))):
        return None
    return _number(krippendorff_alpha(ratings, level))


def _pairs(units: Iterable[Sequence[Reading]]) -> Iterable[PairAgreement]:
    shared: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for found in units:
        ordered = sorted(found, key=lambda each: each.reviewer)
        for index, one in enumerate(ordered):
            for two in ordered[index + 1 :]:
                shared[one.reviewer, two.reviewer].append((one.verdict, two.verdict))
    for reviewers, verdicts in sorted(shared.items()):
        names = sorted({verdict for pair in verdicts for verdict in pair})
        table = [[verdicts.count((one, two)) for two in names] for one in names]
        found_kappa = cohen_kappa(table)
        equal = sum(one == two for one, two in verdicts) / len(verdicts)
        yield PairAgreement(reviewers, len(verdicts), equal, _number(found_kappa.kappa), _number(found_kappa.se))


def _number(value: float) -> float | None:
    return None if isnan(value) else value
