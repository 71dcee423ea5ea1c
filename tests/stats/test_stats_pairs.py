"""Paired right and wrong answers: against Newcombe's and Tango's papers, Fagerland et al. and statsmodels."""

from collections.abc import Callable
from math import sqrt

import pytest
from scipy.stats import binom, multinomial, norm
from statsmodels.stats.contingency_tables import mcnemar as reference

from harness.stats import Difference, Pairs, mcnemar, newcombe_paired, tango, tango_noninferiority

# Newcombe (1998), table III, method 10, 95%: e, f, g, h and limits for (f - g) / n.
NEWCOMBE = [
    (36, 12, 2, 0, 0.0569, 0.3404),
    (20, 12, 2, 16, 0.0562, 0.3292),
    (18, 12, 2, 18, 0.0562, 0.3290),
    (36, 14, 0, 0, 0.1528, 0.4167),
    (35, 14, 0, 1, 0.1461, 0.4175),
    (18, 14, 0, 18, 0.1441, 0.3963),
    (2, 97, 1, 0, 0.8721, 0.9854),
    (1, 97, 1, 1, 0.8736, 0.9850),
    (0, 29, 1, 0, 0.6666, 0.9882),
    (2, 98, 0, 0, 0.9178, 0.9945),
    (1, 98, 0, 1, 0.9171, 0.9916),
    (0, 30, 0, 0, 0.8395, 1.0),
    (54, 0, 0, 0, -0.0664, 0.0664),
    (53, 0, 0, 1, -0.0729, 0.0729),
    (30, 0, 0, 24, -0.0358, 0.0358),
    (29, 0, 0, 25, -0.0354, 0.0354),
    (28, 0, 0, 26, -0.0352, 0.0352),
    (27, 0, 0, 27, -0.0351, 0.0351),
]
AIRWAY = Pairs(1, 1, 7, 12)  # Bentur et al. (2009), in Fagerland, Lydersen & Laake (2014)
CAVO = Pairs(59, 6, 16, 80)  # Cavo et al. (2012), the same


@pytest.mark.parametrize(("e", "f", "g", "h", "low", "high"), NEWCOMBE)
def test_newcombe_table_three(e: int, f: int, g: int, h: int, low: float, high: float) -> None:
    got = newcombe_paired(Pairs(e, f, g, h))
    assert got.diff == pytest.approx((f - g) / (e + f + g + h))
    # One unit of the last digit: 1, 97, 1, 1 gives 0.87367, printed as 0.8736.
    assert (got.low, got.high) == pytest.approx((low, high), abs=1e-4)


def test_published_examples_of_both_intervals() -> None:
    got = newcombe_paired(CAVO)
    assert (got.diff, got.low, got.high) == pytest.approx((-0.0621, -0.1186, -0.0046), abs=5e-5)
    got = tango(CAVO)
    assert (got.diff, got.low, got.high) == pytest.approx((-0.0621, -0.1240, -0.0054), abs=5e-5)
    got = newcombe_paired(AIRWAY)
    assert (got.low, got.high) == pytest.approx((-0.507, -0.026), abs=5e-4)
    got = tango(AIRWAY)
    assert (got.low, got.high) == pytest.approx((-0.517, -0.026), abs=5e-4)
    # Chang et al., PMC10763857, table 3, three decimals.
    assert tango(Pairs(7, 25, 2, 68)).low == pytest.approx(0.139, abs=5e-4)
    assert newcombe_paired(Pairs(7, 25, 2, 68)).high == pytest.approx(0.318, abs=5e-4)


def test_tango_worked_example() -> None:
    # Tango (1998): soft contact lenses, 43 successes in both, 1 in the old alone, margin 0.1.
    got = tango_noninferiority(n=44, only_old=1, only_new=0, margin=0.1)
    assert got.z == pytest.approx(1.709, abs=5e-4)
    assert got.p == pytest.approx(0.044, abs=5e-4)
    # Without discordant pairs his statistic is sqrt(n margin / (1 - margin)).
    assert tango_noninferiority(44, 0, 0, 0.1).z == pytest.approx(sqrt(44 * 0.1 / 0.9))


def test_tango_limits_without_discordant_pairs() -> None:
    z2 = norm.ppf(0.975) ** 2
    got = tango(Pairs(20, 0, 0, 10))
    assert (got.low, got.high) == pytest.approx((-z2 / (30 + z2), z2 / (30 + z2)))
    assert tango(Pairs(0, 3, 0, 0)).high == 1.0
    assert tango(Pairs(0, 0, 3, 0)).low == -1.0


