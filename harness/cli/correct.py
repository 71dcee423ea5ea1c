"""``harness correct``: corrections of a run's wrong answers, and training rows of them."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.markup import escape

from harness.cli.common import as_json_option, console, current_config, print_json
from harness.cli.completing import candidate_names, run_names
from harness.errors import InputError
from harness.terminal import echo

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.config import Config
    from harness.corrections.correcting import Corrected
    from harness.corrections.teacher import Teacher
    from harness.corrections.wrong import Wrong
    from harness.runs.store import Run
    from harness.suite.suite import Suite


class _RunFirst(click.Group):
    """``harness correct RUN`` is ``harness correct run RUN``: what names no command names a run."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in {*self.commands, *ctx.help_option_names}:
            args = ["run", *args]
        return super().parse_args(ctx, args)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, "RUN [OPTIONS] | COMMAND [ARGS]...")


@click.group("correct", cls=_RunFirst)
def command() -> None:
    """Have a teacher correct a run's wrong answers, check what it writes, and export it as training rows.

    `harness correct RUN` is `harness correct run RUN`, and takes its options.
    """


@command.command("run")
@click.argument("name", metavar="RUN", shell_complete=run_names)
@click.option(
    "--by",
    default="correct",
    show_default=True,
    metavar="SCORER|judge|labels",
    help="What says which answers are wrong.",
)
@click.option(
    "--teacher", metavar="NAME", help="Candidate that writes the corrections [default: the model under [judge]]."
)
@click.option("--into", metavar="NAME", help="Dataset corrections/NAME.jsonl [default: the candidate's name].")
@click.option(
    "--limit", type=click.IntRange(1), metavar="N", help="Attempt at most N answers that were not attempted yet."
)
@as_json_option
@click.pass_context
def run_command(
    ctx: click.Context, name: str, by: str, teacher: str | None, into: str | None, limit: int | None, as_json: bool
) -> None:
    """Correct the wrong answers of RUN: a candidate with a stored run on the feedback split, or the digits of a run.

    What passes the scorers and the leakage check enters the dataset, what does not is queued for `harness review corrections`.
    The same command goes on where it stopped, and asks nothing twice.
    """
    from harness.cli.judge import progress_bar
    from harness.corrections.correcting import correct_run, feedback_run
    from harness.corrections.dataset import Dataset
    from harness.labels.store import LabelStore
    from harness.review.server import labels_path

    config = current_config(ctx)
    suite, run = _suite(config), _find(name, config)
    completions = feedback_run(run, suite)
    dataset = Dataset(config.root, into or str(run.manifest()["candidate"]["name"]))
    store = LabelStore(labels_path(config))
    wrong = _wrong(by, run, completions, suite, config, store)
    with progress_bar("correcting") as progress:
        found = correct_run(
            run,
            completions,
            wrong,
            _teacher(teacher, config, suite),
            suite,
            dataset,
            store,
            limit=limit,
            progress=progress,
        )
    if as_json:
        print_json({"run": run.key, "dataset": str(dataset.path), "wrong_by": wrong.by, **asdict(found)})
    else:
        _show(found, wrong.by, dataset.path, dataset.name)


def _suite(config: "Config") -> "Suite":
    from harness.suite.suite import load_suite

    return load_suite(config.suite, config.root / config.tasks if config.tasks else None)


def _find(name: str, config: "Config") -> "Run":
    """A candidate's run on the feedback split, else the run whose key begins with ``name``."""
    from harness.candidates.candidate import get_candidate
    from harness.runs.answering import request, run_folders
    from harness.runs.store import find_run, list_runs
    from harness.suggest import nearest
    from harness.suite.item import Split

    folders = run_folders(config)
    if name in config.candidates:
        run = find_run(request(get_candidate(name, config), Split.FEEDBACK).key, folders)
        if run is None:
            raise InputError(
                f"no complete run of {name} on feedback; make it first: harness run {name} --split feedback"
            )
        return run
    found = [run for run in list_runs(folders) if run.key.startswith(name)]
    if len(found) != 1:
        said = "no candidate and no run" if not found else f"{len(found)} runs"
        raise InputError(f"{said} {name!r}{nearest(name, config.candidates)}; see: harness runs list")
    return found[0]


