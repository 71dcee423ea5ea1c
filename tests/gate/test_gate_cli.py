"""`harness gate` as a release pipeline calls it: exit codes, files, and that doubt never passes."""

import json
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from conftest import Harness
from pydantic import TypeAdapter

from harness.gate.decide import GateVerdict

ROOT = Path(__file__).parents[2]
POLICY = "[gate]\nmargin = 0.1\nfloors = { format = 0.2 }\nceilings = {}\n"


@pytest.fixture
def gated(project: Path, harness: Harness) -> Path:
    """The small project with a policy and stored runs; its test split holds eight rows."""
    with (project / "harness.toml").open("a", encoding="utf-8") as file:
        file.write(POLICY)
    assert harness(project, "run", "gold", "half").returncode == 0
    return project


def test_eight_rows_never_release_but_a_far_worse_candidate_is_blocked(gated: Path, harness: Harness) -> None:
    found = harness(gated, "gate", "gold", "--baseline", "half", "--json")
    assert (found.returncode, json.loads(found.stdout)["decision"]) == (3, "INCONCLUSIVE")
    worse = harness(gated, "gate", "half", "--baseline", "gold", "--json")
    assert worse.returncode in (1, 3)
    assert json.loads(worse.stdout)["decision"] != "RELEASE"


def test_files_for_pipelines(gated: Path, harness: Harness) -> None:
    out = {kind: gated / name for kind, name in (("junit", "g.xml"), ("markdown", "g.md"), ("json-file", "g.json"))}
    harness(
        gated,
        "gate",
        "gold",
        "--baseline",
        "half",
        *(part for k, path in out.items() for part in (f"--{k}", str(path))),
    )
    suite = ElementTree.parse(out["junit"]).getroot()
    verdict = TypeAdapter(GateVerdict).validate_json(out["json-file"].read_bytes())
    assert len(suite) == len(verdict.conditions) == int(suite.get("tests", "0"))
    unknown = [condition.name for condition in verdict.conditions if condition.result == "unknown"]
    assert [case.get("name") for case in suite if case.find("skipped") is not None] == unknown
    assert out["markdown"].read_text(encoding="utf-8").startswith(f"## {verdict.decision}: gold against half")


def test_the_published_schema_is_the_verdicts() -> None:
    schema = json.loads((ROOT / "docs/schemas/gate.json").read_text(encoding="utf-8"))
    assert schema == TypeAdapter(GateVerdict).json_schema()


def test_the_look_is_recorded_once_and_the_budget_shows_it(gated: Path, harness: Harness) -> None:
    for _ in range(2):
        harness(gated, "gate", "gold", "--baseline", "half")
    assert len((gated / "ledger.jsonl").read_text(encoding="utf-8").splitlines()) == 1
    left = json.loads(harness(gated, "suite", "budget", "--json").stdout)
    assert (left["charged"], left["left"], left["looks"]["gate"]) == (1, 4, 1)


@pytest.mark.parametrize(
    ("change", "arguments", "code", "named"),
    [
        ("", ("gate", "half"), 2, "is the baseline"),
        ("", ("gate", "nobody"), 2, "nobody"),
        ("floors = { polite = 0.5 }\n", ("gate", "gold"), 2, "polite"),
        ("[gate.critical]\ndomains = ['princing']\n", ("gate", "gold"), 2, "pricing"),
        ("margn = 0.1\n", ("gate", "gold"), 2, "margin"),
        ("margin = nan\n", ("gate", "gold"), 2, "margin"),
    ],
)
def test_bad_input_is_one_line(
    gated: Path, harness: Harness, change: str, arguments: tuple[str, ...], code: int, named: str
) -> None:
    path = gated / "harness.toml"
    if change:
        key = change.split(" ")[0]
        kept = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith(key)]
        path.write_text("\n".join(kept) + "\n" + change, encoding="utf-8")
    found = harness(gated, *arguments)
    assert (found.returncode, found.stderr.count("\n")) == (code, 1)
    assert named in found.stderr
    assert not (gated / "ledger.jsonl").exists()


def test_a_yardstick_cannot_be_released(gated: Path, harness: Harness) -> None:
    path = gated / "harness.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('"gold.jsonl"\n', '"gold.jsonl"\nreference = true\n'))
    found = harness(gated, "gate", "gold")
    assert (found.returncode, "yardstick" in found.stderr) == (2, True)


def test_nothing_untrusted_passes(gated: Path, harness: Harness) -> None:
    runs = gated / ".harness/runs"
    kept = gated / "kept"
    shutil.copytree(runs, kept)

    def restored() -> None:
        shutil.rmtree(runs)
        shutil.copytree(kept, runs)

    for scores in runs.glob("*/scores.jsonl"):
        scores.write_text(scores.read_text(encoding="utf-8").replace('"correct": 0.0', '"correct": 1.0'))
    assert harness(gated, "gate", "gold").returncode == 4
    restored()
    for path in runs.glob("*/manifest.json"):
        path.unlink()
    assert harness(gated, "gate", "gold").returncode == 2
    restored()
    gold = gated / "tasks/facencial/data/test/pricing.jsonl"
    gold.write_text(gold.read_text(encoding="utf-8").replace("Rp10", "Rp11"))
    assert harness(gated, "gate", "gold").returncode == 4


def test_locking_other_gold_gives_back_no_use(gated: Path, harness: Harness) -> None:
    harness(gated, "gate", "gold")
    row = gated / "tasks/facencial/data/test/pricing.jsonl"
    row.write_text(row.read_text(encoding="utf-8").replace("Rp10", "Rp11"), encoding="utf-8")
    assert harness(gated, "suite", "lock").returncode == 0
    kept = json.loads(harness(gated, "suite", "budget", "--json").stdout)
    assert (kept["charged"], kept["looks"]["gate"], kept["looks_on_earlier_locks"]) == (1, 1, 1)
    assert "(1 of them on earlier locks)" in " ".join(harness(gated, "suite", "budget").stdout.split())
    refused = harness(gated, "suite", "lock", "--new-test-set")
    assert (refused.returncode, "8 of 8 test questions were asked before" in refused.stderr) == (2, True)
    assert harness(gated, "run", "gold", "half").returncode == 0
    again = harness(gated, "gate", "gold")
    assert again.returncode in (1, 3), again.stderr
    assert json.loads(harness(gated, "suite", "budget", "--json").stdout)["charged"] == 2


def test_spent_uses_leave_a_verdict_open(gated: Path, harness: Harness) -> None:
    path = gated / "harness.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("margin = 0.1\n", "margin = 0.1\nuses = 1\n"))
    harness(gated, "gate", "gold")
    path.write_text(path.read_text(encoding="utf-8").replace("margin = 0.1\n", "margin = 0.2\n"))
    found: subprocess.CompletedProcess[str] = harness(gated, "gate", "gold", "--json")
    budget = next(each for each in json.loads(found.stdout)["conditions"] if each["name"] == "uses of the lock")
    assert (found.returncode, budget["result"], budget["figure"]) == (3, "unknown", "2 charged")
