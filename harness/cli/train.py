"""``harness train``."""

import click

from harness.cli.common import as_json_option, console, current_config, print_json


@click.command("train")
@click.argument("name")
@click.option("--recipe", type=click.Path(), help="TOML recipe [default: trainers/NAME.toml].")
@as_json_option
@click.pass_context
def command(ctx: click.Context, name: str, recipe: str | None, as_json: bool) -> None:
    """Train the adapter of candidate NAME by the method its recipe names; a killed training goes on from its last checkpoint."""
    from pathlib import Path

    from harness.candidates.candidate import get_candidate
    from harness.errors import InputError
    from harness.trainers.methods import load_recipe, train

    config = current_config(ctx)
    candidate = get_candidate(name, config)
    settings = load_recipe(Path(recipe) if recipe else config.root / "trainers" / f"{name}.toml")
    try:
        done = train(candidate, settings, config.root / config.store / "training")
    except ModuleNotFoundError as error:
        raise InputError(
            f"training needs the train extra ({error.name} is missing); run: pip install 'harness[train]'"
        ) from None
    first, last = done.losses[0][1], done.losses[-1][1]
    if as_json:
        print_json(
            {
                "candidate": name,
                "method": settings.method,
                "adapter": str(done.adapter),
                "rows": done.rows,
                "seconds": round(done.seconds, 1),
                "first_loss": first,
                "last_loss": last,
            }
        )
    else:
        console.print(
            f"{name}: {done.rows} rows, loss {first:.3f} to {last:.3f}, {done.seconds:.0f} s; "
            f"adapter in {done.adapter}. Compare it: harness compare {config.baseline} {name}"
        )