def _wrong(
    by: str, run: "Run", completions: "Mapping[str, str]", suite: "Suite", config: "Config", store: Any
) -> "Wrong":
    from harness.corrections.wrong import wrong_by_judge, wrong_by_labels, wrong_by_scorer
    from harness.suite.item import Split
    from harness.suite.lock import verify

    lock = verify(suite)["sha256"]
    items = [item for item in suite.items(Split.FEEDBACK) if item.id in completions]
    if by == "judge":
        return wrong_by_judge(run, items, config, lock)
    if by == "labels":
        return wrong_by_labels(run, items, completions, store, lock)
    return wrong_by_scorer(by, items, completions, suite.knowledge)


def _teacher(name: str | None, config: "Config", suite: "Suite") -> "Teacher":
    from harness.candidates.candidate import get_candidate
    from harness.corrections.teacher import CandidateTeacher, JudgeTeacher

    if name is None:
        judge = config.judge.asked
        return JudgeTeacher(config, suite, lambda cost: echo(f"{judge}: {cost.sentence()}", err=True))
    return CandidateTeacher(get_candidate(name, config))


def _show(found: "Corrected", by: str, path: Path, name: str) -> None:
    console.print(
        f"{found.wrong} answers are wrong by {escape(by)}, {found.known} of them attempted before", highlight=False
    )
    if found.leaking:
        console.print(
            f"{found.leaking} questions stand too close to test or development questions; they were not asked",
            highlight=False,
        )
    money = "" if found.dollars is None else f", ${found.dollars:,.2f}"
    console.print(
        f"{found.entered} corrections entered {escape(str(path))}, {found.queued} were refused and queued "
        f"({found.tokens:,} tokens{money})", highlight=False,
    )  # fmt: skip
    for check, count in found.reasons.items():
        console.print(f"  {count} failed: {check}", highlight=False)
    for why, count in found.failed.items():
        console.print(f"  {count} without a reply: {escape(why)}", highlight=False)
    if found.queued:
        console.print(
            f"[dim]Look at what was refused: harness review corrections {escape(name)}[/dim]", highlight=False
        )


@command.command("collect")
@click.argument("name")
@as_json_option
@click.pass_context
def collect_command(ctx: click.Context, name: str, as_json: bool) -> None:
    """Enter what reviewers rewrote in dataset NAME's queue and passes the checks, and what people called correct."""
    from harness.corrections.dataset import Dataset
    from harness.corrections.queue import collect
    from harness.labels.store import LabelStore
    from harness.review.server import labels_path
    from harness.suite.lock import verify

    config = current_config(ctx)
    suite, dataset = _suite(config), Dataset(config.root, name)
    found = collect(LabelStore(labels_path(config)), dataset, suite, verify(suite)["sha256"])
    if as_json:
        print_json(asdict(found))
        return
    console.print(
        f"{found.rewritten} rewritten and {found.passed} called correct by people entered {escape(str(dataset.path))}; "
        f"{found.waiting} wait", highlight=False,
    )  # fmt: skip
    for item, reviewer, reasons in found.still:
        console.print(escape(f"  {item}, rewritten by {reviewer}, still fails {'; '.join(reasons)}"), highlight=False)


@command.command("export")
@click.argument("name")
@click.option("--as", "shape", type=click.Choice(["sft", "pairs"]), required=True, help="Rows to train on, or pairs.")
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help=".json, .jsonl, .parquet or .pkl.",
)
@click.option(
    "--candidate",
    metavar="NAME",
    shell_complete=candidate_names,
    help="Ask as this candidate is asked: its system prompt and retrieval.",
)
@as_json_option
@click.pass_context
def export_command(
    ctx: click.Context, name: str, shape: Any, target: Path, candidate: str | None, as_json: bool
) -> None:
    """Write dataset NAME as chat messages, in TRL's formats: prompt and completion, or prompt, chosen and rejected."""
    from harness.candidates.candidate import get_candidate
    from harness.corrections.checks import refuse_held_out
    from harness.corrections.dataset import Dataset
    from harness.corrections.export import training_rows
    from harness.corrections.record import load_corrections
    from harness.data.export import export
    from harness.engines.asking import asking
    from harness.suite.item import Split
    from harness.suite.prompts import messages

    config = current_config(ctx)
    suite, dataset = _suite(config), Dataset(config.root, name)
    corrections = load_corrections(dataset.path)
    refuse_held_out((each.item for each in corrections), suite, str(dataset.path))
    ask = asking(get_candidate(candidate, config)) if candidate else lambda item: messages(item, None)
    items = {item.id: item for item in suite.items(Split.FEEDBACK)}
    rows = training_rows(corrections, items, ask, shape)
    export(rows, target)
    if as_json:
        print_json({"rows": len(rows), "file": str(target)})
    else:
        console.print(f"{len(rows)} rows in {escape(str(target))}", highlight=False)
