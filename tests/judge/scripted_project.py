"""A project with answers of two candidates, whose judge is the scripted server."""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from server import ScriptedServer

QUICK = {"embeddings": 0, "timeout": 2, "longest_wait": 0.05, "poll": 0.05}


def judged_by(project: Path, url: str, top: str = "", **settings: Any) -> None:
    """Write ``[judge]`` into the project's configuration, quick to give up."""
    path = project / "harness.toml"
    plain = path.read_text(encoding="utf-8").partition("[judge]")[0]
    table = {"model": "scripted", "base_url": url, **QUICK, **settings}
    rows = "".join(f"{name} = {json.dumps(value)}\n" for name, value in table.items())
    path.write_text(f"{top}{plain}[judge]\n{rows}prices = {{ input = 1.0, output = 10.0 }}\n", encoding="utf-8")


def command(project: Path, *arguments: str) -> Result:
    """A command in this process; errors a user can act on are raised as they are."""
    from harness.cli import cli

    return CliRunner().invoke(cli, ["--config", str(project / "harness.toml"), *arguments], catch_exceptions=False)


def judge(project: Path, *further: str) -> dict[str, Any]:
    """``harness judge run gold half`` on the development split."""
    done = command(project, "judge", "run", "gold", "half", "--split", "dev", "--json", *further)
    assert done.exit_code == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def answer(project: Path) -> Path:
    """Give both candidates their runs."""
    assert command(project, "run", "gold", "half", "--split", "dev").exit_code == 0
    shutil.rmtree(project / ".harness/judge", ignore_errors=True)
    return project


def stop_when_submitted(project: Path, server: ScriptedServer, what: str = "run") -> None:
    """Run ``harness judge … --batch`` in a process of its own and kill it once the batch is under way."""
    line = [sys.executable, "-m", "harness", "judge", what, "gold", "half", "--split", "dev", "--batch"]
    process = subprocess.Popen(line, cwd=project, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not any(batch["polls"] for batch in server.script.batches.values()):
        assert process.poll() is None
        time.sleep(0.02)
    process.kill()
    process.wait()
