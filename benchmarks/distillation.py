"""What distillation keeps and what it saves: reasoning, size, speed and memory of teacher, student and control.

    python benchmarks/distillation.py sft-v3 distilled distilled-control [--split dev] [--rows 80] [--batch 40]

Reasoning is read from each candidate's run on the split (made where it is missing; `correct` beside it), with the gold's own
reasoning as the yardstick: a step that retells the customer's mistake names no fact either. Speed and memory are those of the
hf engine answering the first ``rows`` items anew, one candidate after the other in this process: tokens written a second
without loading, and on a GPU the peak of allocated memory. Size is the parameters of base and adapter. Asserts nothing; the
paired intervals on the locked set are `harness compare`'s.
"""

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from harness.candidates.candidate import Candidate, get_candidate
from harness.config import load_config
from harness.engines import open_engine
from harness.runs.answering import complete_runs
from harness.runs.store import Run
from harness.scoring.reasoning import Survival, read_reasoning, survival
from harness.suite.item import Item, Split
from harness.suite.suite import Suite

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Cost:
    """Parameters, tokens written a second, and peak bytes of GPU memory where there is a GPU."""

    parameters: int
    tokens_per_second: float
    memory: int | None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("candidates", nargs="+", help="teacher first")
    parser.add_argument("--config", type=Path, default=ROOT / "harness.toml")
    parser.add_argument("--split", type=Split, default=Split.DEV, choices=list(Split))
    parser.add_argument("--rows", type=int, default=80, help="items answered anew to measure speed")
    parser.add_argument("--batch", type=int, default=40)
    arguments = parser.parse_args()

    config = load_config(arguments.config.resolve())
    candidates = [get_candidate(name, config) for name in arguments.candidates]
    suite = candidates[0].suite
    items = suite.items(arguments.split)
    runs = complete_runs(candidates, arguments.split, config)
    table = Table(title=f"{suite.name}, {arguments.split}, {len(items)} items", title_justify="left")
    for heading in (
        "",
        "correct",
        "well-formed",
        "right steps",
        "wrong steps",
        "facts named",
        "parameters",
        "tokens/s",
        "peak GPU",
    ):
        table.add_column(heading, justify="left" if not heading else "right")
    gold = survival([read_reasoning(item.generated_solution, item, suite.knowledge) for item in items])
    table.add_row("gold", "100.0%", *shares(gold), "", "", "")
    for candidate in candidates:
        run = runs[candidate.name]
        correct = sum(row["correct"] for row in run.scores().values()) / len(items)
        cost = measure(candidate, items[: arguments.rows], arguments.batch)
        table.add_row(
            candidate.name, f"{correct:.1%}", *shares(kept(run, items, suite)), f"{cost.parameters / 1e6:.1f} M",
            f"{cost.tokens_per_second:.0f}", f"{cost.memory / 2**30:.2f} GiB" if cost.memory is not None else "no GPU",
        )  # fmt: skip
    Console(width=140).print(table)


def kept(run: Run, items: list[Item], suite: Suite) -> Survival:
    """Reasoning of a run."""
    completions = {sample.id: sample.completion for sample in run.samples()}
    return survival([read_reasoning(completions[item.id], item, suite.knowledge) for item in items])


def shares(found: Survival) -> list[str]:
    """The four shares as cells."""
    return [f"{share:.1%}" for share in (found.well_formed, found.right_steps, found.wrong_steps, found.facts_named)]


def measure(candidate: Candidate, items: list[Item], size: int) -> Cost:
    """Answer ``items`` anew in batches of ``size``, after one batch to warm up."""
    import torch

    engine = open_engine([candidate])
    engine.select(candidate)
    prompts = engine.render(items)
    batches = [slice(start, start + size) for start in range(0, len(items), size)]
    engine.answer(items[batches[0]], prompts[batches[0]])
    on_gpu = torch.cuda.is_available()
    if on_gpu:
        torch.cuda.reset_peak_memory_stats()
    began = time.perf_counter()
    answers = [answer for batch in batches for answer in engine.answer(items[batch], prompts[batch])]
    seconds = time.perf_counter() - began
    memory = torch.cuda.max_memory_allocated() if on_gpu else None
    tokens = sum(engine.lengths([answer])[0] for answer in answers if answer)
    del engine
    if on_gpu:
        torch.cuda.empty_cache()
    return Cost(parameters(candidate), tokens / seconds, memory)


def parameters(candidate: Candidate) -> int:
    """Stored parameters of the base and the adapter; tied embeddings count once."""
    from math import prod

    from safetensors import safe_open

    from harness.candidates.models import prepare_model

    folders = [prepare_model(str(candidate.settings.model), candidate.config)]
    if candidate.adapter:
        folders.append(candidate.adapter)
    count = 0
    for path in (path for folder in folders for path in folder.glob("*.safetensors")):
        with safe_open(path, framework="numpy") as file:
            count += sum(prod(file.get_slice(name).get_shape()) for name in file.keys())  # noqa: SIM118
    return count


if __name__ == "__main__":
    main()
