"""Answers of the yardstick `nearest`: to each question the answer of the likest training question, word for word.

    python benchmarks/nearest_answers.py --split test --out evidence/answers/nearest.jsonl

No model runs. A trained model that stays below it has learned less than its rows would answer by themselves. The rows are the
topic files of ``trainers/data``; likeness is that of `harness.engines.examples`.
"""

import argparse
import json
import sys
from pathlib import Path

from harness.engines.examples import ExampleFinder
from harness.journal import replace_file
from harness.suite.item import Split
from harness.suite.suite import load_suite
from harness.suite.topics import load_topics

ROOT = Path(__file__).parents[1]


def nearest_answers(split: Split) -> str:
    """The recorded answers as JSON Lines."""
    suite = load_suite("facencial")
    finder = ExampleFinder(load_topics(ROOT / "trainers/data/facencial", suite), 1)
    lines = []
    for item in suite.items(split):
        ((_, answer),) = finder.find(item)
        row = {"id": item.id, "completion": answer, "author_kind": "model", "source": "nearest training question"}
        lines.append(json.dumps(row, ensure_ascii=False) + "\n")
    return "".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--split", type=Split, default=Split.TEST, choices=list(Split))
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    try:
        replace_file(arguments.out, nearest_answers(arguments.split))
    except OSError as error:
        sys.exit(f"{arguments.out}: cannot write ({error.strerror}); name another file")


if __name__ == "__main__":
    main()
