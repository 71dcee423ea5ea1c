"""``harness report``."""

from pathlib import Path

import click
from rich.markup import escape

from harness.cli.common import as_json_option, console, current_config, print_json
from harness.errors import InputError


@click.group("report", help="Report the project's phases on lines of progress.")
def command() -> None:
    """Group of the commands below."""


@command.command("phases")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the files [default: the store's reports].",
)
@as_json_option
@click.pass_context
def phases(ctx: click.Context, out: Path | None, as_json: bool) -> None:
    """Show the [[phases]] of harness.toml: candidates by their stored test runs, and counts that were reported.

    Nothing is generated; the look at the test split is recorded in the ledger. Writes HTML, Markdown, JSON, SVG and PNG.
    """
    from harness.candidates.candidate import get_candidate
    from harness.gate.ledger import Look, record
    from harness.phases import report
    from harness.reports.phases import render_phases, write_phases
    from harness.runs.answering import stored_run
    from harness.suite.item import Split
    from harness.suite.lock import TestSet, verify

    config = current_config(ctx)
    if not config.phases:
        raise InputError("harness.toml declares no [[phases]]; docs/configuration.md shows how")
    names = dict.fromkeys(each.candidate for each in config.phases if each.candidate)
    candidates = [get_candidate(name, config) for name in names]
    runs = {each.name: [stored_run(each, Split.TEST, config)] for each in candidates}
    looked = {
        each.name: each.fingerprint
        for each in candidates
        if each.name != config.baseline and not each.settings.reference
    }
    if looked:
        base = next((each for each in candidates if each.name == config.baseline), candidates[0])
        test = TestSet.of(verify(base.suite))
        record(config.ledger_path, Look("compare", test.lock, looked, base.fingerprint, questions=test.questions))
    found = report(config, candidates, runs)
    files, hint = write_phases(found, out or config.root / config.store / "reports")
    if as_json:
        print_json(found)
        return
    render_phases(found, console)
    for path in files:
        console.print(f"[dim]{escape(str(path))}[/dim]", highlight=False)
    if hint:
        console.print(hint, highlight=False, markup=False)
