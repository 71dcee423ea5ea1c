"""The layout holds everywhere at once: wheel, editable checkout, lm-eval's task index."""

import subprocess
import sys
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
