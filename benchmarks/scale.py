"""What `harness compare` and `harness rank` cost on stored runs of many samples, as whole processes: seconds and memory.

    python benchmarks/scale.py [--rows 1000 10000 100000 1000000] [--rounds 3] [--picture docs/images/comparing.svg]

Makes a project a size (`scale_project.py`; a million rows take some 3 GB of disk), compares its two stored runs, and prints the
least seconds of the rounds and the most resident memory. Nothing is asserted.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from math import log10
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from scale_project import METRICS, project

from harness.reports.plots import WIDTH, Element, add, picture, standalone

COMMANDS = (("compare",), ("compare", "--max-t"), ("rank",))
MEASURED = """
import json, resource, subprocess, sys, time
began = time.perf_counter()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
unit = 1024 if sys.platform != "darwin" else 1024**2
print(json.dumps([time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / unit]))
"""


@dataclass(frozen=True)
class Cost:
    """Least wall and processor seconds, and most resident memory in MiB, of one command on two runs of ``rows``."""

    command: str
    rows: int
    seconds: float
    processor: float
    memory: float


def measured(folder: Path, command: Sequence[str], names: Sequence[str], rows: int, rounds: int) -> Cost:
    words = [sys.executable, "-c", MEASURED, sys.executable, "-m", "harness", command[0], *names, *command[1:]]
    found = [
        json.loads(subprocess.run(words, cwd=folder, check=True, capture_output=True, text=True).stdout)
        for _ in range(rounds)
    ]
    seconds, processor, memory = zip(*found, strict=True)
    return Cost(" ".join(command), rows, min(seconds), min(processor), max(memory))


def plot(costs: Sequence[Cost]) -> Element:
    """Seconds and memory of `harness compare` by rows, both axes in powers of ten, one above the other."""
    said = "; ".join(f"{cost.rows:,} rows {cost.seconds:.1f} s, {cost.memory:.0f} MiB" for cost in costs)
    svg = picture(f"Cost of comparing two runs. {said}", 400)
    _panel(svg, "Seconds", 0.0, [(cost.rows, cost.seconds, f"{cost.seconds:.1f} s") for cost in costs])
    _panel(svg, "Most resident memory", 200.0, [(cost.rows, cost.memory, f"{cost.memory:.0f} MiB") for cost in costs])
    return svg


def _panel(svg: Element, title: str, top: float, points: Sequence[tuple[int, float, str]]) -> None:
    left, right, upper, lower = 34.0, WIDTH - 34, top + 44, top + 160
    low = int(log10(min(value for _, value, _ in points)) // 1)
    high = int(-(-log10(max(value for _, value, _ in points)) // 1))
    first, last = log10(points[0][0]), log10(points[-1][0])

    def y(power: float) -> float:
        return lower - (power - low) / (high - low) * (lower - upper)

    def x(rows: int) -> float:
        return left + (log10(rows) - first) / ((last - first) or 1) * (right - left)

    add(svg, "text", "title", title, x=0.0, y=top + 16)
    for power in range(low, high + 1):
        add(svg, "line", "grid", x1=left, x2=right, y1=y(power), y2=y(power))
        add(svg, "text", "tick right", f"{10.0**power:g}", x=left - 6, y=y(power) + 4)
    places = [(x(rows), y(log10(value))) for rows, value, _ in points]
    for (x1, y1), (x2, y2) in pairwise(places):
        add(svg, "line", "join", x1=x1, y1=y1, x2=x2, y2=y2)
    for (across, down), (rows, _, said) in zip(places, points, strict=True):
        add(svg, "circle", "dot", cx=across, cy=down, r=4.0)
        add(svg, "text", "middle halo", said, x=across, y=down - 9)
        add(svg, "text", "tick middle", f"{rows:,} rows", x=across, y=lower + 16)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--picture", type=Path, help="also draw the costs of compare into this SVG file")
    parser.add_argument("--json", action="store_true", help="measure compare alone and print its costs as JSON")
    arguments = parser.parse_args()
    costs = []
    for rows in arguments.rows:
        with tempfile.TemporaryDirectory() as scratch:
            names = project(Path(scratch), rows)
            for command in COMMANDS[:1] if arguments.json else COMMANDS:
                cost = measured(Path(scratch), command, names, rows, arguments.rounds)
                costs.append(cost)
                if not arguments.json:
                    print(
                        f"{cost.rows:9,} rows, {1 + len(METRICS)} metrics, {len(names)} stored runs, harness {cost.command}: "
                        f"{cost.seconds:.1f} s ({cost.processor:.1f} s of processors), at most {cost.memory:.0f} MiB",
                        flush=True,
                    )
    if arguments.json:
        print(json.dumps([asdict(cost) for cost in costs]))
    if arguments.picture:
        arguments.picture.parent.mkdir(parents=True, exist_ok=True)
        compared = [cost for cost in costs if cost.command == COMMANDS[0][0]]
        arguments.picture.write_text(standalone(plot(compared)), encoding="utf-8")


if __name__ == "__main__":
    main()
