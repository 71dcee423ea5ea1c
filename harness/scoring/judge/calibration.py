"""A judge held against labels: how well it tells right from wrong, and what its figures become once corrected. Pure.

An undecided verdict counts as it does everywhere: the answer was not passed. An answer that readers are unsure of says nothing
of the judge, and counts as not right in corrected figures.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np

from harness.scoring.judge.corrected import Corrected, JudgedAnswer, corrected
from harness.scoring.judge.family import shared_family
from harness.stats import Instrument, Rate, measure_instrument
from harness.suite.item import AuthorKind

DIMENSIONS = ("domain", "language", "candidate", "answerable")
LABELS = ("correct", "incorrect", "unsure")
VERDICTS = ("correct", "incorrect", "undecided")


@dataclass(frozen=True, slots=True)
class Group:
    """The judge on a part of the labelled answers; kappa and rates are nan where there is nothing to measure."""

    dimension: str
    name: str
    answers: int
    intents: int
    measured: Instrument


@dataclass(frozen=True, slots=True)
class Stability:
    """Answers judged twice: how many, the share with the same verdict, its limits, and how many were passed once."""

    answers: int
    same: Rate
    passed_once: int


@dataclass(frozen=True, slots=True)
class Disagreement:
    """An answer on which judge and label differ, with both reasons."""

    item: str
    candidate: str
    domain: str
    language: str
    label: str
    verdict: str
    judge_reason: str
    reader_comment: str


@dataclass(frozen=True)
class Calibration:
    """All that labels say of one judge. ``refused`` lists why no accuracy is claimed from it; then ``corrected`` is empty."""

    judge: str
    author_kind: AuthorKind
    split: str
    answers: int
    labelled: int
    unsure: int
    undecided: int
    table: Mapping[str, Mapping[str, int]]
    overall: Group | None
    groups: Sequence[Group]
    stability: Stability | None
    refused: Sequence[str]
    corrected: Sequence[Corrected]
    disagreements: Sequence[Disagreement]
    notes: Sequence[str] = ()

    @property
    def unlocks(self) -> bool:
        """Whether the gate may use these labels: only people's, and only where nothing is refused."""
        return self.author_kind == "person" and not self.refused


def calibrate(
    answers: Sequence[JudgedAnswer],
    judge: str,
    author_kind: AuthorKind,
    split: str,
    *,
    strict: bool = False,
    teachers: Mapping[str, Sequence[str]] | None = None,
    families_said: bool = False,
) -> Calibration:
    """Hold a judge against labels made by people, or by a model (``author_kind``), never both together.

    ``answers`` are all answers of the candidates on one split, labelled or not. ``strict``: the instrument itself asks for the
    output tags, so that a label of an answer that is not delivered counts as incorrect. ``teachers`` are models that wrote or
    filtered a candidate's training data; one of the judge's family is refused unless ``families_said``.
    """
    given = [one for one in answers if one.label is not None]
    known = [one for one in given if one.label != "unsure"]
    groups = [_group("all", "all", known, strict)] if known else []
    groups += [
        _group(dimension, name, [one for one in known if getattr(one, dimension) == name], strict)
        for dimension in DIMENSIONS
        for name in sorted({getattr(one, dimension) for one in known})
    ]
    overall = groups[0] if groups else None
    related = {} if families_said else _related(judge, teachers or {})
    refused = _refusals(overall, given, known, judge, related)
    notes = [] if not families_said else [
        f"{name}: its teacher and the judge {judge} are of one family ({family}); said, so not refused"
        for name, family in _related(judge, teachers or {}).items()
    ]  # fmt: skip
    counts: Counter[tuple[str, str]] = Counter((str(one.label), one.verdict) for one in given)
    return Calibration(
        judge=judge,
        author_kind=author_kind,
        split=split,
        answers=len(answers),
        labelled=len(given),
        unsure=sum(one.label == "unsure" for one in given),
        undecided=sum(one.verdict == "undecided" for one in answers),
        table={label: {verdict: counts[label, verdict] for verdict in VERDICTS} for label in LABELS},
        overall=overall,
        groups=groups[1:],
        stability=_stability(answers),
        refused=refused,
        corrected=[] if refused else corrected(answers),
        disagreements=[_disagreement(one) for one in known if _right(one, strict) != _passed(one)],
        notes=notes,
    )


def _right(one: JudgedAnswer, strict: bool) -> float:
    return float(one.label == "correct" and (one.delivered or not strict))


def _passed(one: JudgedAnswer) -> float:
    return float(one.verdict == "correct")


def _group(dimension: str, name: str, known: Sequence[JudgedAnswer], strict: bool) -> Group:
    intents = [one.intent for one in known]
    measured = measure_instrument(
        [_right(one, strict) for one in known],
        [_passed(one) for one in known],
        intents,
        [1 / (one.probability or 1.0) for one in known],
    )
    return Group(dimension, name, len(known), len(set(intents)), measured)


def _related(judge: str, teachers: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Candidates with a teacher of the judge's family, and the family's name."""
    found = {}
    for candidate, models in teachers.items():
        families = [family for model in models if (family := shared_family(model, judge))]
        if families:
            found[candidate] = families[0]
    return found


def _refusals(
    overall: Group | None,
    given: Sequence[JudgedAnswer],
    known: Sequence[JudgedAnswer],
    judge: str,
    related: Mapping[str, str],
) -> list[str]:
    if overall is None:
        return ["no answer of these runs has a label: harness review"]
    refused = []
    informed = overall.measured.informedness
    if isnan(informed.low):
        which = "right" if all(one.label == "correct" for one in known) else "wrong"
        refused.append(
            f"every labelled answer is {which}, so that one of the judge's two rates is not known; label more answers"
        )
    elif not informed.clear:
        refused.append(
            f"its informedness is not clearly above 0 ({informed.value:+.2f}, {informed.low:+.2f} to {informed.high:+.2f}); "
            "no accuracy is claimed from it"
        )
    if any(one.probability is None for one in given):
        refused.append(
            "labelled answers were not drawn at random (no sampling probability is stored), so a set picked by verdict "
            "cannot be ruled out; draw a sample: harness review"
        )
    refused += [
        f"{name} was taught by a model of the judge's family ({family}); say so to go on: --same-family-known"
        for name, family in related.items()
    ]
    return refused


def _stability(answers: Sequence[JudgedAnswer]) -> Stability | None:
    twice = [one for one in answers if one.again is not None]
    if not twice:
        return None
    same = [float(one.again == one.verdict) for one in twice]
    once = sum((one.again == "correct") != (one.verdict == "correct") for one in twice)
    return Stability(
        len(twice), measure_instrument(np.ones(len(twice)), same, [one.intent for one in twice]).agreement, once
    )


def _disagreement(one: JudgedAnswer) -> Disagreement:
    return Disagreement(
        one.item, one.candidate, one.domain, one.language, str(one.label), one.verdict, one.reason, one.comment
    )
