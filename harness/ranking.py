"""A leaderboard that says which places are certain: simultaneous intervals, and ties where no difference is established."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from harness.comparison.analysis import metric_estimate, verdicts
from harness.comparison.result import ALPHA, Estimate
from harness.comparison.table import ScoreTable


@dataclass(frozen=True, slots=True)
class Place:
    """One candidate's place: the range of ranks that 95% simultaneous tests leave open, best first.

    ``estimate`` is its mean over intents with an interval that holds for all candidates together (Bonferroni).
    ``ties`` names those from which no difference is established.
    """

    candidate: str
    label: str
    estimate: Estimate
    best_rank: int
    worst_rank: int
    ties: tuple[str, ...]


@dataclass(frozen=True)
class Ranking:
    """The leaderboard, best mean first."""

    suite: str
    split: str
    lock: str
    metric: str
    items: int
    places: Sequence[Place]


def rank(table: ScoreTable, labels: Mapping[str, str], metric: str) -> list[Place]:
    """Places by ``metric``, on the rows that leaked to none of the candidates.

    A rank's range counts the candidates established as better and as worse, Holm-adjusted over all pairs and confirmed by
    fact. Source of the ranges: Mogstad, Romano, Shaikh & Wilhelm (2024), Review of Economic Studies 91, 476-518.
    """
    names = list(labels)
    found = verdicts(table, list(combinations(names, 2)), metric)
    above: dict[str, set[str]] = {name: set() for name in names}
    below: dict[str, set[str]] = {name: set() for name in names}
    for verdict in found:
        if verdict.outcome in ("better", "worse"):
            winner, loser = verdict.candidate, verdict.against
            if verdict.outcome == "worse":
                winner, loser = loser, winner
            above[loser].add(winner)
            below[winner].add(loser)
    places = []
    for name in names:
        estimate = metric_estimate(table, name, metric, table.clean[name], ALPHA / len(names))
        assert estimate is not None
        ties = tuple(other for other in names if other != name and other not in above[name] | below[name])
        places.append(Place(name, labels[name], estimate, 1 + len(above[name]), len(names) - len(below[name]), ties))
    return sorted(places, key=lambda place: (-place.estimate.mean, place.candidate))
