"""Answers of the yardstick `nearest`: to each question the answer of the likest training question, word for word.

    python benchmarks/nearest_answers.py --split test --out evidence/answers/nearest.jsonl

No model runs. A trained model that stays below it has learned less than its rows would answer by themselves. The rows are the
topic files of ``trainers/data``; likeness is that of `harness.engines.examples`.
"""

import argparse
import json
from pathlib import Path

from harness.engines.examples import ExampleFinder
from harness.suite.item import Split
from harness.suite.suite import load_suite
from harness.suite.topics import load_topics

ROOT = Path(__file__).parents[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--split", type=Split, default=Split.TEST, choices=list(Split))
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    suite = load_suite("facencial")
    finder = ExampleFinder(load_topics(ROOT / "trainers/data/facencial", suite), 1)
    with arguments.out.open("w", encoding="utf-8") as file:
        for item in suite.items(arguments.split):
            ((_, answer),) = finder.find(item)
            row = {"id": item.id, "completion": answer, "author_kind": "model", "source": "nearest training question"}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
