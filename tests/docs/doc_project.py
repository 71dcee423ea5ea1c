"""A copy of the project in which a page's commands run: the repository's ledger, suites and store stay as they are."""

import difflib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from doc_blocks import ROOT, Block, Page

DOMAINS = ("pricing", "out_of_scope")
ROWS = 4
_LEFT_OUT = shutil.ignore_patterns(".*", "build", "dist", "*.egg-info", "__pycache__", "htmlcov")


@dataclass(frozen=True)
class Ran:
    """What came of a block; ``fault`` is empty where all was as the page says."""

    block: Block
    seconds: float
    printed: str
    fault: str


def copy_project(target: Path, small: bool) -> Path:
    """The checkout as it stands. A small one has ``ROWS`` rows of two domains in each split, and no runs."""
    shutil.copytree(ROOT, target, symlinks=True, ignore=_LEFT_OUT)
    models = ROOT / ".harness/models"
    if models.is_dir():
        (target / ".harness").mkdir()
        (target / ".harness/models").symlink_to(models)
    if small:
        _cut(target)
    return target


def _cut(project: Path) -> None:
    suite = project / "tasks/facencial"
    for path in suite.glob("data/*/*.jsonl"):
        if path.stem in DOMAINS:
            lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
            path.write_text("".join(lines[:ROWS]), encoding="utf-8")
        elif "train" not in path.parts:
            path.unlink()
    settings = suite / "suite.toml"
    settings.write_text(settings.read_text(encoding="utf-8").partition("[traffic]")[0], encoding="utf-8")
    shutil.rmtree(project / "evidence/runs")
    done = run("harness suite lock", project, timeout=60)
    if done.returncode:
        raise RuntimeError(done.stdout)


def run(command: str, project: Path, timeout: int) -> subprocess.CompletedProcess[str]:
    """Shell text in the project, with the project's own harness, both streams as one."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("HARNESS_")},
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(project),
        "HF_HUB_OFFLINE": "1",
        "COLUMNS": "120",
        "LC_ALL": "C.UTF-8",
    }
    return subprocess.run(
        ["bash", "-eu", "-o", "pipefail", "-c", command],
        cwd=project,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout,
    )


def run_page(page: Page, project: Path, slow: bool) -> Iterator[Ran]:
    """The page's blocks in order, each in the project as the ones before left it."""
    printed = ""
    for block in page.blocks:
        if block.kind == "output":
            yield Ran(block, 0.0, printed, difference(block.text, printed) if printed else "")
        if block.kind != "shell":
            continue
        printed = ""
        if block.status == "run" or (slow and block.status == "slow"):
            start = time.perf_counter()
            done = run(block.text, project, timeout=1800 if slow else 120)
            printed, asked = done.stdout, int(block.marks.get("exit", "0"))
            fault = "" if done.returncode == asked else f"exit code {done.returncode}, not {asked}:\n{printed}"
            yield Ran(block, time.perf_counter() - start, printed, fault)


def difference(shown: str, printed: str) -> str:
    """How the output shown differs from what was printed; empty where it does not. ``…`` alone on a line: any lines."""
    pattern = "".join(r"(?:.*\n)*?" if line == "…" else re.escape(line) + r"\n" for line in _lines(shown))
    found = _lines(printed)
    if re.fullmatch(pattern, "".join(f"{line}\n" for line in found)):
        return ""
    return "\n".join(difflib.unified_diff(_lines(shown), found, "shown", "printed", lineterm="", n=1))


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip("\n").splitlines()]


def refreshed(shown: str, printed: str) -> str:
    """The output anew, cut where ``shown`` is: as many lines before its one ``…`` and after it."""
    lines, found = _lines(shown), _lines(printed)
    if "…" not in lines:
        return "\n".join(found) + "\n"
    before = lines.index("…")
    after = len(lines) - before - 1
    return "\n".join([*found[:before], "…", *(found[-after:] if after else [])]) + "\n"
