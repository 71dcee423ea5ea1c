"""``harness runs export``."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.cli.common import console, current_config, named_run
from harness.cli.completing import run_names
from harness.errors import InputError
from harness.scoring import METRICS
from harness.suite.item import Split
from harness.suite.suite import load_suite

if TYPE_CHECKING:
    from harness.config import Config
    from harness.runs.store import Run
    from harness.suite.item import Item


@click.command("export")
@click.argument("key", metavar="RUN", shell_complete=run_names)
@click.option(
    "--as", "shape", type=click.Choice(["lm-eval", "model-card", "mlflow"]), required=True, help="Shape of the results."
)
@click.option("--to", type=click.Path(path_type=Path), help="Folder (lm-eval) or card (model-card).")
@click.option(
    "--tracking-uri",
    envvar="MLFLOW_TRACKING_URI",
    show_envvar=True,
    metavar="URI",
    help="Server (mlflow): http://HOST:PORT.",
)
@click.option(
    "--experiment", envvar="MLFLOW_EXPERIMENT_NAME", show_envvar=True, metavar="NAME",
    help="Experiment (mlflow) [default: the suite's name].",
)  # fmt: skip
@click.pass_context
def command(
    ctx: click.Context, key: str, shape: str, to: Path | None, tracking_uri: str | None, experiment: str | None
) -> None:
    """Write a complete run's results as other tools read them: lm_eval's files, a model card, a run of an MLflow server.

    An lm-eval folder holds the questions of the split: keep a locked test split out of public places. To MLflow go scores and
    comparison reports, no question and no answer.
    """
    config = current_config(ctx)
    run = named_run(key, config)
    manifest = run.verify()
    suite = load_suite(manifest["suite"]["name"], config.root / config.tasks if config.tasks else None)
    items, scores = suite.items(Split(manifest["suite"]["split"])), run.scores()
    names = [name for name in (config.primary_metric, *config.metrics) if name in METRICS]
    if shape == "mlflow":
        _to_mlflow(run, manifest, items, names, tracking_uri, experiment, config)
        return
    if to is None:
        raise InputError(f"--as {shape} writes a {'folder' if shape == 'lm-eval' else 'card'}; name it with --to")
    if shape == "lm-eval":
        from harness.exchange.lm_eval_results import lm_eval_results, lm_eval_samples, write_folder

        samples = lm_eval_samples(run.samples(), scores, items, suite.name)
        write_folder(to, lm_eval_results(manifest, scores, items), samples)
    else:
        try:
            from harness.exchange.model_card import eval_results, write_card
        except ModuleNotFoundError as error:
            raise InputError(f"a model card needs {error.name}; run: pip install 'harness[cpu]'") from None
        write_card(to, manifest["candidate"]["name"], eval_results(manifest, scores, items, names))
    console.print(f"{run.key[:12]} written to {to}", highlight=False, markup=False)


def _to_mlflow(
    run: "Run",
    manifest: dict[str, Any],
    items: "list[Item]",
    names: list[str],
    address: str | None,
    experiment: str | None,
    config: "Config",
) -> None:
    from harness.exchange.mlflow_run import log_run, metrics, parameters, reports_of

    if not address:
        raise InputError("--as mlflow writes to a server; name it with --tracking-uri or MLFLOW_TRACKING_URI")
    split, lock = Split(manifest["suite"]["split"]), manifest["scores"]["lock"]
    reports = reports_of(run, lock, split, config.root / config.store / "reports")
    page = log_run(
        address,
        experiment or manifest["suite"]["name"],
        run,
        parameters(manifest, run.key, items),
        metrics(run.scores(), items, names),
        reports,
    )
    held = ", ".join(path.name for path in reports if path.suffix == ".html") or "no comparison report"
    console.print(f"{run.key[:12]} with {held} written to {page}", highlight=False, markup=False, soft_wrap=True)
