"""One candidate against another on some rows of a table: the same interval and p for compare, gate, ranking, simulation."""

from typing import Literal

import numpy as np

from harness.comparison.result import BINARY
from harness.comparison.table import Codes, Floats, Mask, ScoreTable
from harness.stats import ClusteredDifference, clustered_difference, clustered_tango

Cluster = Literal["intent", "fact"]


def difference(delta: Floats, intents: Codes, facts: Codes | None, alpha: float, binary: bool) -> ClusteredDifference:
    """Interval for ``delta`` [rows], mean over intents, independent between intents or, where given, between facts.

    A fact-clustered interval needs each intent in one fact; an intent whose rows name several goes by its first row's.
    """
    cluster = None if facts is None else _one_fact_an_intent(intents, facts)
    if binary and bool(np.isin(delta, (-1, 0, 1)).all()):
        return clustered_tango(delta, intents, cluster, alpha)
    return clustered_difference(delta, intents, cluster, alpha)


def paired(
    table: ScoreTable,
    first: str,
    second: str,
    metric: str,
    rows: Mask | None = None,
    cluster: Cluster = "intent",
    alpha: float = 0.05,
    undecided: tuple[float, float] = (0.0, 0.0),
) -> ClusteredDifference:
    """``metric`` of ``first`` less that of ``second`` over ``rows``; ``undecided`` stands in for each one's missing verdicts."""
    delta = table.values(first, metric, undecided[0]) - table.values(second, metric, undecided[1])
    intents, facts = table.intents, table.facts if cluster == "fact" else None
    if rows is not None:
        delta, intents, facts = delta[rows], intents[rows], None if facts is None else facts[rows]
    return difference(delta, intents, facts, alpha, metric in BINARY)


def _one_fact_an_intent(intents: Codes, facts: Codes) -> Codes:
    _, first, codes = np.unique(intents, return_index=True, return_inverse=True)
    return np.asarray(facts[first][codes])