def test_tango_interval_and_tests_agree() -> None:
    critical = norm.ppf(0.975)
    for first in range(13):
        for second in range(13):
            got = tango(Pairs(20, first, second, 10))
            n = 30 + first + second
            if first + second:
                excludes = got.low > 0 or got.high < 0
                assert excludes == (abs(first - second) / sqrt(first + second) > critical)
                assert tango_noninferiority(n, second, first, 0.0).z == pytest.approx(
                    (first - second) / sqrt(first + second)
                )
            # The margin at the lower limit is just rejected at half the level.
            if got.low < 0:
                assert tango_noninferiority(n, second, first, -got.low).p == pytest.approx(0.025, abs=1e-6)


@pytest.mark.parametrize("interval", [newcombe_paired, tango])
def test_intervals_are_antisymmetric_and_cover(interval: Callable[[Pairs, float], Difference]) -> None:
    one, other = interval(Pairs(9, 6, 2, 7), 0.05), interval(Pairs(9, 2, 6, 7), 0.05)
    assert (one.diff, one.low, one.high) == pytest.approx((-other.diff, -other.high, -other.low))
    n, p = 18, (0.5, 0.25, 0.1, 0.15)
    coverage = 0.0
    for e in range(n + 1):
        for f in range(n + 1 - e):
            for g in range(n + 1 - e - f):
                counts = (e, f, g, n - e - f - g)
                chance = multinomial.pmf(counts, n, p)
                if chance > 1e-7:
                    got = interval(Pairs(*counts), 0.05)
                    coverage += chance * (got.low <= p[1] - p[2] <= got.high)
    assert 0.93 < coverage < 0.975


@pytest.mark.parametrize(("first", "second"), [(0, 1), (1, 7), (6, 16), (9, 9), (30, 12), (400, 330)])
def test_mcnemar_against_statsmodels_and_by_sums(first: int, second: int) -> None:
    got = mcnemar(Pairs(5, first, second, 3))
    assert got.exact == pytest.approx(reference([[5, first], [second, 3]], exact=True).pvalue)
    d = first + second
    chances = [binom.pmf(k, d, 0.5) for k in range(d + 1)]
    far, same = 0.0, 0.0
    for k, chance in enumerate(chances):
        if abs(2 * k - d) > abs(first - second):
            far += chance
        elif abs(2 * k - d) == abs(first - second):
            same += chance
    assert got.midp == pytest.approx(far + same / 2)
    assert got.exact_one_sided == pytest.approx(sum(chances[first:]))


def test_mcnemar_published_values() -> None:
    assert mcnemar(CAVO).exact == pytest.approx(0.052479, abs=5e-7)
    assert mcnemar(CAVO).midp == pytest.approx(0.034690, abs=5e-7)
    assert mcnemar(AIRWAY).exact == pytest.approx(0.0703, abs=5e-5)
    assert mcnemar(AIRWAY).midp == pytest.approx(0.0391, abs=5e-5)


def test_mcnemar_without_discordant_pairs_says_nothing() -> None:
    got = mcnemar(Pairs(10, 0, 0, 4))
    assert (got.exact, got.midp, got.exact_one_sided) == (1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ((0, 0, 0, 0), "no pairs"),
        ((1, -1, 0, 0), "only_first must be a whole number"),
        ((1, 0, 1.5, 0), "only_second must be a whole number"),
        ((float("nan"), 0, 1, 0), "both_right must be a whole number"),
    ],
)
def test_impossible_counts_are_refused(counts: tuple[int, int, int, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Pairs(*counts)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 0, 0, 0.1), "n must be a whole number of at least 1"),
        ((5, 3, 3, 0.1), "discordant pairs must lie between 0 and the 5 trials"),
        ((5, 1, 1, -0.1), "margin must lie in"),
        ((5, 1, 1, 1.0), "margin must lie in"),
        ((5, 1, 1, float("nan")), "margin must lie in"),
    ],
)
def test_impossible_noninferiority_is_refused(arguments: tuple[int, int, int, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        tango_noninferiority(*arguments)


def test_bad_alpha_is_refused() -> None:
    for interval in (newcombe_paired, tango):
        with pytest.raises(ValueError, match="alpha must lie strictly between"):
            interval(CAVO, 1.0)
