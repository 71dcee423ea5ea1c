"""The layout holds everywhere at once: wheel, editable checkout, lm-eval's task index."""

import json
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_wheel_holds_one_top_level_name_and_all_rooms(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert tops == {"harness"}
    assert "harness/tasks/facencial/facencial.yaml" in names
    assert "harness/tasks/facencial/knowledge/facts.toml" in names
    assert "harness/tasks/facencial/lock.json" in names
    assert any(name.startswith("harness/trainers/") for name in names)
    assert {f"harness/reports/{name}" for name in ("html.py", "page.html.j2", "style.css", "flips.js")} <= set(names)


def test_sdist_is_one_folder_without_local_files(wheel: Path) -> None:
    with tarfile.open(next(wheel.parent.glob("*.tar.gz"))) as archive:
        names = archive.getnames()
    assert {name.split("/")[0] for name in names} == {wheel.name.rsplit("-", 3)[0]}
    assert not [name for name in names if set(name.split("/")) & {".harness", ".venv", "ledger.jsonl", ".git"}]


@pytest.fixture(scope="module")
def empty_environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment that holds the wheel and what it asks for, nothing else."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = [str(folder / "bin/python"), "-m", "pip", "install", "-q", "-c", str(ROOT / "constraints.txt"), str(wheel)]
    done = subprocess.run(pip, capture_output=True, text=True)
    if done.returncode and re.search("No matching distribution|Connection|Temporary failure", done.stderr):
        pytest.skip(f"no package index: {done.stderr.splitlines()[-1]}")
    assert done.returncode == 0, done.stderr
    return folder


def test_light_install_compares_from_outside_the_checkout(empty_environment: Path, tmp_path: Path) -> None:
    answers = ROOT / "evidence/answers/human-gold.jsonl"
    (tmp_path / "few.jsonl").write_text(answers.read_text(encoding="utf-8").splitlines()[-1] + "\n", encoding="utf-8")
    (tmp_path / "harness.toml").write_text(
        f'baseline = "gold"\n[candidates.gold]\nengine = "recorded"\nanswers = "{answers}"\n'
        '[candidates.few]\nengine = "recorded"\nanswers = "few.jsonl"\n'
    )

    def harness(*arguments: str) -> str:
        command = [str(empty_environment / "bin/harness"), *arguments]
        done = subprocess.run(command, cwd=tmp_path, env={"COLUMNS": "100"}, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "Compare candidates" in harness("--help")
    harness("doctor")
    result = json.loads(harness("compare", "gold", "few", "--split", "dev", "--json"))
    means = {each["name"]: each["metrics"]["correct"]["mean"] for each in result["candidates"]}
    assert means["gold"] == 1.0
    assert means["few"] < 0.01
    libraries = next(empty_environment.glob("lib/python*/site-packages"))
    assert {path.name for path in libraries.iterdir() if "harness" in path.name} == {
        "harness",
        "harness-0.1.0.dist-info",
    }
    assert not any(
        (libraries / name).exists() for name in ("tasks", "reports", "trainers", "tests", "torch", "lm_eval")
    )


def test_importing_harness_loads_nothing_but_itself() -> None:
    code = (
        "import sys; before = set(sys.modules); import harness\n"
        "print(*sorted({name.split('.')[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["harness"]


def test_installed_wheel_finds_and_verifies_its_suite(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    code = (
        "import harness, harness.reports, harness.trainers\n"
        "from harness.suite.suite import load_suite\n"
        "from harness.suite.lock import verify\n"
        "suite = load_suite('facencial')\n"
        "verify(suite)\n"
        "print(harness.__file__, suite.root)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(str(tmp_path)) == 2


def test_lm_eval_finds_the_group_and_a_task_a_domain() -> None:
    from lm_eval.tasks import TaskManager

    manager = TaskManager(include_path=str(ROOT / "tasks"), include_defaults=False)
    domains = {path.stem for path in (ROOT / "tasks/facencial/data/test").glob("*.jsonl")}
    assert "facencial" in manager.all_groups
    assert {f"facencial_{domain}" for domain in domains} <= set(manager.all_subtasks)
