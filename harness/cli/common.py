"""What several commands share: the configuration, output on the terminal and as JSON, progress bars."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from harness.config import Config, find_config, load_config
from harness.errors import InputError
from harness.suggest import nearest
from harness.suite.suite import Suite, load_suite
from harness.terminal import SafeConsole, json_text

if TYPE_CHECKING:
    from harness.runs.store import Run

ProgressCallback = Any

console = SafeConsole()
progress_console = SafeConsole(stderr=True)

as_json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
split_option = click.option(
    "--split",
    type=click.Choice(["test", "dev", "feedback", "train"]),
    default="test",
    show_default=True,
    help="Split to use.",
)


def current_config(ctx: click.Context) -> Config:
    """The configuration of this call."""
    chosen = ctx.find_root().obj["config"]
    return load_config(Path(chosen).resolve() if chosen else find_config(Path.cwd()))


def chosen_suite(ctx: click.Context, name: str | None) -> Suite:
    """The suite ``name``, by default the one in ``harness.toml``."""
    config = current_config(ctx)
    return load_suite(name or config.suite, config.root / config.tasks if config.tasks else None)


def named_run(key: str, config: Config) -> "Run":
    """The stored run whose key begins with ``key``, or that belongs to the candidate so named. Raises `InputError`."""
    from harness.runs.answering import run_folders
    from harness.runs.store import list_runs

    runs = list_runs(run_folders(config))
    names = {run.key: str(run.manifest()["candidate"]["name"]) for run in runs}
    found = [run for run in runs if run.key.startswith(key) or names[run.key] == key]
    if not found:
        raise InputError(f"no run {key!r}{nearest(key, {*names, *names.values()})}; see: harness runs list")
    if len(found) > 1:
        raise InputError(
            f"{len(found)} runs answer to {key!r}; give the key: {', '.join(run.key[:12] for run in found)}"
        )
    return found[0]


def without_nan(value: Any) -> Any:
    """The value with ``None`` for every nan: JSON has no such number."""
    if isinstance(value, dict):
        return {key: without_nan(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_nan(each) for each in value]
    return None if isinstance(value, float) and value != value else value


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    click.echo(json_text(asdict(value) if is_dataclass(value) and not isinstance(value, type) else value))


@contextmanager
def answering_progress() -> Iterator[ProgressCallback]:
    """Bars on standard error where it is a terminal, one a candidate, for loading, generating and scoring."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=progress_console, disable=not progress_console.is_terminal) as bars:
        tasks: dict[tuple[str, str], Any] = {}
        words = {"load": "loading model for", "generate": "answering:", "score": "scoring:"}

        def show(candidate: str, stage: str, done: int, total: int) -> None:
            key = (candidate, stage)
            if key not in tasks:
                tasks[key] = bars.add_task(f"{words.get(stage, stage)} {candidate}", total=total)
            bars.update(tasks[key], completed=done, total=total)

        yield show
