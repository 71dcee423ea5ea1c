"""``harness compare``."""

import json
import random
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from harness.candidates.candidate import Candidate
from harness.cli.common import answering_progress, as_json_option, console, current_config, print_json, split_option
from harness.comparison import Comparison, compare
from harness.config import Config
from harness.errors import InputError
from harness.runs.store import Run
from harness.suite.item import Split


@click.command("compare")
@click.argument("names", nargs=-1, required=True, metavar="CANDIDATE...")
@split_option
@click.option("--baseline", help="Candidate to compare with [default: the file's, else the first named].")
@click.option(
    "--spot-check",
    "spot_checks",
    default=0,
    metavar="N",
    help="Regenerate N stored answers once, and say how many agree.",
)
@click.option("--fresh", is_flag=True, help="Generate every answer again.")
@click.option("--reveal-test", is_flag=True, help="Show test items one by one; recorded in the store's looks.jsonl.")
@as_json_option
@click.pass_context
def command(
    ctx: click.Context,
    names: tuple[str, ...],
    split: str,
    baseline: str | None,
    spot_checks: int,
    fresh: bool,
    reveal_test: bool,
    as_json: bool,
) -> None:
    """Compare CANDIDATE... on a split: what is missing is generated, then a table, a verdict, and reports on disk."""
    from harness.candidates.candidate import get_candidate
    from harness.reports.files import write_reports
    from harness.reports.terminal import render
    from harness.runs.answering import complete_runs

    config = current_config(ctx)
    names = tuple(dict.fromkeys(names))
    base = baseline or (config.baseline if config.baseline in names or len(names) == 1 else names[0])
    names = names if base in names else (base, *names)
    candidates = [get_candidate(name, config) for name in names]
    chosen = Split(split)
    with answering_progress() as progress:
        runs = complete_runs(candidates, chosen, config, fresh, progress)
        if spot_checks:
            _check_once(candidates, runs, chosen, spot_checks, config, progress)
    show_items = chosen is not Split.TEST or reveal_test
    if reveal_test and chosen is Split.TEST:
        _record_look(config, names)
    comparison = _compared(candidates, runs, chosen, base, config, show_items)
    files = write_reports(comparison, config.root / config.store / "reports")
    if as_json:
        print_json(comparison)
    else:
        render(comparison, console)
        for path in files:
            console.print(f"[dim]{_relative(path)}[/dim]")


def _compared(
    candidates: Sequence[Candidate], runs: dict[str, Run], split: Split, baseline: str, config: Config, show_items: bool
) -> Comparison:
    from harness.runs.spot_check import recall

    checks = recall([run.key for run in runs.values()], config)
    return compare(
        candidates,
        runs,
        candidates[0].suite.items(split),
        split,
        config.primary_metric,
        config.metrics,
        baseline,
        show_items=show_items,
        spot_checks={name: asdict(checks[run.key]) for name, run in runs.items() if run.key in checks},
    )


def _check_once(
    candidates: Sequence[Candidate], runs: dict[str, Run], split: Split, samples: int, config: Config, progress: Any
) -> None:
    """Spot-check the generated runs not checked here before, ``samples`` answers shared among them."""
    from harness.cli.runs import check_runs
    from harness.runs.spot_check import recall

    generated = [candidate for candidate in candidates if candidate.engine != "recorded"]
    known = recall([runs[candidate.name].key for candidate in generated], config)
    unchecked = [candidate for candidate in generated if runs[candidate.name].key not in known]
    if unchecked:
        share = max(1, samples // len(generated))
        check_runs(unchecked, runs, split, share, random.SystemRandom().randrange(2**31), config, progress)


def _record_look(config: Config, names: Sequence[str]) -> None:
    path = config.root / config.store / "looks.jsonl"
    look = {
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "what": "items of the test split shown",
        "candidates": list(names),
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(look) + "\n")
    except OSError as error:
        raise InputError(f"{path}: the look cannot be recorded ({error.strerror}), so nothing is revealed") from None


def _relative(path: Path) -> Path:
    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path
