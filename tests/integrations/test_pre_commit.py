"""The hooks under pre-commit itself, at a real ``git commit``. Offline: the hooks run the harness that is installed."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from conftest import ROOT, make_project

pytest.importorskip("pre_commit")

HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which git knows who commits, and pre-commit keeps to itself."""
    home = tmp_path_factory.mktemp("home")
    names = {f"GIT_{who}_{what}": "test@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return {**os.environ, **names, "HOME": str(home), "PRE_COMMIT_HOME": str(home / "cache"), "PATH": path}


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory, shell: dict[str, str]) -> Path:
    """A committed project that uses all hooks, by the address of a repository that offers them."""

    def run(folder: Path, *command: str) -> str:
        return subprocess.run(
            command, cwd=folder, env=shell, check=True, stdout=subprocess.PIPE, text=True
        ).stdout.strip()

    def begin(folder: Path) -> None:
        for command in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "begin")):
            run(folder, "git", *command)

    offering = tmp_path_factory.mktemp("offering")
    (offering / ".pre-commit-hooks.yaml").write_bytes((ROOT / ".pre-commit-hooks.yaml").read_bytes())
    begin(offering)
    folder = make_project(tmp_path_factory.mktemp("project"))
    (folder / ".gitignore").write_text(".harness/\n")
    hooks = [{"id": hook["id"], "language": "system"} for hook in HOOKS]
    used = {"repo": str(offering), "rev": run(offering, "git", "rev-parse", "HEAD"), "hooks": hooks}
    (folder / ".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": [used]}))
    begin(folder)
    run(folder, "git", "tag", "begin")
    run(folder, sys.executable, "-m", "pre_commit", "install")
    return folder


@pytest.fixture
def clean(repository: Path, shell: dict[str, str]) -> Iterator[Path]:
    yield repository
    for command in (("reset", "-q", "--hard", "begin"), ("clean", "-qfd")):
        subprocess.run(["git", *command], cwd=repository, env=shell, check=True)


def commit(folder: Path, shell: dict[str, str]) -> tuple[bool, dict[str, str]]:
    """Whether ``git commit`` of everything went through, and what each hook said of itself: Passed, Failed or Skipped."""
    subprocess.run(["git", "add", "-A"], cwd=folder, env=shell, check=True)
    done = subprocess.run(["git", "commit", "-m", "a change"], cwd=folder, env=shell, capture_output=True, text=True)
    lines = [line for line in done.stderr.splitlines() if line.rstrip().endswith(("Passed", "Failed", "Skipped"))]
    said = {line.split("..")[0]: line.rsplit(".", 1)[1].split(")")[-1] for line in lines}
    assert said.keys() == {hook["name"] for hook in HOOKS}, done.stderr
    return done.returncode == 0, {hook["id"]: said[hook["name"]] for hook in HOOKS}


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_what_touches_no_suite_costs_nothing(clean: Path, shell: dict[str, str]) -> None:
    (clean / "notes.md").write_text("a note\n")
    passed, said = commit(clean, shell)
    assert (passed, set(said.values())) == (True, {"Skipped"})


def test_a_changed_answer_needs_a_new_lock(clean: Path, shell: dict[str, str]) -> None:
    edit(clean / "tasks/facencial/data/dev/pricing.jsonl", "Terima kasih sudah", "Makasih sudah")
    passed, said = commit(clean, shell)
    assert (passed, said["harness-suite-verify"]) == (False, "Failed")
    subprocess.run(["harness", "suite", "lock"], cwd=clean, env=shell, check=True, capture_output=True)
    passed, said = commit(clean, shell)
    assert (passed, said["harness-suite-verify"], said["harness-suite-lint"]) == (True, "Passed", "Passed")


def test_a_faulty_item_is_refused_even_when_locked(clean: Path, shell: dict[str, str]) -> None:
    # The gold answer is no longer the one that the solution ends in.
    edit(
        clean / "tasks/facencial/data/dev/pricing.jsonl",
        '"expected_answer": "Terima kasih',
        '"expected_answer": "Makasih',
    )
    subprocess.run(["harness", "suite", "lock"], cwd=clean, env=shell, check=True, capture_output=True)
    passed, said = commit(clean, shell)
    assert (passed, said["harness-suite-verify"], said["harness-suite-lint"]) == (False, "Passed", "Failed")


def test_a_test_question_among_training_rows_is_refused(clean: Path, shell: dict[str, str]) -> None:
    asked = json.loads((clean / "tasks/facencial/data/test/pricing.jsonl").read_text(encoding="utf-8").split("\n")[0])
    rows = clean / "more/train-july.jsonl"
    rows.parent.mkdir()
    rows.write_text(json.dumps({"problem": asked["problem"], "expected_answer": "Ya."}) + "\n")
    passed, said = commit(clean, shell)
    assert (passed, said["harness-leakage"], said["harness-suite-verify"]) == (False, "Failed", "Skipped")
    rows.write_text(json.dumps({"problem": "Where do you park your bicycle?", "expected_answer": "Ya."}) + "\n")
    assert commit(clean, shell) == (True, said | {"harness-leakage": "Passed"})
