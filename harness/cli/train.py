"""``harness train``."""

import click

from harness.cli.common import as_json_option, console, current_config, print_json


@click.group("train", help="Train a candidate's adapter.")
def command() -> None:
    """Group of the commands below."""


@command.command("sft")
@click.argument("name")
@click.option("--recipe", type=click.Path(), help="TOML recipe [default: trainers/NAME.toml].")
@as_json_option
@click.pass_context
def sft_command(ctx: click.Context, name: str, recipe: str | None, as_json: bool) -> None:
    """Train the LoRA adapter of candidate NAME on the training split; a killed training goes on from its last epoch."""
    from pathlib import Path

    from harness.candidates.candidate import get_candidate
    from harness.errors import InputError
    from harness.trainers.sft import load_settings

    config = current_config(ctx)
    candidate = get_candidate(name, config)
    settings = load_settings(Path(recipe) if recipe else config.root / "trainers" / f"{name}.toml")
    try:
        from harness.trainers.sft import train
    except ImportError as error:
        raise InputError(
            f"training needs the train extra ({error.name} is missing); run: pip install 'harness[train]'"
        ) from None
    done = train(candidate, settings, config.root / config.store / "training")
    shown = {
        "candidate": name,
        "adapter": str(done.adapter),
        "rows": done.rows,
        "seconds": round(done.seconds, 1),
        "first_loss": done.first_loss,
        "last_loss": done.last_loss,
    }
    if as_json:
        print_json(shown)
    else:
        console.print(
            f"{name}: {done.rows} rows, loss {done.first_loss:.3f} to {done.last_loss:.3f}, {done.seconds:.0f} s; "
            f"adapter in {done.adapter}. Compare it: harness compare {config.baseline} {name}"
        )
