"""Each planted defect is found at its line, and nothing is found in the suites that ship."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.errors import ExitCode, InputError
from harness.suite.lint import Finding, lint
from harness.suite.suite import Suite, load_suite

ROOT = Path(__file__).parents[2]
SHIPPED = load_suite("facencial")
Change = Callable[[list[dict[str, Any]]], object]


@pytest.mark.parametrize("name", sorted(path.parent.name for path in (ROOT / "tasks").glob("*/suite.toml")))
def test_suites_that_ship_have_no_errors(name: str) -> None:
    assert [finding for finding in lint(load_suite(name)) if finding.level == "error"] == []


@pytest.fixture
def small(tmp_path: Path) -> Suite:
    """Ten rows each of pricing in dev and test."""
    root = tmp_path / "tasks" / "facencial"
    shutil.copytree(SHIPPED.root / "knowledge", root / "knowledge")
    text = (SHIPPED.root / "suite.toml").read_text("utf-8").partition("[traffic]")[0]
    (root / "suite.toml").write_text(text, "utf-8")
    for split in ("dev", "test"):
        lines = (SHIPPED.root / f"data/{split}/pricing.jsonl").read_text("utf-8").splitlines(keepends=True)
        (root / "data" / split).mkdir(parents=True)
        (root / "data" / split / "pricing.jsonl").write_text("".join(lines[:10]), "utf-8")
    return Suite("facencial", root)


def changed(suite: Suite, split: str, change: Change) -> list[Finding]:
    path = suite.root / f"data/{split}/pricing.jsonl"
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    change(rows)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return lint(Suite("facencial", suite.root))


def gold(row: dict[str, Any], answer: str) -> None:
    row["generated_solution"] = f"<think>One two three.</think>\n<output>{answer}</output>"
    row["expected_answer"] = answer


def test_nothing_is_found_in_sound_rows(small: Suite) -> None:
    assert lint(small) == []


LITE = "Halo Kak, Realistic Lite mulai Rp10.000 untuk 16 kredit dan tidak ada yang lain."


@pytest.mark.parametrize(
    ("change", "line", "rule", "said"),
    [
        (lambda rows: rows[2].update(facts_required=["packge.d"]), 3, "row", "unknown fact 'packge.d'; did you mean 'package.d'"),
        (lambda rows: rows[2].update(canary=None), 3, "row", "no canary"),
        (lambda rows: rows[2].update(domain="credits"), 3, "row", "domain 'credits' in the file"),
        (lambda rows: rows[0].update(generated_solution=rows[0]["generated_solution"].replace("</output>", "")), 1, "tags", "is not <think>"),
        (lambda rows: rows[0].update(expected_answer=LITE), 1, "answer", "is not the text inside <output>"),
        (lambda rows: gold(rows[0], "Halo Kak, tidak ada yang bisa kami bantu untuk itu."), 1, "gold", "missing package.lite"),
        (lambda rows: gold(rows[0], LITE + " Gratis " + "dan juga foto " * 40 + "."), 1, "length", "answer of 136 words"),
        (lambda rows: rows[0].update(problem=" ".join(["berapa"] * 151)), 1, "length", "problem of 151 words"),
        (lambda rows: gold(rows[0], LITE + " Diskonnya Rp9.876."), 1, "amount", "'rp9.876' in the gold follows from no fact"),
        (lambda rows: gold(rows[0], LITE + " Biaya training Ultra Rp16.000."), 1, "amount", "is of fact ultra.fee"),
        (lambda rows: gold(rows[0], "Hello, Realistic Lite starts at Rp10,000 for 16 credits and that is the price."), 1, "language", "does not read as Indonesian"),
        (lambda rows: rows[1].update(problem=rows[3]["problem"]), 4, "wording", "the same as pricing-01-en"),
        (lambda rows: rows[1].update(problem=rows[3]["problem"].upper() + "!"), 4, "wording", "the same but for signs as pricing-01-en"),
        (lambda rows: rows[1].update(problem="Hi, " + rows[3]["problem"]), 4, "wording", "nearly the same"),
        (lambda rows: rows.pop(1), 1, "intent", "no row in language 'en'"),
        (lambda rows: rows[1].update(facts_required=["package.lite", "credit.unit"]), 2, "intent", "differ from pricing-01-id: credit.unit"),
        (lambda rows: rows[1].update(answerable="not_known"), 2, "intent", "answerable differs from pricing-01-id"),
        (lambda rows: rows[4].update(id="PRICING-01-ID"), 5, "split", "id 'PRICING-01-ID' stands twice, first at"),
    ],
)  # fmt: skip
def test_a_planted_error_is_found_at_its_line(small: Suite, change: Change, line: int, rule: str, said: str) -> None:
    findings = changed(small, "test", change)
    found = [(finding.path.parent.name, finding.line, finding.message) for finding in findings if finding.rule == rule]
    assert any(place == "test" and at == line and said in message for place, at, message in found), findings
    assert all(finding.level == "error" for finding in findings if finding.rule == rule)


def test_an_intent_in_two_splits_is_an_error(small: Suite) -> None:
    intent = json.loads((small.root / "data/dev/pricing.jsonl").read_text("utf-8").splitlines()[0])["intent"]
    findings = changed(small, "test", lambda rows: rows[4].update(intent=intent))
    (finding,) = [finding for finding in findings if finding.rule == "split"]
    assert (finding.level, finding.path.parent.name, finding.line) == ("error", "test", 5)
    assert finding.message.startswith(f"intent '{intent}' stands in dev and test, first at")


def test_a_test_question_in_another_split_is_an_error(small: Suite) -> None:
    asked = json.loads((small.root / "data/test/pricing.jsonl").read_text("utf-8").splitlines()[0])["problem"]
    (finding,) = changed(small, "dev", lambda rows: rows[6].update(problem=asked))
    assert (finding.level, finding.rule, finding.path.parent.name, finding.line) == ("error", "wording", "test", 1)


def test_computed_values_are_supported(small: Suite) -> None:
    def ask(rows: list[dict[str, Any]]) -> None:
        rows[0]["problem"] = "Kalau beli 3 paket Lite jadi berapa ya?"
        gold(rows[0], "Halo Kak, Realistic Lite Rp10.000 untuk 16 kredit, jadi 3 paket Rp30.000 untuk 48 kredit.")

    assert [finding for finding in changed(small, "test", ask) if finding.rule == "amount"] == []


def test_weights_for_a_domain_that_is_not_there_are_refused(small: Suite) -> None:
    with (small.root / "suite.toml").open("a", encoding="utf-8") as file:
        file.write("[traffic]\npricng = 1\n")
    with pytest.raises(InputError, match=r"suite.toml: traffic.pricng: no such domain; did you mean 'pricing'"):
        lint(small)


def test_a_crowding_register_is_a_warning(small: Suite) -> None:
    findings = changed(small, "test", lambda rows: [row.update(register="slang") for row in rows[:6]])
    assert [(finding.level, finding.rule) for finding in findings] == [("warning", "register")]


def test_the_command_exits_1_on_errors_only(small: Suite, harness: Callable) -> None:
    project = small.root.parents[1]
    (project / "harness.toml").write_text(
        'tasks = "tasks"\nbaseline = "a"\n[candidates.a]\nengine = "recorded"\nanswers = "a.jsonl"\n', "utf-8"
    )
    changed(small, "test", lambda rows: [row.update(register="slang") for row in rows[:6]])
    done = harness(project, "suite", "lint")
    assert done.returncode == ExitCode.OK
    assert "tasks/facencial/data/test/pricing.jsonl:1: warning register: pricing-01-id: " in done.stdout
    changed(small, "test", lambda rows: rows[0].update(expected_answer="Lain."))
    done = harness(project, "suite", "lint", "--json")
    assert done.returncode == ExitCode.BLOCKED == 1
    found = json.loads(done.stdout)
    assert (found["errors"] > 0, found["warnings"]) == (True, 1)
    assert found["findings"][0]["path"] == "data/test/pricing.jsonl"
