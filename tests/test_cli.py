"""The command line as a person or a pipeline meets it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Harness

LISTING = [
    ["compare", "gold", "half", "--split", "dev", "--json"],
    ["run", "gold", "--split", "dev", "--json"],
    ["runs", "list", "--json"],
    ["runs", "verify", "--json"],
    ["candidates", "list", "--json"],
    ["candidates", "show", "gold", "--json"],
    ["suite", "show", "--json"],
    ["suite", "verify", "--json"],
    ["doctor", "--json"],
]


@pytest.mark.parametrize("arguments", LISTING, ids=" ".join)
def test_json_is_one_document(project: Path, harness: Harness, arguments: list[str]) -> None:
    done = harness(project, *arguments)
    assert done.returncode == 0, done.stderr
    json.loads(done.stdout)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["compare", "gold", "hlaf"], 2, "no candidate 'hlaf' in harness.toml; did you mean 'half'?"),
        (["compair"], 2, "did you mean 'compare'?"),
        (["runs", "show", "zzz"], 2, "no run 'zzz'"),
        (["runs", "spot-check", "gold"], 2, "recorded answers cannot be regenerated"),
        (["train", "gold"], 2, "no recipe of this name"),
        (["--config", "nowhere.toml", "candidates", "list"], 2, "no such file"),
    ],
)
def test_errors_are_one_line(project: Path, harness: Harness, arguments: list[str], code: int, said: str) -> None:
    done = harness(project, *arguments)
    assert done.returncode == code
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("group", ["runs", "suite", "candidates"])
def test_a_group_without_a_command_shows_its_help(project: Path, harness: Harness, group: str) -> None:
    done = harness(project, group)
    assert done.returncode == 2
    assert "\nCommands:\n" in done.stderr


def test_debug_shows_the_traceback(project: Path, harness: Harness) -> None:
    assert "Traceback" in harness(project, "--debug", "compare", "nobody").stderr


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('primry_metric = "correct"', "unknown key primry_metric; did you mean 'primary_metric'?"),
        ('[candidates.x]\nengine = "recorded"\nanswer = "a"', "did you mean 'answers'?"),
        ('[candidates.x]\nmodel = "gpt"', "'gpt' is not under [models]"),
        ('[candidates.x]\nengine = "recorded"', "engine recorded needs answers"),
        ('[models.m]\npath = "a"\nhub = "b"', "exactly one of package, path, hub"),
        ("[generation", "not readable as TOML"),
    ],
)
def test_bad_configuration_names_the_key(project: Path, harness: Harness, line: str, said: str) -> None:
    path = project / "harness.toml"
    text = path.read_text()
    path.write_text(f"{line}\n{text}" if "=" in line and not line.startswith("[") else f"{text}\n{line}\n")
    done = harness(project, "candidates", "list")
    assert done.returncode == 2
    assert said in done.stderr


def test_a_changed_byte_in_the_suite_stops_everything(project: Path, harness: Harness) -> None:
    path = project / "tasks/facencial/data/test/pricing.jsonl"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    for arguments in (["suite", "verify"], ["compare", "gold", "half"], ["run", "gold"]):
        done = harness(project, *arguments)
        assert (done.returncode, "pricing.jsonl: changed since the lock" in done.stderr) == (4, True)


def test_an_edited_run_is_refused(project: Path, harness: Harness) -> None:
    harness(project, "compare", "gold", "half", "--split", "dev")
    for path in (project / ".harness/runs").glob("*/samples.jsonl"):
        path.write_text(path.read_text().replace("Entahlah", "Rp10.000"), encoding="utf-8")
    done = harness(project, "compare", "gold", "half", "--split", "dev")
    assert (done.returncode, "changed since it was stored" in done.stderr) == (4, True)
    assert harness(project, "runs", "verify").returncode == 4


def test_planted_truth(project: Path, harness: Harness) -> None:
    result = json.loads(harness(project, "compare", "half", "gold", "--split", "dev", "--json").stdout)
    means = {candidate["name"]: candidate["metrics"]["correct"]["mean"] for candidate in result["candidates"]}
    assert means == {"half": 0.5, "gold": 1.0}
    (delta,) = [delta for delta in result["deltas"] if delta["metric"] == "correct"]
    assert (delta["diff"], delta["gained"], delta["lost"]) == (0.5, 4, 0)
    assert {flip["kind"] for flip in result["flips"]} == {"gained"}
    assert len(result["flips"]) == 4


def test_a_models_text_is_never_shown_as_a_persons(project: Path, harness: Harness) -> None:
    done = harness(project, "compare", "half", "gold", "--split", "dev")
    assert "gold (written by a model)" in done.stdout
    for path in (project / ".harness/reports").iterdir():
        assert "written by a model" in path.read_text(encoding="utf-8")


def test_test_items_stay_unseen_unless_revealed(project: Path, harness: Harness) -> None:
    looks = project / "ledger.jsonl"
    assert json.loads(harness(project, "compare", "half", "gold", "--split", "dev", "--json").stdout)["flips"]
    assert not looks.exists()
    for _ in range(2):
        assert json.loads(harness(project, "compare", "half", "gold", "--json").stdout)["flips"] == []
    assert json.loads(harness(project, "compare", "half", "gold", "--reveal-test", "--json").stdout)["flips"]
    recorded = [json.loads(line) for line in looks.read_text(encoding="utf-8").splitlines()]
    assert [(look["what"], list(look["candidates"])) for look in recorded] == [
        ("compare", ["gold"]),
        ("reveal", ["gold"]),
    ]


def test_import_and_missing_answers_count_as_wrong(project: Path, harness: Harness) -> None:
    first = json.loads((project / "gold.jsonl").read_text(encoding="utf-8").splitlines()[0])
    (project / "ours.jsonl").write_text(
        json.dumps({"id": first["id"], "output": first["completion"]}) + "\n", encoding="utf-8"
    )
    done = harness(project, "import", "ours", "ours.jsonl", "--author-kind", "person", "--source", "desk")
    assert done.returncode == 0, done.stderr
    result = json.loads(
        harness(project, "compare", "gold", "ours", "--baseline", "gold", "--split", "dev", "--json").stdout
    )
    ours = result["candidates"][1]
    assert (ours["label"], ours["metrics"]["correct"]["mean"], ours["empty"]) == ("ours (written by people)", 1 / 8, 7)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("", "the file is empty"),
        ('{"id": "a", "output"\n', "in.jsonl:1: not JSON"),
        ('{"id": "nobody", "output": "x"}\n', "in.jsonl:1: no item 'nobody'"),
        ('{"id": "ID", "output": "x"}\n{"id": "ID", "output": "y"}\n', "in.jsonl:2: id"),
        ('{"name": "x"}\n', "in.jsonl:1: a row is"),
        ('{"resps": [["x"]], "doc": {}}\n', "in.jsonl:1: not a sample of this suite"),
    ],
)
def test_import_refuses_by_line_and_leaves_the_configuration(
    project: Path, harness: Harness, rows: str, said: str
) -> None:
    known = json.loads((project / "gold.jsonl").read_text(encoding="utf-8").splitlines()[0])["id"]
    (project / "in.jsonl").write_text(rows.replace("ID", known))
    before = (project / "harness.toml").read_bytes()
    done = harness(project, "import", "ours", "in.jsonl", "--author-kind", "model", "--source", "x")
    assert done.returncode == 2
    assert said in done.stderr
    assert (project / "harness.toml").read_bytes() == before


def test_lm_evals_logged_samples_can_be_imported(project: Path, harness: Harness) -> None:
    path = project / "tasks/facencial/data/dev/pricing.jsonl"
    row = json.loads(path.read_text(encoding="utf-8").splitlines()[0])
    logged = {"doc_id": 0, "doc": {"item": json.dumps(row)}, "resps": [[row["generated_solution"]]]}
    (project / "samples.jsonl").write_text(json.dumps(logged) + "\n", encoding="utf-8")
    done = harness(project, "import", "logged", "samples.jsonl", "--author-kind", "model", "--source", "lm-eval")
    assert done.returncode == 0, done.stderr
    result = json.loads(
        harness(project, "compare", "gold", "logged", "--baseline", "gold", "--split", "dev", "--json").stdout
    )
    assert result["candidates"][1]["metrics"]["correct"]["mean"] == 1 / 8


def test_candidates_add_keeps_the_file_when_refused(project: Path, harness: Harness) -> None:
    before = (project / "harness.toml").read_bytes()
    for name, model in (("new", "nowhere"), ("gold", "m"), ("bad name", "m")):
        assert harness(project, "candidates", "add", name, "--model", model).returncode == 2
        assert (project / "harness.toml").read_bytes() == before


def test_comparing_stored_runs_needs_no_engine(project: Path, harness: Harness) -> None:
    harness(project, "compare", "gold", "half")
    blocker = (
        "import sys\n"
        "class Block:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in ('torch', 'lm_eval', 'transformers', 'datasets', 'peft'): raise ImportError(name)\n"
        "sys.meta_path.insert(0, Block())\n"
        "sys.argv = ['harness', 'compare', 'gold', 'half']\n"
        "from harness.cli import main\nmain()"
    )
    done = subprocess.run([sys.executable, "-c", blocker], cwd=project, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_help_imports_nothing_heavy(project: Path) -> None:
    code = (
        "import sys\nfrom harness.cli import cli\n"
        "try: cli.main(['--help'])\nexcept SystemExit: pass\n"
        "print([name for name in ('torch', 'scipy', 'numpy', 'pydantic', 'rich') if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "Compare candidates" in done.stdout
    assert done.stderr.strip() == "[]"


def test_a_read_only_store_is_one_line(project: Path, harness: Harness) -> None:
    store = project / ".harness"
    store.write_text("a file where the folder should be")
    done = harness(project, "compare", "gold", "half")
    assert done.returncode == 2
    assert "cannot write" in done.stderr
    assert done.stderr.count("\n") == 1
