"""``harness suite stale``."""

from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING

import click

from harness.cli.common import as_json_option, chosen_suite, console, print_json
from harness.cli.completing import suite_names
from harness.errors import ExitCode

if TYPE_CHECKING:
    from harness.suite.stale import FactChange


@click.command("stale")
@click.argument("name", required=False, shell_complete=suite_names)
@as_json_option
@click.pass_context
def command(ctx: click.Context, name: str | None, as_json: bool) -> int:
    """List items whose facts changed since the lock: exit 4 when there are some, else 0."""
    from harness.suite.stale import fact_changes

    suite = chosen_suite(ctx, name)
    changes = fact_changes(suite)
    stale = {item.id for change in changes if change.is_stale for item in change.items}
    if as_json:
        facts = [{**asdict(change), "stale": change.is_stale} for change in changes]
        print_json({"suite": suite.name, "stale_items": len(stale), "facts": facts})
    else:
        for change in changes:
            _print(change)
        console.print(
            f"{suite.name}: {len(stale)} items rest on a fact that changed since the lock"
            + ("; check their gold, then: harness suite lock " + suite.name if stale else "."),
            highlight=False,
            markup=False,
            soft_wrap=True,
        )
    return ExitCode.INTEGRITY if stale else ExitCode.OK


def _print(change: "FactChange") -> None:
    if change.kind == "forms changed":
        said = f"fact {change.fact}: forms changed; answers to {len(change.items)} items are read differently"
    else:
        details = f" ({', '.join(change.details)})" if change.details else ""
        said = f"fact {change.fact} {change.kind}{details}" + ("" if change.items else ": no item rests on it")
    console.print(said, highlight=False, markup=False, soft_wrap=True, style="bold" if change.is_stale else "dim")
    if not change.is_stale:
        return
    for split, items in groupby(change.items, key=lambda item: item.split):
        for item in items:
            state = "" if item.gold == "as locked" else f"  gold {item.gold}"
            console.print(
                f"  {split:<8}  {item.id}  {item.domain}  {item.place}{state}",
                highlight=False,
                markup=False,
                soft_wrap=True,
            )
