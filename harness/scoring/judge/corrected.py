"""What a judge's figures become once labels correct them: accuracies and paired differences. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import isnan

from harness.scoring.judge.reply import Decided
from harness.stats import ClusteredPowered, clustered_proportion, measure_instrument, ppi_clustered, rogan_gladen


@dataclass(frozen=True, slots=True)
class JudgedAnswer:
    """One candidate's answer to one item: the judge's verdict, and the label where there is one.

    ``probability`` is the chance with which the answer was chosen for labelling, ``None`` where it was not chosen at random.
    ``again`` is the verdict of a second judging. ``delivered``: the customer gets the answer (closed output tags).
    """

    item: str
    intent: str
    domain: str
    language: str
    answerable: str
    candidate: str
    verdict: Decided
    reason: str = ""
    delivered: bool = True
    label: str | None = None
    comment: str = ""
    probability: float | None = None
    again: Decided | None = None


@dataclass(frozen=True, slots=True)
class Corrected:
    """An accuracy, or with ``against`` a difference of two: as judged, by labels alone, and corrected by PPI++.

    Means over intents of answers right as the customer gets them; 95% intervals clustered by intent. ``rogan_gladen`` is
    estimate, low and high from the judge's rates on this candidate's own labels.
    """

    candidate: str
    against: str | None
    judged: float
    labels_alone: tuple[float, float, float]
    estimate: float
    low: float
    high: float
    lam: float
    labelled: int
    labelled_intents: int
    rogan_gladen: tuple[float, float, float] | None


def corrected(answers: Sequence[JudgedAnswer]) -> list[Corrected]:
    """Accuracies of candidates with labels in two intents or more, then differences of pairs on items labelled in both arms."""
    arms: dict[str, dict[str, JudgedAnswer]] = {}
    for one in answers:
        arms.setdefault(one.candidate, {})[one.item] = one
    names = [name for name, arm in arms.items() if _labelled_intents(arm.values()) > 1]
    found = [_accuracy(name, list(arms[name].values())) for name in names]
    for name, other in combinations(names, 2):
        rows = [(arms[name][item], arms[other][item]) for item in arms[name] if item in arms[other]]
        both = [first.intent for first, second in rows if first.label and second.label]
        if len(set(both)) > 1:
            result = _powered(
                [_truth(first) - _truth(second) for first, second in rows],
                [_served(first) - _served(second) for first, second in rows],
                [first for first, _ in rows],
            )
            found.append(_as_corrected(name, other, result, None))
    return found


def _labelled_intents(answers: Iterable[JudgedAnswer]) -> int:
    return len({one.intent for one in answers if one.label is not None})


def _truth(one: JudgedAnswer) -> float:
    """1 for an answer labelled right that the customer gets, nan without a label."""
    return float("nan") if one.label is None else float(one.label == "correct" and one.delivered)


def _served(one: JudgedAnswer) -> float:
    return float(one.verdict == "correct" and one.delivered)


def _powered(truth: Sequence[float], judged: Sequence[float], answers: Sequence[JudgedAnswer]) -> ClusteredPowered:
    chance = [one.probability or 1.0 for one in answers]
    return ppi_clustered(truth, judged, [one.intent for one in answers], chance)


def _accuracy(name: str, answers: Sequence[JudgedAnswer]) -> Corrected:
    result = _powered([_truth(one) for one in answers], [_served(one) for one in answers], answers)
    return _as_corrected(name, None, result, _from_rates(answers))


def _from_rates(answers: Sequence[JudgedAnswer]) -> tuple[float, float, float] | None:
    """Rogan and Gladen's estimate at effective sizes; ``None`` where a rate is unknown or the judge is no better than chance.

    Its rates are those on labels drawn from these very answers: rates found elsewhere hold only where questions and candidate
    are alike, which nothing here could show.
    """
    sizes = Counter(one.intent for one in answers)
    known = [one for one in answers if one.label in ("correct", "incorrect")]
    if not known:
        return None
    measured = measure_instrument(
        [_truth(one) for one in known], [_served(one) for one in known], [one.intent for one in known],
        [1 / (one.probability or 1.0) / sizes[one.intent] for one in known],
    )  # fmt: skip
    right, wrong = measured.sensitivity, measured.specificity
    if not (right.rows and wrong.rows):
        return None
    passed = clustered_proportion([_served(one) for one in answers], [one.intent for one in answers])
    found = rogan_gladen(
        min(passed.mean, 1.0) * passed.effective_n, passed.effective_n,
        right.share * right.effective_n, right.effective_n, wrong.share * wrong.effective_n, wrong.effective_n,
    )  # fmt: skip
    return None if isnan(found.theta) else (found.theta, found.lang_reiczigel.low, found.lang_reiczigel.high)


def _as_corrected(
    name: str, against: str | None, result: ClusteredPowered, rates: tuple[float, float, float] | None
) -> Corrected:
    least = 0.0 if against is None else -1.0

    def cut(value: float) -> float:
        return min(max(value, least), 1.0)

    alone = result.classical
    return Corrected(
        name, against, result.judged, (alone.estimate, cut(alone.low), cut(alone.high)), result.estimate, cut(result.low),
        cut(result.high), result.lam, result.labelled, result.clusters, rates,
    )  # fmt: skip
