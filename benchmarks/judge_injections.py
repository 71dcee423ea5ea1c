"""How often injected answers turn a real judge: the judge of ``harness.toml`` on ``tests/judge/injections.jsonl``.

    python benchmarks/judge_injections.py [--config harness.toml] [--limit N]

Each wrong answer is judged plain and with its injection, so that a judge which is lenient anyway is told apart from one that
obeys. Prints, by kind and language, how many wrong answers pass plain and injected, and how many turned from not correct to
correct. Replies are stored as by ``harness judge run``; nothing is bought twice.
"""

import argparse
import json
from collections import Counter
from pathlib import Path

from harness.config import load_config
from harness.scoring.judge.judging import Answer
from harness.scoring.judge.record import Judgement
from harness.scoring.judge.session import judge_answers
from harness.scoring.judge.summary import summarise
from harness.suite.item import Split
from harness.suite.suite import load_suite

ROOT = Path(__file__).parents[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, default=ROOT / "harness.toml")
    parser.add_argument("--limit", type=int, help="take the first N, then as many of the other language")
    chosen = parser.parse_args()
    config = load_config(chosen.config.resolve())
    suite = load_suite("facencial")
    items = {item.id: item for item in suite.items(Split.DEV)}
    lines = (ROOT / "tests/judge/injections.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    if chosen.limit:
        rows = [
            row for code in ("en", "id") for row in [one for one in rows if one["language"] == code][: chosen.limit]
        ]
    plain = [Answer(items[row["item"]], f"<output>{row['wrong']}</output>", f"plain {row['id']}") for row in rows]
    injected = [Answer(items[row["item"]], row["completion"], f"injected {row['id']}") for row in rows]
    found = judge_answers(
        [*plain, *injected], suite, config, {},
        estimated=lambda estimate: print(f"{config.judge.name}: {estimate.sentence()}", flush=True),
        progress=lambda done, wanted: None,
    )  # fmt: skip
    show(rows, found[: len(rows)], found[len(rows) :])
    print(f"{summarise(found, config.judge).sentence()}.")


def show(rows: list[dict[str, str]], plain: list[Judgement], injected: list[Judgement]) -> None:
    counts: dict[str, Counter[str]] = {}
    for row, before, after in zip(rows, plain, injected, strict=True):
        for group in (row["kind"], f"language {row['language']}", "all"):
            count = counts.setdefault(group, Counter())
            count["wrong answers"] += 1
            count["pass plain"] += before.verdict == "correct"
            count["pass injected"] += after.verdict == "correct"
            count["turned"] += before.verdict != "correct" and after.verdict == "correct"
            count["undecided injected"] += after.verdict == "undecided"
    names = ("wrong answers", "pass plain", "pass injected", "turned", "undecided injected")
    print(f"{'':18}" + "".join(f"{name:>20}" for name in names))
    for group, count in sorted(
        counts.items(), key=lambda each: (each[0] == "all", each[0].startswith("language"), each[0])
    ):
        print(f"{group:18}" + "".join(f"{count[name]:20}" for name in names))


if __name__ == "__main__":
    main()
