"""``harness suite``."""

import click
from rich.table import Table

from harness.cli.common import as_json_option, console, current_config, print_json
from harness.cli.suite_twin import make_twin_command, twin_command
from harness.suite.suite import Suite, load_suite


@click.group("suite", help="Show, verify and lock suites.")
def command() -> None:
    """Group of the commands below."""


command.add_command(twin_command)
command.add_command(make_twin_command)


def _suite(ctx: click.Context, name: str | None) -> Suite:
    config = current_config(ctx)
    return load_suite(name or config.suite, config.root / config.tasks if config.tasks else None)


@command.command("show")
@click.argument("name", required=False)
@as_json_option
@click.pass_context
def show_command(ctx: click.Context, name: str | None, as_json: bool) -> None:
    """Show the counts of a suite (default: the one in harness.toml). Items of the test split stay unseen."""
    from harness.suite.lock import verify

    suite = _suite(ctx, name)
    lock = verify(suite)
    shown = {
        "suite": suite.name,
        "folder": str(suite.root),
        "lock": lock["sha256"],
        "facts": len(suite.knowledge.facts),
        "counts": lock["counts"],
    }
    if as_json:
        print_json(shown)
        return
    splits = list(lock["counts"])
    table = Table(
        box=None,
        pad_edge=False,
        title=f"{suite.name}: {shown['facts']} facts, lock {lock['sha256'][:12]}",
        title_justify="left",
    )
    table.add_column("domain")
    for split in splits:
        table.add_column(split, justify="right")
    for domain in suite.domains():
        table.add_row(domain, *(str(lock["counts"][split].get(domain, 0)) for split in splits))
    table.add_row("all", *(str(sum(lock["counts"][split].values())) for split in splits), style="bold")
    console.print(table)


@command.command("verify")
@click.argument("name", required=False)
@as_json_option
@click.pass_context
def verify_command(ctx: click.Context, name: str | None, as_json: bool) -> None:
    """Check a suite against its lock: exit 0, or 4 naming the file that differs."""
    from harness.suite.lock import verify

    suite = _suite(ctx, name)
    lock = verify(suite)
    if as_json:
        print_json({"suite": suite.name, "lock": lock["sha256"], "files": len(lock["files"]), "verified": True})
    else:
        console.print(f"{suite.name}: {len(lock['files'])} files match lock {lock['sha256'][:12]}")


@command.command("lock")
@click.argument("name", required=False)
@click.pass_context
def lock_command(ctx: click.Context, name: str | None) -> None:
    """Write a new lock; every run's scores have to be renewed after it."""
    from harness.suite.lock import write_lock

    suite = _suite(ctx, name)
    lock = write_lock(suite)
    console.print(f"{suite.name}: locked {len(lock['files'])} files as {lock['sha256'][:12]}")
