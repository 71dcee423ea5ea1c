"""The GitHub Action, its shell steps carried out as a runner does: bash, one file a step, outputs in files.

Left out are the steps that need a network: setting up Python and the install, for which this environment stands.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT, make_project
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
POLICY = "[gate]\nmargin = 0.3\nfloors = {{ format = {floor} }}\nceilings = {{}}\n"
GIT = {f"GIT_{who}_{what}": "test@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


@dataclass
class Done:
    """What a runner sees of an action."""

    code: int
    verdict: str
    summary: str
    log: str
    uploaded: set[str]
    reports: Path


def act(folder: Path, **given: str) -> Done:
    """Carry out the action in ``folder``; of the inputs, underscores stand for hyphens."""
    inputs = {name: str(spec.get("default", "")) for name, spec in ACTION["inputs"].items()}
    named = {name.replace("_", "-"): value for name, value in given.items()}
    assert named.keys() <= inputs.keys()
    inputs |= named
    runner = folder.parent / "runner"
    shutil.rmtree(runner, ignore_errors=True)
    (runner / "tmp").mkdir(parents=True)
    outputs: dict[str, str] = {}
    uploaded: set[str] = set()
    code, log = 0, ""

    def value(text: str) -> str:
        known = {f"inputs.{name}": each for name, each in inputs.items()}
        known |= {f"steps.gate.outputs.{name}": each for name, each in outputs.items()}
        known["github.action_path"] = str(ROOT)
        return re.sub(r"\$\{\{ (.+?) \}\}", lambda found: known.get(found[1], ""), text)

    for step in STEPS:
        if "if" in step:
            name, unless = re.fullmatch(r"inputs\.([a-z-]+) != '([a-z]*)'", step["if"]).groups()  # type: ignore[union-attr]
            if inputs[name] == unless:
                continue
        if step.get("uses", "").startswith("actions/upload-artifact@"):
            uploaded = {path.name for path in Path(value(step["with"]["path"])).iterdir()}
        if "run" not in step or step["name"] == "install":
            continue
        assert step["shell"] == "bash"
        script, out = runner / "step.sh", runner / "out"
        script.write_text(step["run"], encoding="utf-8")
        out.touch()
        environment = os.environ | {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "RUNNER_TEMP": str(runner),
            "TMPDIR": str(runner / "tmp"),
            "GITHUB_OUTPUT": str(out),
            "GITHUB_STEP_SUMMARY": str(runner / "summary"),
            **{name: value(text) for name, text in step.get("env", {}).items()},
        }
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=folder / value(step.get("working-directory", ".")),
            env=environment,
            capture_output=True,
            text=True,
        )
        log += done.stdout + done.stderr
        outputs |= dict(line.split("=", 1) for line in out.read_text().splitlines())
        code = done.returncode
        if code:
            break
    assert not list((runner / "tmp").iterdir())  # a key that was written down is gone
    summary = (runner / "summary").read_text(encoding="utf-8") if (runner / "summary").exists() else ""
    return Done(code, outputs.get("verdict", ""), summary, log, uploaded, runner / "harness-gate")


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, env=os.environ | GIT)


def harness(folder: Path, *arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "harness", *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A committed project below a repository's root; gold is far better than half, and strict.toml asks for more form."""
    root = tmp_path_factory.mktemp("built")
    folder = root / "models"
    folder.mkdir()
    make_project(folder, 24)
    text = (folder / "harness.toml").read_text(encoding="utf-8")
    (folder / "harness.toml").write_text(text + POLICY.format(floor=0.8), encoding="utf-8")
    (folder / "strict.toml").write_text(text + POLICY.format(floor=0.9), encoding="utf-8")
    harness(folder, "run", "gold", "half")
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "runs")
    return root


@pytest.fixture
def repository(built: Path, tmp_path: Path) -> Path:
    return shutil.copytree(built, tmp_path / "repository")


def test_a_release_passes_once_its_look_is_committed(repository: Path) -> None:
    asked = {"candidate": "gold", "working_directory": "models"}
    first = act(repository, **asked, verify="false")
    assert (first.code, first.verdict, "::error::this look is not in the committed" in first.log) == (
        1,
        "RELEASE",
        True,
    )
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "the look")
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = repository.parent / "gate.pub"
    public.write_bytes(private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    done = act(repository, **asked, signing_key=pem)
    assert (done.code, done.verdict) == (0, "RELEASE"), done.log
    assert "2 runs verified" in done.log
    assert done.summary.startswith("## RELEASE: gold against half")
    assert done.uploaded == {"gate.json", "gate.md", "gate.xml", "gate.intoto.json"}
    signed = str(done.reports / "gate.intoto.json")
    harness(repository / "models", "runs", "verify", "--attestation", signed, "--key", str(public))
    assert "PRIVATE KEY" not in done.log


def test_a_block_fails_and_shows_why(repository: Path) -> None:
    done = act(
        repository,
        candidate="half",
        baseline="gold",
        working_directory="models",
        verify="false",
        committed_look="false",
    )
    assert (done.code, done.verdict) == (1, "BLOCK"), done.log
    assert "| not inferior, overall | **fail** |" in done.summary
    assert json.loads((done.reports / "gate.json").read_text(encoding="utf-8"))["decision"] == "BLOCK"
    assert {"gate.json", "gate.md", "gate.xml"} == done.uploaded


@pytest.mark.parametrize(("setting", "code"), [("fail", 3), ("pass", 0)])
def test_doubt_fails_unless_it_is_let_pass(repository: Path, setting: str, code: int) -> None:
    done = act(
        repository,
        candidate="gold",
        config="models/strict.toml",
        verify="false",
        committed_look="false",
        inconclusive=setting,
    )
    assert (done.code, done.verdict) == (code, "INCONCLUSIVE"), done.log
    assert ("::warning::INCONCLUSIVE" in done.log) is (code == 0)


def test_a_name_is_never_part_of_a_script(repository: Path) -> None:
    done = act(repository, candidate='--json"; touch pwned; "', working_directory="models", verify="false")
    assert (done.code, done.verdict, done.uploaded) == (2, "", set())
    assert "could not decide (exit code 2)" in done.summary
    assert not list(repository.rglob("pwned"))
    assert not any("${{" in step.get("run", "") for step in STEPS)


def test_changed_evidence_ends_before_the_gate(repository: Path) -> None:
    scores = next(repository.glob("models/.harness/runs/*/scores.jsonl"))
    scores.write_text(scores.read_text().replace('"correct": 0.0', '"correct": 1.0'))
    scores.write_text(scores.read_text() + "\n")
    done = act(repository, candidate="gold", working_directory="models")
    assert (done.code, done.verdict, done.summary) == (4, "", "")
    assert not (repository / "models/ledger.jsonl").exists()


def test_what_the_example_and_the_install_name_is_there() -> None:
    import tomllib

    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    assert ACTION["inputs"]["extras"]["default"] in extras
    assert (ROOT / "constraints.txt").is_file()
    example = yaml.safe_load((ROOT / "examples/release-gate.yml").read_text(encoding="utf-8"))
    step = next(each for each in example["jobs"]["gate"]["steps"] if "/harness@" in each.get("uses", ""))
    assert step["with"].keys() <= ACTION["inputs"].keys()
    needed = {name for name, spec in ACTION["inputs"].items() if spec.get("required")}
    assert needed <= step["with"].keys()
    used = set(re.findall(r"steps\.gate\.outputs\.([a-z-]+)", json.dumps(example)))
    assert used
    assert used <= ACTION["outputs"].keys()
