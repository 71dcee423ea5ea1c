"""``harness suite budget``."""

import click

from harness.cli.common import as_json_option, console, current_config, print_json


@click.command("budget")
@as_json_option
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """Say how often the locked test split was looked at, and how many uses of it are left."""
    from harness.gate.ledger import budget, read_ledger
    from harness.suite.lock import TestSet, verify
    from harness.suite.suite import load_suite

    config = current_config(ctx)
    suite = load_suite(config.suite, config.root / config.tasks if config.tasks else None)
    test = TestSet.of(verify(suite))
    found = budget(read_ledger(config.ledger_path), test, config.gate.uses)
    if as_json:
        print_json(
            {
                "suite": suite.name,
                "lock": test.lock,
                "questions": test.questions,
                "ledger": str(config.ledger_path),
                "planned": found.planned,
                "charged": len(found.charged),
                "left": found.left,
                "level_per_use": config.gate.alpha_per_use,
                "looks": dict(found.looks),
                "looks_on_earlier_locks": found.on_earlier_locks,
            }
        )
        return
    looks = ", ".join(f"{count} {what}" for what, count in found.looks.items())
    if found.on_earlier_locks:
        looks += f" ({found.on_earlier_locks} of them on earlier locks)"
    console.print(
        f"{suite.name}, lock {test.lock[:12]}: {len(found.charged)} of {found.planned} uses charged, {max(found.left, 0)} left "
        f"at level {config.gate.alpha_per_use:g} each; looks recorded: {looks}.",
        highlight=False,
        markup=False,
    )
