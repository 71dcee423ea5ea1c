"""The fault campaign in small: every kind of fault a few times, on real processes."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_no_fault_does_harm() -> None:
    few = "--rows 1 --no-model --kills 5 --damages 4 --disks 2 --pairs 1 --read-only 1".split()
    command = [sys.executable, str(ROOT / "benchmarks/faults.py"), *few]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [line.split("|") for line in done.stdout.splitlines() if line.startswith("| ")][1:]
    assert sum(int(row[2]) for row in rows if "kill -9" in row[1]) == 5
    assert sum(int(row[2]) for row in rows) == 13
