"""``harness suite budget``."""

import click

from harness.cli.common import as_json_option, console, current_config, print_json


@click.command("budget")
@as_json_option
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """Say how often the locked test split was looked at, and how many uses of it are left."""
    from harness.gate.ledger import budget, read_ledger
    from harness.suite.lock import verify
    from harness.suite.suite import load_suite

    config = current_config(ctx)
    suite = load_suite(config.suite, config.root / config.tasks if config.tasks else None)
    lock = verify(suite)["sha256"]
    found = budget(read_ledger(config.ledger_path), lock, config.gate.uses)
    if as_json:
        print_json(
            {
                "suite": suite.name,
                "lock": lock,
                "planned": found.planned,
                "charged": len(found.charged),
                "left": found.left,
                "level_per_use": config.gate.alpha_per_use,
                "looks": dict(found.looks),
            }
        )
        return
    looks = ", ".join(f"{count} {what}" for what, count in found.looks.items())
    console.print(
        f"{suite.name}, lock {lock[:12]}: {len(found.charged)} of {found.planned} uses charged, {max(found.left, 0)} left "
        f"at level {config.gate.alpha_per_use:g} each; looks recorded: {looks}.",
        highlight=False,
    )
