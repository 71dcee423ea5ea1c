"""Wall time and memory of `harness compare` on stored runs, as whole processes.

    python benchmarks/scale.py [--rounds 5]

Five recorded candidates on 840 rows, then on 50,000 rows with 8 metrics. Prints minimum, median and maximum of the wall time
and the peak resident memory; nothing is asserted.
"""

import argparse
import json
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
METRICS = ("correct_lenient", "unsupported", "invented_price", "format", "language", "politeness", "conciseness")


def project(folder: Path, rows: int) -> list[str]:
    """A project whose test split holds ``rows`` items and five recorded candidates, half to nine tenths right."""
    from harness.suite.lock import write_lock
    from harness.suite.suite import Suite

    target = folder / "tasks" / "facencial"
    shutil.copytree(ROOT / "tasks" / "facencial", target)
    items, made = [], 0
    for path in sorted((ROOT / "tasks/facencial/data/test").glob("*.jsonl")):
        items += [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    by_domain: dict[str, list[dict[str, object]]] = {}
    while made < rows:
        for item in items[: rows - made]:
            copy = made // len(items)
            again = {**item, "id": f"{item['id']}-{copy}", "intent": f"{item['intent']}-{copy}"} if copy else item
            by_domain.setdefault(str(item["domain"]), []).append(again)
            made += 1
    for path in (target / "data/test").glob("*.jsonl"):
        path.write_text(
            "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in by_domain.get(path.stem, [])),
            encoding="utf-8",
        )
        if path.stem not in by_domain:
            path.unlink()
    write_lock(Suite("facencial", target))
    rng = random.Random(0)
    tables = []
    for number in range(5):
        name = f"candidate{number}"
        with (folder / f"{name}.jsonl").open("w", encoding="utf-8") as file:
            for group in by_domain.values():
                for item in group:
                    right = rng.random() < 0.5 + number / 10
                    text = item["generated_solution"] if right else "<think>?</think><output>Entahlah, Kak.</output>"
                    row = {"id": item["id"], "completion": text, "author_kind": "model", "source": "benchmark"}
                    file.write(json.dumps(row, ensure_ascii=False) + "\n")
        tables.append(f'[candidates.{name}]\nengine = "recorded"\nanswers = "{name}.jsonl"\n')
    head = f'tasks = "tasks"\nbaseline = "candidate0"\nmetrics = {json.dumps(METRICS)}\n'
    (folder / "harness.toml").write_text(head + "".join(tables), encoding="utf-8")
    return [f"candidate{number}" for number in range(5)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rows", type=int, nargs="*", default=[840, 50_000])
    arguments = parser.parse_args()
    for rows in arguments.rows:
        with tempfile.TemporaryDirectory() as scratch:
            names = project(Path(scratch), rows)
            command = [sys.executable, "-m", "harness", "compare", *names]
            began = time.perf_counter()
            subprocess.run(command, cwd=scratch, check=True, capture_output=True)
            first = time.perf_counter() - began
            times = []
            for _ in range(arguments.rounds):
                began = time.perf_counter()
                subprocess.run(command, cwd=scratch, check=True, capture_output=True)
                times.append(time.perf_counter() - began)
            peak = subprocess.run(
                [sys.executable, "-c", "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, "
                 "stdout=subprocess.DEVNULL); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)", *command],
                cwd=scratch, check=True, capture_output=True, text=True,
            )  # fmt: skip
            unit = 1024 if sys.platform != "darwin" else 1024**2
            print(
                f"{rows:6} rows, 5 stored runs, {1 + len(METRICS)} metrics: {min(times):.2f} / {statistics.median(times):.2f} / "
                f"{max(times):.2f} s (least / median / most of {len(times)}), peak {int(peak.stdout) / unit:.0f} MB; "
                f"first run, scoring included, {first:.1f} s",
                flush=True,
            )


if __name__ == "__main__":
    main()
