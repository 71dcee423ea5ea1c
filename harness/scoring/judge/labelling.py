"""When enough is labelled: looks at the labels at planned times, and a verdict as soon as it is decided. Pure.

A stopping rule that tests after every label finds a difference sooner or later where there is none. Here the labels are looked
at a few planned times, in the order in which the items were drawn, and what the looks spend together is one look's error rate
(Lan and DeMets). Both sides are tested, each at the full level: shown not inferior, or shown to be worse.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from math import ceil
from typing import Literal

import numpy as np
import numpy.typing as npt

from harness.stats import ClusteredPowered, clusters_needed, lan_demets, ppi_clustered

LabellingOutcome = Literal["not inferior", "worse", "open"]
LEAST_GAP = 0.002


@dataclass(frozen=True, slots=True)
class LabellingPlan:
    """What the labels must show: not worse by ``margin`` (a share), one-sided ``alpha`` over all looks, and at which item counts.

    ``times`` rise to the number of items drawn; they are fixed by the draw, never by what the labels say.
    """

    margin: float
    alpha: float
    times: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Labelling:
    """Where labelling stands. ``items`` of ``planned`` were looked at; ``more_items`` is about how many more would decide it.

    ``more_items`` is ``None`` where it is decided, or where even labels on every item would hardly do. ``found`` is ``None``
    before the first look, whose number of items is ``next_look``.
    """

    outcome: LabellingOutcome
    items: int
    planned: int
    complete: int
    next_look: int | None
    more_items: int | None
    bound: float | None
    found: ClusteredPowered | None
    sentence: str


def planned_times(drawn: int, looks: int, block: int = 1) -> tuple[int, ...]:
    """Item counts of ``looks`` evenly spaced looks at ``drawn`` items, each a whole number of blocks but the last."""
    steps = {ceil(drawn * look / looks / block) * block for look in range(1, looks)}
    return (*sorted(step for step in steps if 0 < step < drawn), drawn)


def decide_labelling(
    order: Sequence[str],
    truth: Mapping[str, float],
    items: Sequence[str],
    judged: npt.ArrayLike,
    intents: npt.ArrayLike,
    plan: LabellingPlan,
    lam: float | None = None,
) -> Labelling:
    """Look at the labels of a paired difference as ``plan`` says, stopping at the first look that decides.

    ``order`` are the drawn item ids in drawing order, a random order; ``truth`` the labelled difference of an item (candidate
    less baseline) where both answers have a label; ``items`` [rows] all items of the split, with their judged difference
    ``judged`` [rows] and ``intents`` [rows]. A look needs the label of every item drawn before it, so that what is looked at
    does not hang on which answers were quick to read. ``lam`` 0 leaves the judge out. The level is spent by the share of items
    labelled; information rises at least as fast, since the judged part is known from the start, so it is kept.
    """
    places = {item: place for place, item in enumerate(items)}
    complete = _complete(order, truth.keys())
    bounds = lan_demets([time / plan.times[-1] for time in plan.times], plan.alpha, sides=1)
    reached = [(time, float(bound)) for time, bound in zip(plan.times, bounds, strict=True) if time <= complete]
    following = next((time for time in plan.times if time > complete), None)
    outcome: LabellingOutcome = "open"
    look, bound, found = 0, None, None
    for time, at in reached:
        y = np.full(len(items), np.nan)
        for item in order[:time]:
            y[places[item]] = truth[item]
        try:
            found = ppi_clustered(y, judged, intents, lam=lam)
        except ValueError:  # fewer than two intents
            continue
        look, bound = time, at
        outcome = _outcome(found, plan.margin, at)
        if outcome != "open":
            following = None
            break
    more = _more(found, plan, look) if outcome == "open" and found else None
    sentence = _sentence(outcome, look, complete, plan, following, more, found)
    return Labelling(outcome, look, plan.times[-1], complete, following, more, bound, found, sentence)


def _complete(order: Sequence[str], labelled: AbstractSet[str]) -> int:
    return next((place for place, item in enumerate(order) if item not in labelled), len(order))


def _outcome(found: ClusteredPowered, margin: float, bound: float) -> LabellingOutcome:
    from scipy.special import ndtr, stdtr

    spend = float(ndtr(-bound))
    if float(stdtr(found.freedom, -(found.estimate + margin) / found.se)) < spend:
        return "not inferior"
    return "worse" if float(stdtr(found.freedom, found.estimate / found.se)) < spend else "open"


def _more(found: ClusteredPowered, plan: LabellingPlan, look: int) -> int | None:
    """About how many more items would decide it with 80% power, were the true difference the one found."""
    distances = [gap for gap in (plan.margin + found.estimate, -found.estimate) if gap > LEAST_GAP]
    needed = [clusters for gap in distances if (clusters := clusters_needed(found, gap, plan.alpha)) is not None]
    if not needed:
        return None
    return max(1, ceil(min(needed) * look / found.clusters) - look)


def _sentence(
    outcome: LabellingOutcome,
    look: int,
    complete: int,
    plan: LabellingPlan,
    following: int | None,
    more: int | None,
    found: ClusteredPowered | None,
) -> str:
    planned = plan.times[-1]
    if found is None:
        return (
            f"{complete} of {planned} drawn items are labelled in both arms, in order; the first look is at "
            f"{plan.times[0]}: {plan.times[0] - complete} more items"
        )
    figure = f"{100 * found.estimate:+.1f} points, standard error {100 * found.se:.1f}, on {look} items"
    if outcome != "open":
        rest = f"; the {planned - look} items drawn beyond need no labels" if look < planned else ""
        words = f"not worse by {100 * plan.margin:g} points or more" if outcome == "not inferior" else "worse"
        return f"decided: {words} ({figure}){rest}"
    if more is None:
        advice = "labels on every item of the split would hardly decide it: add items to the suite"
    else:
        advice = f"about {more} more items labelled would decide it 4 times in 5"
        if look + more > planned:
            advice += f", beyond the {planned} drawn: plan a larger sample for the next candidate"
    upcoming = f"; the next look is at {following} items" if following else "; no look is left"
    return f"open ({figure}): {advice}{upcoming}"
