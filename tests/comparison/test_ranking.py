"""Ranks on tables of known truth."""

import numpy as np
from tables import answers, table

from harness.ranking import rank


def test_certain_places_and_ties() -> None:
    base = answers(480, 0.4)
    twin = base.copy()
    twin[::53] = 1 - twin[::53]
    best = np.maximum(base, answers(480, 0.5, seed=9))
    places = rank(table(base=base, twin=twin, best=best), {"base": "base", "twin": "twin", "best": "best"}, "correct")
    assert places[0].candidate == "best"
    assert (places[0].best_rank, places[0].worst_rank, places[0].ties) == (1, 1, ())
    for place in places[1:]:
        assert (place.best_rank, place.worst_rank) == (2, 3)
        assert set(place.ties) == {"base", "twin"} - {place.candidate}


def test_intervals_hold_together() -> None:
    """Bonferroni: wider than one candidate's own 95% interval."""
    alone = rank(table(a=answers(480, 0.4), b=answers(480, 0.4)), {"a": "a", "b": "b"}, "correct")[0].estimate
    many = {f"c{number}": answers(480, 0.4, seed=number) for number in range(8)}
    wide = rank(table(**many), {name: name for name in many}, "correct")[0].estimate
    assert wide.high - wide.low > alone.high - alone.low
