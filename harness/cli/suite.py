"""``harness suite``."""

from collections import Counter

import click
from rich.markup import escape
from rich.table import Table

from harness.cli.common import as_json_option, chosen_suite, console, current_config, print_json
from harness.cli.completing import suite_names
from harness.cli.suite_budget import command as budget_command
from harness.cli.suite_impostors import command as impostors_command
from harness.cli.suite_init import init_command, tasks_command
from harness.cli.suite_leakage import leakage_command
from harness.cli.suite_lint import command as lint_command
from harness.cli.suite_power import command as power_command
from harness.cli.suite_stale import command as stale_command
from harness.cli.suite_twin import make_twin_command, twin_command


@click.group("suite", help="Show, verify and lock suites.")
def command() -> None:
    """Group of the commands below."""


command.add_command(leakage_command)
command.add_command(twin_command)
command.add_command(make_twin_command)
command.add_command(lint_command)
command.add_command(power_command)
command.add_command(stale_command)
command.add_command(init_command)
command.add_command(tasks_command)
command.add_command(budget_command)
command.add_command(impostors_command)


@command.command("show")
@click.argument("name", required=False, shell_complete=suite_names)
@as_json_option
@click.pass_context
def show_command(ctx: click.Context, name: str | None, as_json: bool) -> None:
    """Show the counts of a suite (default: the one in harness.toml). Items of the test split stay unseen."""
    from harness.suite.item import Split
    from harness.suite.lock import verify
    from harness.suite.novelty import LEVELS, novelty

    suite, config = chosen_suite(ctx, name), current_config(ctx)
    lock = verify(suite)
    traffic = suite.traffic(config.traffic if suite.name == config.suite else None)
    tested = suite.items(Split.TEST)
    shown = LEVELS if suite.has(Split.TRAIN) else ()
    levels = novelty(tested, suite.items(Split.TRAIN) if shown else [])
    new = {domain: Counter(levels[item.id] for item in tested if item.domain == domain) for domain in suite.domains()}
    if as_json:
        print_json(
            {
                "suite": suite.name,
                "folder": str(suite.root),
                "lock": lock["sha256"],
                "facts": len(suite.knowledge.facts),
                "counts": lock["counts"],
                "novelty": {domain: {level: found[level] for level in shown} for domain, found in new.items()},
                "traffic": traffic,
            }
        )
        return
    title = f"{escape(suite.name)}: {len(suite.knowledge.facts)} facts, lock {lock['sha256'][:12]}"
    table = Table(box=None, pad_edge=False, title=title, title_justify="left")
    table.add_column("domain")
    for header in (*lock["counts"], *shown, "traffic"):
        table.add_column(header, justify="right")
    for domain in suite.domains():
        counts = [lock["counts"][split].get(domain, 0) for split in lock["counts"]]
        novelties = [new[domain][level] for level in shown]
        table.add_row(escape(domain), *map(str, (*counts, *novelties)), f"{traffic[domain]:.0%}")
    sums = [sum(counts.values()) for counts in lock["counts"].values()]
    table.add_row(
        "all",
        *map(str, (*sums, *(sum(found[level] for found in new.values()) for level in shown))),
        "100%",
        style="bold",
    )
    console.print(table)
    if shown:
        console.print(
            "\ntrained: the facts a test row asks for stand together in a training row; combined: each was trained, but "
            "never together; untrained: one of them never was.",
            style="dim",
        )


@command.command("verify")
@click.argument("name", required=False, shell_complete=suite_names)
@as_json_option
@click.pass_context
def verify_command(ctx: click.Context, name: str | None, as_json: bool) -> None:
    """Check a suite against its lock: exit 0, or 4 naming the file that differs."""
    from harness.suite.lock import verify

    suite = chosen_suite(ctx, name)
    lock = verify(suite)
    if as_json:
        print_json({"suite": suite.name, "lock": lock["sha256"], "files": len(lock["files"]), "verified": True})
    else:
        console.print(f"{suite.name}: {len(lock['files'])} files match lock {lock['sha256'][:12]}", markup=False)


@command.command("lock")
@click.argument("name", required=False, shell_complete=suite_names)
@click.option(
    "--new-test-set", is_flag=True, help="All test questions are new: looks so far do not count against them."
)
@click.pass_context
def lock_command(ctx: click.Context, name: str | None, new_test_set: bool) -> None:
    """Write a new lock; every run's scores have to be renewed after it.

    Looks under the lock that it replaces go on counting. --new-test-set is refused while a question asked before remains.
    """
    from harness.suite.lock import write_lock

    suite = chosen_suite(ctx, name)
    lock = write_lock(suite, new_test_set)
    console.print(f"{suite.name}: locked {len(lock['files'])} files as {lock['sha256'][:12]}", markup=False)
