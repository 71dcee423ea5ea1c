"""``harness judge validate``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.markup import escape
from rich.table import Table

from harness.cli.common import as_json_option, console, current_config, print_json, without_nan
from harness.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.scoring.judge.validation import Recovered, Validation

BEGIN, END = "<!-- harness judge validate: begin -->", "<!-- harness judge validate: end -->"


@click.command("validate")
@click.option("--draws", default=200, show_default=True, type=click.IntRange(2), help="Projects drawn for each judge.")
@click.option("--labelled", default=200, show_default=True, type=click.IntRange(4), help="Items labelled in each draw.")
@click.option("--write", "document", type=click.Path(path_type=Path), help="Write the tables into this Markdown file.")
@as_json_option
@click.pass_context
def validate_command(ctx: click.Context, draws: int, labelled: int, document: Path | None, as_json: bool) -> None:
    """Measure simulated judges of known faults; estimates and intervals must recover what was planted. Asks no judge."""
    from harness.scoring.judge.validation import JUDGES, validate
    from harness.suite.item import Split
    from harness.suite.suite import load_suite

    config = current_config(ctx)
    items = load_suite(config.suite, config.root / config.tasks if config.tasks else None).items(Split.TEST)
    if labelled > len(items):
        raise InputError(f"--labelled {labelled}: the test split has {len(items)} items")
    found = [validate(judge, items, labelled, draws) for judge in JUDGES]
    if document:
        _write(
            document,
            markdown(found, f"harness judge validate --draws {draws} --labelled {labelled}", _commit(config.root)),
        )
    if as_json:
        from dataclasses import asdict

        print_json(without_nan([asdict(each) for each in found]))
        return
    for each in found:
        console.print(f"\n[bold]{escape(each.judge.name)}[/bold]: {escape(_planted(each))}", highlight=False)
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for column in ("figure", "planted", "mean of estimates", "covered by 95% intervals"):
            table.add_column(column, justify="left" if column == "figure" else "right")
        for row in _shown(each):
            table.add_row(row.figure, f"{row.planted:.3f}", f"{row.mean:.3f}", f"{100 * row.covered:.1f}%")
        console.print(table, highlight=False)
    noise = 100 * found[0].recovered[0].noise
    console.print(
        f"\n[dim]{draws} draws a judge: a share covered of 95% has a standard error of {noise:.1f} points[/dim]"
    )


def _planted(found: "Validation") -> str:
    judge = found.judge
    said = f"sensitivity {judge.sensitivity:g}, specificity {judge.specificity:g}"
    if judge.leniency:
        said += f", passes {100 * judge.leniency:g} points more of the new candidate's wrong answers"
    if judge.first != 1:
        said += f", odds {judge.first:g} for standing first"
    if judge.twice_the_length != 1:
        said += f", odds {judge.twice_the_length:g} for twice the length"
    return (
        f"{said}. As judged, the true difference of +10.0 points is {100 * found.judged_difference:+.1f}; "
        f"no accuracy claimed in {100 * found.refused:.0f}% of draws"
    )


def _shown(found: "Validation") -> "Sequence[Recovered]":
    """Rows known in at least half of the draws: what is mostly refused has no coverage."""
    return [row for row in found.recovered if row.draws * 2 >= found.draws]


def markdown(found: "Sequence[Validation]", command: str, commit: str) -> str:
    """The section of a document: one coverage table for all judges."""
    names = [each.judge.name for each in found]
    rows = {row.figure: None for each in found for row in _shown(each)}
    lines = [
        BEGIN,
        "## Validated on simulated judges",
        "",
        f"`{command}` at commit {commit}: {found[0].draws} drawn projects a judge, {found[0].labelled} items labelled in both arms "
        f"of a split with the suite's own intents. In each cell: planted, mean of the estimates, share of 95% intervals that hold "
        f"the planted value (standard error {100 * found[0].recovered[0].noise:.1f} points by the number of draws).",
        "",
        *(f"- **{each.judge.name}**: {_planted(each)}." for each in found),
        "",
        "| figure | " + " | ".join(names) + " |",
        "|---" * (len(names) + 1) + "|",
    ]
    for figure in rows:
        cells = [next((row for row in _shown(each) if row.figure == figure), None) for each in found]
        texts = [
            "refused" if one is None else f"{one.planted:.3f}, {one.mean:.3f}, {100 * one.covered:.1f}%"
            for one in cells
        ]
        lines.append(f"| {figure} | " + " | ".join(texts) + " |")
    return "\n".join([*lines, END]) + "\n"


def _write(path: Path, section: str) -> None:
    """Put the section in the place of the one before it, else at the end."""
    try:
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        before, began, rest = text.partition(BEGIN)
        after = rest.partition(END)[2].removeprefix("\n") if began else ""
        gap = "\n" if before and not before.endswith("\n\n") else ""
        path.write_text(before + gap + section + after, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror}); name another file") from None


def _commit(root: Path) -> str:
    import subprocess

    found = subprocess.run(
        ["git", "rev-parse", "--short=12", "HEAD"], cwd=root, capture_output=True, text=True, check=False
    )
    return found.stdout.strip() or "unknown"
