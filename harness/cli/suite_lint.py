"""``harness suite lint``."""

import os
from collections import Counter
from pathlib import Path

import click
from rich.markup import escape

from harness.cli.common import as_json_option, chosen_suite, console, print_json
from harness.cli.completing import suite_names
from harness.errors import ExitCode


@click.command("lint")
@click.argument("name", required=False, shell_complete=suite_names)
@as_json_option
@click.pass_context
def command(ctx: click.Context, name: str | None, as_json: bool) -> int:
    """Check every item of a suite: facts, amounts, tags, language, wording, pairs. Exit 1 when there are errors."""
    from harness.suite.lint import lint

    suite = chosen_suite(ctx, name)
    findings = lint(suite)
    levels = Counter(finding.level for finding in findings)
    if as_json:
        rows = [
            {
                "level": finding.level,
                "path": finding.path.relative_to(suite.root).as_posix(),
                "line": finding.line,
                "item": finding.item,
                "rule": finding.rule,
                "message": finding.message,
            }
            for finding in findings
        ]
        print_json({"suite": suite.name, "errors": levels["error"], "warnings": levels["warning"], "findings": rows})
    else:
        for finding in findings:
            place = f"{_shown(finding.path)}:{finding.line}"
            style = "red" if finding.level == "error" else "yellow"
            console.print(
                f"{escape(place)}: [{style}]{finding.level}[/{style}] {finding.rule}: ",
                end="",
                highlight=False,
                soft_wrap=True,
            )
            console.print(f"{finding.item}: {finding.message}", highlight=False, markup=False, soft_wrap=True)
        console.print(
            f"{suite.name}: {levels['error']} errors, {levels['warning']} warnings", highlight=False, markup=False
        )
    return ExitCode.BLOCKED if levels["error"] else ExitCode.OK


def _shown(path: Path) -> str:
    """Relative to the working folder where it lies below, so that an editor can open it."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative
