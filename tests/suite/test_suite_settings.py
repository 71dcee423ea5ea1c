"""suite.toml, the canary in test rows and nowhere else, traffic weights."""

import json
from pathlib import Path

import pytest

from harness.errors import InputError
from harness.suite.canary import holds_canary, make_canary
from harness.suite.item import Split
from harness.suite.settings import load_settings, traffic_weights
from harness.suite.suite import Suite, load_suite

ROOT = Path(__file__).parents[2]
SUITES = [load_suite(path.parent.name) for path in sorted((ROOT / "tasks").glob("*/suite.toml"))]
SUITE = load_suite("facencial")
GOOD = f'''title = "T"
service = "S"
version = 1
canary = "{make_canary()}"
[knowledge_heading]
id = "A:"
en = "B:"
'''


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
def test_every_test_row_carries_the_canary_and_no_other_row(suite: Suite) -> None:
    for path in (suite.root / "data").glob("*/*.jsonl"):
        for line in path.read_text("utf-8").splitlines():
            assert holds_canary(line, suite) == (path.parent.name == "test"), path


def test_suites_have_canaries_of_their_own() -> None:
    assert len({suite.settings.canary for suite in SUITES}) == len(SUITES)


def test_a_canary_is_found_however_a_corpus_was_cleaned() -> None:
    canary = SUITE.settings.canary
    guid = canary.split()[-1]
    for text in (canary, canary.upper(), canary.replace(" ", "\n  "), f"x{guid.upper()}y", SUITES[-1].settings.canary):
        assert holds_canary(text, SUITE), text
    for text in ("", "canary GUID", guid[:-1], "harness benchmark data", make_canary().split()[-1]):
        assert not holds_canary(text, SUITE), text


@pytest.fixture
def small(tmp_path: Path) -> Suite:
    root = tmp_path / "facencial"
    for name in ("knowledge/facts.toml", "suite.toml", "data/test/pricing.jsonl", "data/dev/pricing.jsonl"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes((SUITE.root / name).read_bytes())
    return Suite("facencial", root)


@pytest.mark.parametrize(
    ("split", "canary", "said"),
    [
        (Split.TEST, None, "test/pricing.jsonl:3: no canary; give it the one in"),
        (Split.TEST, make_canary(), "test/pricing.jsonl:3: another canary than the one in"),
        (Split.DEV, SUITE.settings.canary, "dev/pricing.jsonl:3: a canary in a row of dev"),
    ],
)
def test_a_row_with_the_wrong_canary_is_named(small: Suite, split: Split, canary: str | None, said: str) -> None:
    path = small.root / "data" / split / "pricing.jsonl"
    lines = path.read_text("utf-8").splitlines()
    lines[2] = json.dumps({**json.loads(lines[2]), "canary": canary})
    path.write_text("\n".join(lines), "utf-8")
    with pytest.raises(InputError, match=said):
        small.items(split)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('title = "T"\n', "", "suite.toml: title: Field required"),
        ("version = 1", 'version = "1"', "suite.toml: version: Input should be a valid integer"),
        ("title", "titel", "suite.toml: unknown key titel; did you mean 'title'"),
        ("canary GUID", "canary", "suite.toml: canary: wanted is"),
        ('en = "B:"\n', "", "suite.toml: knowledge_heading: Dictionary should have at least 2"),
        ('en = "B:"', 'fr = "B:"', r"suite.toml: knowledge_heading.fr"),
        ("version = 1", "version = ", "suite.toml: not readable as TOML: .*line 3"),
        ('en = "B:"', 'en = "B:"\n[traffic]\na = "much"', "suite.toml: traffic.a: Input should be a valid number"),
    ],
)
def test_a_bad_setting_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = tmp_path / "suite.toml"
    path.write_text(GOOD.replace(old, new), "utf-8")
    with pytest.raises(InputError, match=said):
        load_settings(path)
    path.write_text(GOOD, "utf-8")
    assert load_settings(path).knowledge_heading == {"id": "A:", "en": "B:"}


def test_traffic_weighs_every_domain_and_sums_to_one() -> None:
    assert SUITE.traffic().keys() == set(SUITE.domains())
    assert sum(SUITE.traffic().values()) == pytest.approx(1)
    assert SUITE.traffic()["pricing"] == pytest.approx(0.14)
    equal = load_suite("facencial_twin").traffic()
    assert set(equal.values()) == {1 / len(equal)}
    given = dict.fromkeys(SUITE.domains(), 2.0) | {"pricing": 0}
    assert SUITE.traffic(given) == pytest.approx(dict.fromkeys(SUITE.domains(), 1 / 15) | {"pricing": 0})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"a": 1, "bb": 1, "b": 1}, "here: traffic.bb: no such domain; did you mean 'b'"),
        ({"a": 1}, "here: traffic has no weight for domain b"),
        ({"a": -1, "b": 1}, "here: traffic.a: a weight of at least 0"),
        ({"a": float("nan"), "b": 1}, "here: traffic.a: a weight of at least 0"),
        ({"a": 0, "b": 0}, "here: every weight"),
    ],
)
def test_bad_traffic_is_named(given: dict[str, float], said: str) -> None:
    with pytest.raises(InputError, match=said):
        traffic_weights(given, ["a", "b"], "here")
