"""Pairs judged in both orders: wins, ties, flips by hand; biases and strengths on planted judges."""

import numpy as np
import pytest

from harness.scoring.judge.pairwise import Choice, PairJudged, measure_biases, rank_pairs


def pair(number: int, forward: Choice, backward: Choice, one: str = "new", other: str = "base") -> PairJudged:
    return PairJudged(f"i{number}", f"n{number // 2}", one, other, forward, backward, 100 + number % 5, 100)


def drawn(
    rng: np.random.Generator, strengths: dict[str, float], first: float = 0.0, longer: float = 0.0, rows: int = 300
) -> list[PairJudged]:
    """Every pair of candidates on every item; log odds by strengths, place and doubled length."""
    names, found = list(strengths), []
    for place, one in enumerate(names):
        for other in names[place + 1 :]:
            ratio = rng.normal(0, 1, rows)
            gap = strengths[one] - strengths[other] + longer * ratio
            forward = rng.random(rows) < 1 / (1 + np.exp(-gap - first))
            backward = rng.random(rows) < 1 / (1 + np.exp(-gap + first))
            found += [
                PairJudged(
                    f"i{n}",
                    f"n{n // 2}",
                    one,
                    other,
                    "first" if forward[n] else "second",
                    "second" if backward[n] else "first",
                    round(1000 * 2 ** ratio[n]),
                    1000,
                )
                for n in range(rows)
            ]
    return found


def test_a_win_needs_both_orders() -> None:
    expected = {
        ("first", "second"): ("one", False), ("second", "first"): ("other", False), ("first", "first"): ("tie", True),
        ("second", "second"): ("tie", True), ("equal", "equal"): ("tie", False), ("first", "equal"): ("tie", False),
        ("undecided", "second"): ("tie", False),
    }  # fmt: skip
    for (forward, backward), (winner, flipped) in expected.items():
        each = pair(0, forward, backward)
        assert (each.winner, each.flipped) == (winner, flipped)


def test_counts_by_hand() -> None:
    judged = [pair(0, "first", "second"), pair(1, "first", "second"), pair(2, "second", "first"), pair(4, "first", "first"),
              pair(5, "equal", "first"), pair(6, "undecided", "second")]  # fmt: skip
    got = rank_pairs(judged).pairs[0]
    assert (got.items, got.intents, got.won, got.lost, got.tied, got.undecided) == (6, 4, 2, 1, 3, 1)
    assert got.flips.share == pytest.approx(1 / 4)  # of pairs in which both orders preferred one
    # Intents count once: won, lost, tied, tied.
    assert got.preference[0] == pytest.approx((1 + 0 + 0.5 + 0.5) / 4)


def test_planted_position_and_length_bias_are_recovered() -> None:
    rng = np.random.default_rng(4)
    found = [measure_biases(drawn(rng, {"new": 0.2, "base": 0.0}, first=0.7, longer=0.5)) for _ in range(100)]
    for planted, effects in (
        (np.exp(0.7), [each.first for each in found if each]),
        (np.exp(0.5), [each.twice_the_length for each in found if each]),
    ):
        assert np.exp(np.mean([np.log(each.odds) for each in effects])) == pytest.approx(planted, rel=0.05)
        assert np.mean([each.low <= planted <= each.high for each in effects]) > 0.89
    flips = rank_pairs(drawn(rng, {"new": 0.0, "base": 0.0}, first=3.0)).pairs[0].flips
    assert flips.low > 0.8  # a judge that mostly names the first


def test_a_better_answer_that_is_longer_is_no_length_bias_where_right_is_known() -> None:
    rng = np.random.default_rng(8)
    judged = []
    for n in range(600):
        right, other = float(rng.random() < 0.6), float(rng.random() < 0.6)
        ratio = (right - other) + rng.normal(0, 0.3)  # right answers are longer; the judge looks at rightness alone
        choices = [bool(rng.random() < 1 / (1 + np.exp(-2 * (right - other)))) for _ in range(2)]
        judged.append(
            PairJudged(f"i{n}", f"n{n // 2}", "new", "base", "first" if choices[0] else "second",
                       "second" if choices[1] else "first", round(1000 * 2**ratio), 1000, right, other)
        )  # fmt: skip
    known = measure_biases(judged)
    assert known is not None
    assert known.right is not None
    assert known.right.low > 3
    assert known.twice_the_length.low < 1 < known.twice_the_length.high
    unknown = measure_biases(
        [PairJudged(*(getattr(each, name) for name in list(PairJudged.__dataclass_fields__)[:8])) for each in judged]
    )
    assert unknown is not None
    assert unknown.right is None
    assert unknown.twice_the_length.low > 1.5


def test_strengths_order_three_candidates() -> None:
    got = rank_pairs(drawn(np.random.default_rng(5), {"a": 0.8, "b": 0.0, "c": -0.8}, first=0.5))
    assert [each.candidate for each in got.strengths] == ["a", "b", "c"]
    assert got.strengths[0].low > got.strengths[1].high
    assert sum(each.strength for each in got.strengths) == pytest.approx(0)
    assert len(got.pairs) == 3


def test_one_that_never_loses_has_no_strength() -> None:
    got = rank_pairs([pair(n, "first", "second") for n in range(20)])
    assert got.strengths == []
    assert "infinite" in str(got.why)
    assert got.pairs[0].won == 20


def test_biases_that_cannot_be_told_are_none() -> None:
    assert measure_biases([pair(n, "equal", "equal") for n in range(40)]) is None
    assert measure_biases([pair(n, "first", "first") for n in range(40)]) is None
