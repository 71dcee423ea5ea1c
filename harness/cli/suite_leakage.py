"""``harness suite leakage``."""

from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING

import click
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from harness.cli.common import as_json_option, console, current_config, print_json, progress_console, split_option
from harness.cli.completing import candidate_names
from harness.errors import ExitCode, InputError

if TYPE_CHECKING:
    from harness.config import Config
    from harness.suite.item import Item, Split
    from harness.suite.leakage.report import Copied, LeakageReport, TrainingRow


@click.command("leakage")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[TRAIN.jsonl ...]")
@split_option
@click.option(
    "--run",
    "candidate",
    metavar="CANDIDATE",
    shell_complete=candidate_names,
    help="Count its stored outputs that equal a training target.",
)
@click.option(
    "--quick", is_flag=True, help="Leave out the semantic check: it gives hints, decides nothing, loads a model."
)
@click.option("--reveal-test", is_flag=True, help="Show the questions of the test split; recorded in the ledger.")
@as_json_option
@click.pass_context
def leakage_command(
    ctx: click.Context,
    files: tuple[Path, ...],
    split: str,
    candidate: str | None,
    quick: bool,
    reveal_test: bool,
    as_json: bool,
) -> None:
    """Find training rows that repeat a question of the suite: exit 0 where there are none, 1 where there are some.

    Training rows are those of TRAIN.jsonl (problem, and generated_solution or expected_answer), else the suite's own train
    and feedback splits.
    """
    from harness.suite.item import Split
    from harness.suite.leakage.report import leakage_report, read_training_rows, rows_of_items
    from harness.suite.suite import load_suite

    config = current_config(ctx)
    suite = load_suite(config.suite, config.root / config.tasks if config.tasks else None)
    chosen = Split(split)
    items = suite.items(chosen)
    rows: list[TrainingRow] = []
    if files:
        for file in files:
            rows += read_training_rows(file)
    own = [] if files else [each for each in (Split.TRAIN, Split.FEEDBACK) if each is not chosen and suite.has(each)]
    for each in own:
        rows += rows_of_items(suite.items(each))
    sources = [str(file) for file in files] or [f"{each} split" for each in own]
    copied = _copied(candidate, chosen, rows, config) if candidate else None
    cache = config.root / config.store / "cache"
    with progress_console.status(f"comparing {len(rows)} training rows with {len(items)} questions"):
        report = leakage_report(suite.name, split, items, rows, sources, cache, copied, semantic=not quick)
    revealed = chosen is not Split.TEST or reveal_test
    if reveal_test and chosen is Split.TEST:
        from harness.gate.ledger import Look, record
        from harness.suite.lock import TestSet, verify

        test = TestSet.of(verify(suite))
        record(config.ledger_path, Look("reveal", test.lock, {}, "", questions=test.questions))
    if as_json:
        print_json(report)
    else:
        _render(report, {row.id: row.problem for row in rows}, items, revealed)
    if report.leaking:
        ctx.exit(ExitCode.BLOCKED)


def _copied(name: str, split: "Split", rows: "list[TrainingRow]", config: "Config") -> "Copied":
    from harness.candidates.candidate import get_candidate
    from harness.runs.answering import request, run_folders
    from harness.runs.store import find_run
    from harness.scoring.completion import parse
    from harness.suite.leakage.report import copied_outputs

    run = find_run(request(get_candidate(name, config), split).key, run_folders(config))
    if run is None:
        raise InputError(f"no complete run of {name} on {split}; make it first: harness run {name} --split {split}")
    run.verify()
    readings = {sample.id: (sample.completion, parse(sample.completion).whole) for sample in run.samples()}
    return copied_outputs(name, readings, rows)


def _render(report: "LeakageReport", asked: dict[str, str], items: "list[Item]", revealed: bool) -> None:
    held = {item.id: item.problem for item in items}
    title = (
        f"{report.suite}: {report.training_rows} training rows ({', '.join(report.training)}) "
        f"against {report.items} questions of the {report.split} split"
    )
    console.print(escape(title), style="italic", highlight=False)
    table = Table(box=None, pad_edge=False)
    table.add_column("kind")
    table.add_column("pairs", justify="right")
    table.add_column(f"{report.split} rows", justify="right")
    table.add_column("closest")
    for found in report.kinds:
        first = found.closest[0] if found.closest else None
        closest = f"{first.train_id} ~ {first.test_id} ({first.similarity:.2f})" if first else ""
        table.add_row(found.kind, str(found.pairs), str(found.test_rows), escape(closest))
    console.print(table, highlight=False)
    for found in report.kinds:
        for pair in found.closest:
            console.print(f"\n{found.kind} {pair.similarity:.2f}", style="bold", highlight=False)
            shown = _short(held[pair.test_id]) if revealed else "(hidden; --reveal-test shows it)"
            for row_id, text in ((pair.train_id, _short(asked[pair.train_id])), (pair.test_id, shown)):
                console.print(Padding(escape(f"{row_id}: {text}"), (0, 0, 0, 2)), highlight=False)
    if report.copied:
        console.print(
            f"\n{escape(report.copied.candidate)}: {report.copied.copied} of {report.copied.outputs} outputs "
            f"({report.copied.share:.1%}) equal a training target word for word",
            highlight=False,
        )
    console.print(f"\n{escape(report.semantic)}", style="dim", highlight=False)


def _short(text: str) -> str:
    return shorten(text, 240, placeholder=" …")
