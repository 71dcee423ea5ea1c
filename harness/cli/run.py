"""``harness run``."""

import click

from harness.cli.common import answering_progress, as_json_option, current_config, print_json, split_option
from harness.cli.completing import candidate_names
from harness.terminal import echo


@click.command("run")
@click.argument("names", nargs=-1, required=True, metavar="CANDIDATE...", shell_complete=candidate_names)
@split_option
@click.option("--fresh", is_flag=True, help="Ignore stored answers and generate all again.")
@as_json_option
@click.pass_context
def command(ctx: click.Context, names: tuple[str, ...], split: str, fresh: bool, as_json: bool) -> None:
    """Answer a split with CANDIDATE..., score it and store both. An interrupted run goes on where it stopped."""
    from harness.candidates.candidate import get_candidate
    from harness.runs.answering import complete_runs
    from harness.suite.item import Split

    config = current_config(ctx)
    candidates = [get_candidate(name, config) for name in names]
    with answering_progress() as progress:
        runs = complete_runs(candidates, Split(split), config, fresh, progress)
    rows = {
        name: {"run": run.key, "folder": str(run.folder), "timing": run.manifest()["timing"]}
        for name, run in runs.items()
    }
    if as_json:
        print_json(rows)
        return
    for name, row in rows.items():
        timing = ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in row["timing"].items())
        echo(f"{name}: {row['folder']} ({timing})")
