"""``harness doctor``."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version

import click
from rich.table import Table

from harness.cli.common import as_json_option, console, print_json

_EXTRAS = {
    "compare stored runs": ("", ("pydantic", "scipy", "rich", "duckdb", "rouge-score", "sacrebleu")),
    "answer with models (engine hf)": ("cpu", ("torch", "transformers", "peft", "lm-eval")),
    "train candidates": ("train", ("trl", "datasets", "accelerate")),
    "fast engines and 4-bit": ("gpu", ("vllm", "unsloth", "bitsandbytes")),
    "the judge": ("judge", ("openai",)),
    "results to an MLflow server": ("mlflow", ("mlflow-skinny",)),
    "both spread over a cluster (engine ray)": ("ray", ("ray",)),
}


def _installed(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


@click.command("doctor")
@as_json_option
def command(as_json: bool) -> None:
    """Say what is installed, what works here, and what to install for the rest."""
    report = []
    for purpose, (extra, distributions) in _EXTRAS.items():
        versions = {name: _installed(name) for name in distributions}
        report.append(
            {
                "purpose": purpose,
                "works": all(versions.values()),
                "versions": versions,
                "install": f"pip install 'harness[{extra}]'" if extra else "pip install harness",
            }
        )
    host = {"python": platform.python_version(), "system": platform.platform(), "cores": os.cpu_count(), "gpu": _gpu()}
    if as_json:
        print_json({"host": host, "capabilities": report})
        return
    console.print(
        f"Python {host['python']}, {host['cores']} cores, {host['gpu'] or 'no GPU'}, {host['system']}", highlight=False
    )
    table = Table(box=None, pad_edge=False)
    for name in ("purpose", "works", "versions", "to install"):
        table.add_column(name)
    for row in report:
        versions_shown = ", ".join(f"{name} {found or '–'}" for name, found in dict(row["versions"]).items())  # type: ignore[call-overload]
        table.add_row(
            str(row["purpose"]),
            "yes" if row["works"] else "no",
            versions_shown,
            "" if row["works"] else str(row["install"]),
        )
    console.print(table, markup=False)


def _gpu() -> str | None:
    if _installed("torch") is None:
        return None
    import torch

    return torch.cuda.get_device_name() if torch.cuda.is_available() else None
