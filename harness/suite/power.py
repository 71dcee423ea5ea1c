"""What a locked test split can show: smallest differences it detects, and rows it would need for others.

Rows of one intent, or on one fact, are not independent; ``n`` rows are worth n / design effect of them. The discordance (how
often exactly one of two candidates is right) and the correlation within clusters are measured on the paired differences of two
runs. Only how often the two differ is used, never which of them is better, so this is no look at a result.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, isnan

import numpy as np
import numpy.typing as npt

from harness.stats import intraclass_correlation, minimum_detectable, required_pairs

POWER = 0.8
ALPHA = 0.05
DISCORDANCES = (0.10, 0.15, 0.20, 0.25, 0.30, 0.35, 0.40)
Labels = npt.NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Clustering:
    """Rows taken as clusters of one kind: ``icc`` in [-1, 1], ``None`` where not defined, and what the rows are then worth."""

    by: str
    clusters: int
    icc: float | None
    design_effect: float
    effective_n: float


@dataclass(frozen=True, slots=True)
class Detectable:
    """What ``rows`` rows show. Differences are shares; ``None`` where no difference of any size would be found.

    ``needed`` is the number of rows that find the wished difference, ``None`` where it exceeds the discordance.
    """

    group: str
    rows: int
    discordance: float
    by_intent: float | None
    by_fact: float | None
    needed: int | None


@dataclass(frozen=True, slots=True)
class PairPower:
    """The power of a comparison like that of two given runs."""

    wished: float
    intent: Clustering
    fact: Clustering
    overall: Detectable
    domains: tuple[Detectable, ...]


@dataclass(frozen=True, slots=True)
class Assumed:
    """Detectable differences and needed rows at an assumed discordance, by assumed clustering."""

    discordance: float
    detectable: tuple[float | None, ...]
    needed: tuple[int | None, ...]


def design_effect(cluster: Sequence[str] | Labels, icc: float | None) -> float:
    """How many rows do the work of one independent row: 1 + (m - 1) ICC with m the size of a random row's cluster.

    At least 1: a negative ICC is mostly noise, and counting on it would promise too much. An undefined one counts as 1.
    Source: Kish (1965), Survey Sampling, section 5.4; Donner & Klar (2000) for unequal clusters.
    """
    _, sizes = np.unique(np.asarray(cluster), return_counts=True)
    typical = float((sizes**2).sum() / sizes.sum())
    return 1 + (typical - 1) * max(1.0 if icc is None else icc, 0.0)


def pair_power(
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    intents: Sequence[str],
    facts: Sequence[str],
    domains: Sequence[str],
    wished: float,
) -> PairPower:
    """Power from two runs' scores [rows] in [0, 1] on the same items; ``wished`` is a share above 0.

    A domain is judged by its own discordance and cluster sizes and by the correlation of the whole split: thirty intents are
    too few to estimate one. Raises ValueError where the runs never differ or the arrays do not fit together.
    """
    delta = np.asarray(first, dtype=np.float64) - np.asarray(second, dtype=np.float64)
    if not (delta.shape == (len(intents),) == (len(facts),) == (len(domains),)):
        raise ValueError(
            f"scores, intents, facts and domains must be of one length, got {delta.shape} and {len(intents)}"
        )
    if not delta.any():
        raise ValueError("the two runs never differ; their discordance of 0 tells nothing of other pairs")
    intent, fact = _clustering("intent", delta, intents), _clustering("fact", delta, facts)

    def detectable(group: str, rows: npt.NDArray[np.bool_]) -> Detectable:
        n, discordance = int(rows.sum()), float((delta[rows] != 0).mean())
        effects = [
            design_effect(np.asarray(labels)[rows], clustering.icc)
            for labels, clustering in ((intents, intent), (facts, fact))
        ]
        by_intent, by_fact = (smallest(n, discordance, effect) for effect in effects)
        return Detectable(group, n, discordance, by_intent, by_fact, needed(wished, discordance, max(effects)))

    labels = np.asarray(domains)
    return PairPower(
        wished, intent, fact,
        detectable("all", np.ones(delta.size, dtype=bool)),
        tuple(detectable(str(domain), labels == domain) for domain in np.unique(labels)),
    )  # fmt: skip


def _clustering(by: str, delta: npt.NDArray[np.float64], labels: Sequence[str]) -> Clustering:
    found = intraclass_correlation(delta, labels)
    icc = None if isnan(found) else found
    effect = design_effect(labels, icc)
    return Clustering(by, len(set(labels)), icc, effect, delta.size / effect)


def assumed_power(rows: int, effects: Sequence[float], wished: float) -> list[Assumed]:
    """The same without runs, at discordances of 10 to 40%, under each of the design effects."""
    return [
        Assumed(
            discordance,
            tuple(smallest(rows, discordance, effect) for effect in effects),
            tuple(needed(wished, discordance, effect) for effect in effects),
        )
        for discordance in DISCORDANCES
    ]


def smallest(rows: float, discordance: float, effect: float) -> float | None:
    """The smallest difference found with 80% power at a level of 5%."""
    if discordance == 0:
        return None
    found = minimum_detectable(rows, discordance, POWER, ALPHA, effect)
    return None if isnan(found) else found


def needed(wished: float, discordance: float, effect: float) -> int | None:
    """Rows that find the difference ``wished`` with 80% power at a level of 5%."""
    return ceil(required_pairs(wished, discordance, POWER, ALPHA) * effect) if wished <= discordance else None
