"""``harness suite init`` and ``harness suite tasks``."""

from pathlib import Path

import click

from harness.cli.common import chosen_suite, console
from harness.cli.completing import suite_names


@click.command("init")
@click.argument("name")
@click.option(
    "--folder", type=click.Path(path_type=Path), default=Path("tasks"), show_default=True,
    help="Folder of suites to write it into.",
)  # fmt: skip
def init_command(name: str, folder: Path) -> None:
    """Write a new suite NAME with two example facts and an example intent a split; it runs at once."""
    from harness.suite.scaffold import init_suite

    suite = init_suite(name, folder.resolve(), folder.as_posix())
    console.print(
        f"{folder / suite.name}: written and locked; its README says what is what.\n"
        f'In harness.toml: suite = "{suite.name}" and tasks = "{folder.as_posix()}"; then: harness compare CANDIDATE...',
        highlight=False,
        markup=False,
        soft_wrap=True,
    )


@click.command("tasks")
@click.argument("name", required=False, shell_complete=suite_names)
@click.pass_context
def tasks_command(ctx: click.Context, name: str | None) -> None:
    """Write a suite's YAML and task.py for plain lm-eval, one task a domain; after a domain came or went."""
    from harness.suite.tasks import write_tasks

    suite = chosen_suite(ctx, name)
    written = write_tasks(suite)
    console.print(
        f"{suite.name}: {len(written)} files for lm-eval written into {suite.root}",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )
