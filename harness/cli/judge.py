"""``harness judge``: ask the judge of ``harness.toml`` about stored answers."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from harness.cli import judge_calibrate, judge_pairwise, judge_validate
from harness.cli.common import as_json_option, console, current_config, print_json, progress_console, split_option
from harness.cli.completing import candidate_names
from harness.errors import InputError
from harness.terminal import echo

if TYPE_CHECKING:
    from harness.scoring.judge.summary import Summary


@click.group("judge", help="Ask a model to judge stored answers, and measure it against labels.")
def command() -> None:
    """Group of the commands below."""


for _command in (
    judge_calibrate.calibrate_command,
    judge_calibrate.again_command,
    judge_calibrate.needed_command,
    judge_pairwise.pairwise_command,
    judge_validate.validate_command,
):
    command.add_command(_command)


@command.command("run")
@click.argument("names", nargs=-1, required=True, metavar="CANDIDATE...", shell_complete=candidate_names)
@split_option
@click.option("--batch", is_flag=True, help="Use the Batch API: half the price, up to a day; run again to collect.")
@click.option(
    "--limit", type=click.IntRange(1), metavar="N", help="Judge the first N items, taken from all domains in turn."
)
@click.option("--drawn", is_flag=True, help="Judge only the items that a review drew of all of them.")
@as_json_option
@click.pass_context
def run_command(
    ctx: click.Context, names: tuple[str, ...], split: str, batch: bool, limit: int | None, drawn: bool, as_json: bool
) -> None:
    """Judge the stored answers of CANDIDATE... on a split. What is judged already is kept; failures are asked again."""
    from harness.candidates.candidate import get_candidate
    from harness.labels.sample import drawn_items
    from harness.labels.store import LabelStore
    from harness.review.server import labels_path
    from harness.runs.answering import request, run_folders
    from harness.runs.store import find_run
    from harness.scoring.judge.judging import answers_of
    from harness.scoring.judge.session import judge_answers
    from harness.scoring.judge.summary import summarise
    from harness.suite.item import Split

    config = current_config(ctx)
    candidates = [get_candidate(name, config) for name in dict.fromkeys(names)]
    suite, chosen = candidates[0].suite, Split(split)
    items = suite.items(chosen)
    runs = {}
    for candidate in candidates:
        run = find_run(request(candidate, chosen).key, run_folders(config))
        if run is None:
            raise InputError(
                f"no complete run of {candidate.name} on {split}; make it first: harness run {candidate.name} --split {split}"
            )
        runs[candidate.name] = run
    fingerprints = {runs[candidate.name].key: candidate.fingerprint for candidate in candidates}
    distinct = {run.key: run for run in runs.values()}  # two names of one candidate share a run
    if drawn:
        wanted = drawn_items(LabelStore(labels_path(config)), distinct.keys())
        items = [item for item in items if item.id in wanted]
        if not items:
            raise InputError(
                f"no review drew answers of {', '.join(names)} on {split}; draw some: "
                f"harness review start {' '.join(names)} --split {split}"
            )
    with ExitStack() as held, progress_bar() as progress:
        for run in distinct.values():
            held.enter_context(run.locked())
        found = judge_answers(
            [answer for key, run in distinct.items() for answer in answers_of(run, fingerprints[key], items, limit)],
            suite,
            config,
            {key: run.folder for key, run in distinct.items()},
            estimated=lambda estimate: echo(f"{config.judge.name}: {estimate.sentence()}", err=True),
            progress=progress,
            said=lambda line: echo(line, err=True),
            batch=batch,
        )
    by_run = {name: [each for each in found if each.run == run.key] for name, run in runs.items()}
    summaries = {name: summarise(judgements, config.judge) for name, judgements in by_run.items()}
    total = summarise(found, config.judge)
    if as_json:
        print_json({"candidates": {name: asdict(each) for name, each in summaries.items()}, "total": asdict(total)})
        return
    _show(summaries, total)


@contextmanager
def progress_bar(what: str = "judging") -> Iterator[Any]:
    """A bar on standard error where it is a terminal; called with what is done and what is wanted."""
    columns = (
        TextColumn(f"{what}:"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=progress_console, disable=not progress_console.is_terminal) as bars:
        task = bars.add_task(what)
        yield lambda done, total: bars.update(task, completed=done, total=total)


def _show(summaries: "dict[str, Summary]", total: "Summary") -> None:
    table = Table(box=None, pad_edge=False)
    table.add_column("candidate")
    for name in ("judged", "correct", "incorrect", "undecided"):
        table.add_column(name, justify="right")
    for name, each in summaries.items():
        table.add_row(
            name, *(f"{count:,}" for count in (each.judgements, each.correct, each.incorrect, each.undecided))
        )
    console.print(table)
    console.print(f"{total.sentence()}.", highlight=False, markup=False)
    for why, count in total.why_undecided.items():
        console.print(f"  {count:,} undecided: {why}", highlight=False, markup=False)
