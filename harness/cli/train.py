"""``harness train``."""

import click
from rich.table import Table

from harness.cli.common import as_json_option, console, current_config, print_json
from harness.cli.completing import trained_names


@click.command("train")
@click.argument("name", shell_complete=trained_names)
@click.option("--recipe", type=click.Path(), help="TOML recipe [default: trainers/NAME.toml].")
@as_json_option
@click.pass_context
def command(ctx: click.Context, name: str, recipe: str | None, as_json: bool) -> None:
    """Train the adapter of candidate NAME by the method its recipe names; a killed training goes on from its last checkpoint."""
    import os
    from pathlib import Path

    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    from harness.candidates.candidate import get_candidate
    from harness.errors import InputError
    from harness.reports.loss import loss_curve
    from harness.trainers.methods import load_recipe, train
    from harness.trainers.progress import is_main_process

    config = current_config(ctx)
    candidate = get_candidate(name, config)
    settings = load_recipe(Path(recipe) if recipe else config.root / "trainers" / f"{name}.toml")
    try:
        _quiet()
        done = train(candidate, settings, config.root / config.store / "training")
    except ModuleNotFoundError as error:
        raise InputError(
            f"training needs the train extra ({error.name} is missing); run: pip install 'harness[train]'"
        ) from None
    if not is_main_process():
        return
    (done.adapter / "loss.svg").write_text(loss_curve(f"Loss of {name}", done.losses), encoding="utf-8")
    first, last = done.losses[0][1], done.losses[-1][1]
    if as_json:
        print_json(
            {
                "candidate": name,
                "method": settings.method,
                "adapter": str(done.adapter),
                "rows": done.rows,
                "seconds": round(done.seconds, 1),
                "gpu_memory_bytes": done.memory_bytes,
                "first_loss": first,
                "last_loss": last,
            }
        )
    else:
        console.print(
            f"{name}: {done.rows} rows, loss {first:.3f} to {last:.3f}, {done.seconds:.0f} s; "
            f"adapter and loss.svg in {done.adapter}. Compare it: harness compare {config.baseline} {name}",
            markup=False,
        )
        measured = (get_candidate(name, config).training or {}).get("dev")
        if measured:
            console.print(_side_by_side(measured))


def _side_by_side(measured: dict[str, dict[str, list[float]]]) -> Table:
    """Means on dev before and after: what was rewarded must rise, what was not shows at whose cost."""
    from harness.scoring import METRICS

    table = Table(title="On dev, before and after: rewarded metrics first", title_justify="left")
    for heading in ("metric", "rewarded", "better", "before", "after"):
        table.add_column(heading)
    for group, rewarded in (("rewarded", "yes"), ("unrewarded", "")):
        for metric, (before, after) in measured[group].items():
            table.add_row(metric, rewarded, METRICS[metric].better, f"{before:.3f}", f"{after:.3f}")
    return table


def _quiet() -> None:
    """One progress bar is enough."""
    import logging

    import datasets
    import transformers

    datasets.disable_progress_bars()
    transformers.utils.logging.disable_progress_bar()
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
