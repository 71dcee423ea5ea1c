"""The same candidates on engine hf and on engine vllm: share of identical answers, and the difference of ``correct``.

    python benchmarks/vllm_parity.py --rows 160 --out parity.json [--dtype bfloat16] [--model FOLDER] [--vllm-python PYTHON]

Rows of the development split, all domains alike. Answers are compared up to ``</output>``, where the service stops reading: hf
may write on to the end of the token that holds the tag. The interval is the project's own: paired, by intent.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from against_lm_eval import ROOT, timed
from vllm_speed import NAMES, project


def parity(mine: Any, other: Any, items: dict[str, Any]) -> dict[str, Any]:
    """How the vllm run ``mine`` agrees with the hf run ``other``."""
    import numpy as np

    from harness.comparison.pairs import difference
    from harness.scoring.completion import parse

    first, second = ({sample.id: sample for sample in run.samples()} for run in (mine, other))
    assert all(first[key].prompt == second[key].prompt for key in items)
    same = [parse(first[key].completion).text == parse(second[key].completion).text for key in items]
    scores = [np.array([run.scores()[key]["correct"] for key in items]) for run in (mine, other)]
    names = sorted({item.intent for item in items.values()})
    intents = np.array([names.index(item.intent) for item in items.values()])
    found = difference(scores[0] - scores[1], intents, None, 0.05, binary=True)
    return {
        "rows": len(items),
        "intents": len(names),
        "identical": sum(same) / len(same),
        "same_correct": float((scores[0] == scores[1]).mean()),
        "correct_vllm": float(scores[0].mean()),
        "correct_hf": float(scores[1].mean()),
        "difference": found.diff,
        "low": found.low,
        "high": found.high,
        "devices": [run.manifest()["engine"]["device"] for run in (mine, other)],
        "proof": mine.manifest()["adapter_proof"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=160)
    parser.add_argument("--new-tokens", type=int, default=160)
    parser.add_argument("--batch", type=int, default=40, help="rows that hf answers at once")
    parser.add_argument("--dtype", default="bfloat16")
    parser.add_argument("--model", type=Path, help="folder with the weights; default: the packaged model")
    parser.add_argument("--candidates", nargs="+", default=["base", "sft-v1", "sft-v2"], choices=NAMES)
    parser.add_argument("--enforce-eager", action="store_true")
    parser.add_argument("--vllm-python", default=sys.executable)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    sys.path.insert(0, str(ROOT))  # a checkout that is not installed
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    from harness.candidates.candidate import get_candidate
    from harness.candidates.models import prepare_model
    from harness.config import load_config
    from harness.runs.answering import stored_run
    from harness.suite.item import Split

    model = arguments.model or prepare_model("smollm2-135m", load_config(ROOT / "harness.toml"))
    found = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        project(folder, Path(model).resolve(), arguments, ("vllm", "hf"), arguments.batch)
        names = arguments.candidates
        timed([arguments.vllm_python, "-m", "harness", "run", *names, "--split", "dev"], folder)
        timed([sys.executable, "-m", "harness", "run", *(f"{each}-hf" for each in names), "--split", "dev"], folder)
        config = load_config(folder / "harness.toml")
        for each in names:
            mine, other = (get_candidate(one, config) for one in (each, f"{each}-hf"))
            items = {item.id: item for item in mine.suite.items(Split.DEV)}
            found[each] = parity(stored_run(mine, Split.DEV, config), stored_run(other, Split.DEV, config), items)
    arguments.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(f"{arguments.dtype}, {arguments.new_tokens} new tokens")
    print("candidate  rows  identical  same correct  correct hf  correct vllm  difference, 95% interval")
    for each, row in found.items():
        print(
            f"{each:9s} {row['rows']:5d} {100 * row['identical']:9.1f}% {100 * row['same_correct']:12.1f}%"
            f" {100 * row['correct_hf']:10.1f}% {100 * row['correct_vllm']:12.1f}%"
            f"  {100 * row['difference']:+.1f} points, {100 * row['low']:+.1f} to {100 * row['high']:+.1f}"
        )


if __name__ == "__main__":
    main()
