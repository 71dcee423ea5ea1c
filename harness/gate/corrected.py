"""The gate's condition on people's labels: the deciding metric, corrected by what people said of a random sample. Pure.

Labels correct the instrument, so its bias towards one candidate cannot release it; where the instrument is not clearly better
than chance, labels decide alone. Model-made labels never come here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan

from harness.comparison.analysis import shared_rows
from harness.comparison.table import Codes, Floats, ScoreTable
from harness.gate.evaluate import Condition
from harness.gate.policy import Policy
from harness.scoring.judge.labelling import Labelling, LabellingPlan, decide_labelling, planned_times
from harness.stats import measure_instrument

TITLE = "not inferior, by people's labels"


@dataclass(frozen=True)
class PeoplesLabels:
    """Item ids in the random order in which they were drawn, and what people say of both candidates' answers.

    ``right`` by item and candidate: 1 where the customer gets a right answer, 0 where not, nan where readers are unsure; it
    holds an item only where both answers are labelled. Only whole blocks of ``block`` items are a random part of the draw.
    """

    order: tuple[str, ...]
    right: Mapping[tuple[str, str], float]
    block: int = 1


def labelling(
    table: ScoreTable,
    items: Sequence[str],
    candidate: str,
    baseline: str,
    primary: str,
    policy: Policy,
    labels: PeoplesLabels,
) -> Labelling:
    """Whether the labels decide yet. ``items`` are the ids of the table's rows; rows that leaked to either leave.

    An answer that readers are unsure of counts as wrong for the candidate and as right for the baseline.
    """
    assert policy.corrected is not None
    clean = shared_rows(table, (candidate, baseline))
    kept = [item for item, is_clean in zip(items, clean, strict=True) if is_clean]
    places = set(kept)
    order = [item for item in labels.order if item in places]
    sides = {name: table.values(name, primary)[clean] for name in (candidate, baseline)}
    truth = {
        item: _or(labels.right[item, candidate], 0.0) - _or(labels.right[item, baseline], 1.0)
        for item in order
        if (item, candidate) in labels.right
    }
    plan = LabellingPlan(
        policy.margin, policy.alpha_per_use, planned_times(len(order), policy.corrected.looks, labels.block)
    )
    lam = None if _informed(kept, table.intents[clean], sides, labels) else 0.0
    return decide_labelling(order, truth, kept, sides[candidate] - sides[baseline], table.intents[clean], plan, lam)


def corrected_condition(
    table: ScoreTable,
    items: Sequence[str],
    candidate: str,
    baseline: str,
    primary: str,
    policy: Policy,
    labels: PeoplesLabels | None,
) -> Condition:
    """Not worse by the margin once people's labels correct the metric; unknown while labels are missing."""
    assert policy.corrected is not None
    threshold = f"above {-100 * policy.margin:+.1f} points"
    if labels is None:
        least = policy.corrected.least_items
        return Condition(
            TITLE, "unknown", "no labels", threshold,
            f"no random sample of {least} items or more was drawn from both candidates' answers",
            f"harness review start {candidate} {baseline} --split test --items {least}",
        )  # fmt: skip
    found = labelling(table, items, candidate, baseline, primary, policy, labels)
    if found.found is None:
        return Condition(
            TITLE, "unknown", f"{found.complete} items labelled", threshold, found.sentence, "labels by people"
        )
    one = found.found
    figure = f"{100 * one.estimate:+.1f} points ({100 * one.low:+.1f} to {100 * one.high:+.1f}) on {found.items} items"
    if found.outcome == "open":
        settle = (
            "labels by people"
            if found.more_items is None
            else f"about {found.more_items} more items labelled by people"
        )
        return Condition(TITLE, "unknown", figure, threshold, found.sentence, settle)
    return Condition(TITLE, "pass" if found.outcome == "not inferior" else "fail", figure, threshold, found.sentence)


def _or(value: float, unsure: float) -> float:
    return unsure if isnan(value) else value


def _informed(items: Sequence[str], intents: Codes, sides: Mapping[str, Floats], labels: PeoplesLabels) -> bool:
    """Whether the metric, a half or more taken as a pass, is clearly better than chance on the labelled answers."""
    rows = [
        (right, float(values[place] >= 0.5), int(intents[place]))
        for name, values in sides.items()
        for place, item in enumerate(items)
        if not isnan(right := labels.right.get((item, name), float("nan")))
    ]
    if not rows:
        return False
    truth, passed, cluster = zip(*rows, strict=True)
    return measure_instrument(truth, passed, cluster).informedness.clear
