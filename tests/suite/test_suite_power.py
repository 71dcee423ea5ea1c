"""Power of a test split: planted clustering, closed forms, and the command with and without runs."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from harness.stats import minimum_detectable, required_pairs
from harness.suite.power import DISCORDANCES, assumed_power, design_effect, pair_power


def labels(codes: np.ndarray) -> list[str]:
    return [f"c{code}" for code in codes]


def drawn(rows: int, discordance: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Independent pairs: a share ``discordance`` has one right, by a fair coin the first or the second."""
    random = np.random.default_rng(seed)
    first = random.integers(0, 2, rows).astype(float)
    differ = random.random(rows) < discordance
    return first, np.where(differ, 1 - first, first)


def test_independent_rows_are_worth_themselves() -> None:
    first, second = drawn(4000, 0.3, 0)
    unique = labels(np.arange(4000))
    found = pair_power(first, second, unique, labels(np.arange(4000) // 20), ["d"] * 4000, 0.05)
    discordance = float((first != second).mean())
    assert (found.intent.icc, found.intent.design_effect, found.intent.effective_n) == (None, 1, 4000)
    assert found.fact.icc == pytest.approx(0, abs=0.01)
    assert found.overall.by_intent == minimum_detectable(4000, discordance)
    assert found.overall.needed == pytest.approx(required_pairs(0.05, discordance), rel=0.25)


@pytest.mark.parametrize("size", [2, 5])
def test_copies_of_a_row_are_worth_one_row(size: int) -> None:
    first, second = (np.repeat(side, size) for side in drawn(200, 0.25, 1))
    clusters = labels(np.repeat(np.arange(200), size))
    found = pair_power(first, second, clusters, clusters, ["d"] * len(clusters), 0.05)
    discordance = float((first != second).mean())
    assert found.intent.icc == pytest.approx(1)
    assert found.intent.effective_n == found.fact.effective_n == pytest.approx(200)
    assert found.overall.by_intent == pytest.approx(minimum_detectable(200, discordance))
    assert found.overall.needed == pytest.approx(size * required_pairs(0.05, discordance), abs=1)


def test_a_planted_correlation_is_found() -> None:
    """With chance 0.4 a row takes its cluster's own difference: correlation 0.16 within clusters of 10."""
    random = np.random.default_rng(2)
    own, shared = random.choice([-1, 0, 0, 1], (2000, 10)), random.choice([-1, 0, 0, 1], (2000, 1))
    delta = np.where(random.random((2000, 10)) < 0.4, shared, own).ravel()
    clusters = labels(np.repeat(np.arange(2000), 10))
    found = pair_power((delta > 0) * 1.0, (delta < 0) * 1.0, labels(np.arange(20000)), clusters, ["d"] * 20000, 0.05)
    assert found.fact.icc == pytest.approx(0.16, abs=0.01)
    assert found.fact.design_effect == pytest.approx(1 + 9 * 0.16, abs=0.1)
    assert found.overall.by_fact > found.overall.by_intent


def test_domains_have_their_own_discordance() -> None:
    first = np.array([1.0] * 50 + [1.0, 0.0] * 25)
    second = np.array([1.0] * 50 + [0.0, 1.0] * 20 + [1.0, 0.0] * 5)
    found = pair_power(first, second, labels(np.arange(100)), labels(np.arange(100)), ["a"] * 50 + ["b"] * 50, 0.5)
    same, other = found.domains
    assert (same.group, same.rows, same.discordance, same.by_intent, same.needed) == ("a", 50, 0.0, None, None)
    assert (other.group, other.discordance, other.needed) == ("b", 0.8, required_pairs(0.5, 0.8))
    assert found.overall.discordance == 0.4


def test_a_design_effect_weighs_unequal_clusters_and_is_never_below_one() -> None:
    assert design_effect(["a", "a", "a", "b"], 0.5) == pytest.approx(1 + (10 / 4 - 1) * 0.5)
    assert design_effect(["a", "a", "b", "b"], -0.3) == 1
    assert design_effect(["a", "a", "b", "b"], None) == 2


def test_runs_that_never_differ_tell_nothing() -> None:
    with pytest.raises(ValueError, match="never differ"):
        pair_power([1, 0], [1, 0], ["a", "b"], ["a", "b"], ["d", "d"], 0.1)


def test_assumed_power_falls_with_discordance_and_design_effect() -> None:
    found = assumed_power(960, [1.0, 2.0], 0.12)
    assert [row.discordance for row in found] == list(DISCORDANCES)
    assert found[0].needed == (None, None)
    for row in found[1:]:
        assert row.detectable == (minimum_detectable(960, row.discordance), minimum_detectable(480, row.discordance))
        assert row.needed[1] == 2 * row.needed[0]
    sizes = [row.detectable[0] for row in found]
    assert sizes == sorted(sizes)


def test_the_command_with_and_without_runs(project: Path, harness: Callable) -> None:
    without = harness(project, "suite", "power", "--json", "--detect", "0.2")
    assert without.returncode == 0, without.stderr
    assert [row["discordance"] for row in json.loads(without.stdout)["assumed"]] == list(DISCORDANCES)
    assert harness(project, "run", "gold", "half").returncode == 0
    found = json.loads(harness(project, "suite", "power", "--json", "--margin", "0.2").stdout)
    assert found["runs"] == ["half", "gold"]
    assert (found["overall"]["rows"], found["overall"]["discordance"]) == (8, 0.5)
    key = json.loads(harness(project, "runs", "list", "--json").stdout)[0]["run"]
    owner = json.loads(harness(project, "runs", "show", key, "--json").stdout)["candidate"]["name"]
    other = {"gold": "half", "half": "gold"}[owner]
    by_key = json.loads(harness(project, "suite", "power", key[:10], other, "--json", "--detect", "0.2").stdout)
    assert by_key["overall"] == found["overall"]
    for arguments, said in (
        (("gold",), "two candidates or runs"),
        (("gold", "gld"), "did you mean 'gold'"),
        (("gold", "gold"), "two different"),
    ):
        refused = harness(project, "suite", "power", *arguments)
        assert (refused.returncode, said in refused.stderr) == (2, True), refused.stderr
