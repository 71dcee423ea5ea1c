"""Agreement: kappa against statsmodels, alpha against Krippendorff's own example."""

from math import isnan, nan
from typing import Any

import numpy as np
import pytest
from statsmodels.stats.inter_rater import cohens_kappa

from harness.stats import Level, cohen_kappa, krippendorff_alpha

# Krippendorff (2011): 4 observers, 12 units.
OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, nan, nan, nan],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, nan, 3],
    [nan, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, nan],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, nan],
]


@pytest.mark.parametrize(
    "table", [[[40, 9], [6, 45]], [[88, 14, 18], [10, 40, 10], [2, 6, 12]], [[5, 0], [0, 7]], [[0, 5], [7, 0]]]
)
def test_kappa_matches_statsmodels(table: list[list[int]]) -> None:
    got, theirs = cohen_kappa(table), cohens_kappa(table)
    assert got.kappa == pytest.approx(float(theirs.kappa))
    assert got.se == pytest.approx(float(theirs.std_kappa), abs=1e-12)


def test_kappa_error_is_that_of_repeated_samples() -> None:
    rng = np.random.default_rng(0)
    shares = np.array([[0.5, 0.1], [0.08, 0.32]])
    draws = rng.multinomial(300, shares.ravel(), 3000).reshape(-1, 2, 2)
    spread = np.std([cohen_kappa(draw).kappa for draw in draws])
    assert cohen_kappa(shares * 300).se == pytest.approx(spread, rel=0.05)


def test_kappa_is_undefined_where_all_is_one_category() -> None:
    got = cohen_kappa([[12, 0], [0, 0]])
    assert isnan(got.kappa)
    assert isnan(got.se)


@pytest.mark.parametrize(
    ("level", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_krippendorffs_example(level: Level, published: float) -> None:
    assert krippendorff_alpha(OBSERVERS, level) == pytest.approx(published, abs=5e-4)


def test_alpha_against_the_krippendorff_package() -> None:
    # krippendorff 0.9.0, alpha() on the same data.
    expected: dict[Level, float] = {
        "nominal": 0.743421052631579,
        "ordinal": 0.8153875037548814,
        "interval": 0.8491071428571428,
        "ratio": 0.7974027747116121,
    }
    for level, theirs in expected.items():
        assert krippendorff_alpha(OBSERVERS, level) == pytest.approx(theirs, abs=1e-12)


def test_alpha_of_binary_ratings_is_the_same_at_every_level() -> None:
    rng = np.random.default_rng(5)
    ratings = rng.integers(0, 2, (3, 30)).astype(float)
    nominal = krippendorff_alpha(ratings)
    levels: list[Level] = ["ordinal", "interval", "ratio"]
    for level in levels:
        assert krippendorff_alpha(ratings, level) == pytest.approx(nominal)


def test_alpha_ends() -> None:
    assert krippendorff_alpha([[1, 2, 3, 1], [1, 2, 3, 1]]) == 1.0
    assert isnan(krippendorff_alpha([[2.0, 2.0, nan], [2.0, 2.0, 2.0]]))
    # A unit with one rating says nothing about agreement.
    assert krippendorff_alpha([[1.0, 2.0, 1.0, nan], [1.0, 2.0, 2.0, 9.0]]) == krippendorff_alpha(
        [[1, 2, 1], [1, 2, 2]]
    )


def test_bad_input_is_refused() -> None:
    tables: list[tuple[Any, str]] = [
        ([[1, 2, 3], [4, 5, 6]], "must be square"),
        ([[0, 0], [0, 0]], "not all 0"),
        ([[1, -1], [0, 1]], "at least 0"),
        ([[1, nan], [0, 1]], "not finite"),
        ([1, 2], "two-dimensional"),
        ([], "two-dimensional"),
    ]
    for table, message in tables:
        with pytest.raises(ValueError, match=message):
            cohen_kappa(table)
    cases: list[tuple[Any, Any, str]] = [
        ([1, 2, 3], "nominal", "two-dimensional"),
        ([[1, float("inf")], [1, 2]], "nominal", "finite numbers or nan"),
        ([[1, nan], [nan, 2]], "nominal", "at least one unit with two ratings"),
        ([[1, 2]], "nominal", "at least one unit with two ratings"),
        ([[1, 2], [1, 2]], "metric", "level must be one of"),
        ([[-1, 2], [1, 2]], "ratio", "must not be negative"),
    ]
    for ratings, level, message in cases:
        with pytest.raises(ValueError, match=message):
            krippendorff_alpha(ratings, level)
