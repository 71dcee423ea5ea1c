"""``harness candidates``."""

from pathlib import Path

import click
from rich.markup import escape
from rich.table import Table

from harness.candidates.candidate import Candidate, get_candidate
from harness.cli.common import as_json_option, console, current_config, print_json
from harness.cli.completing import candidate_names, model_names
from harness.config import find_config
from harness.errors import HarnessError


@click.group("candidates", help="List, show and add candidates.")
def command() -> None:
    """Group of the commands below."""


def _fingerprint(candidate: Candidate) -> str:
    try:
        return candidate.fingerprint[:12]
    except HarnessError as error:
        return f"not ready: {error}"


@command.command("list")
@as_json_option
@click.pass_context
def list_command(ctx: click.Context, as_json: bool) -> None:
    """List the candidates of harness.toml with their fingerprints."""
    config = current_config(ctx)
    candidates = [get_candidate(name, config) for name in config.candidates]
    rows = [
        {
            "name": candidate.name,
            "baseline": candidate.name == config.baseline,
            "engine": candidate.engine,
            "model": candidate.settings.model,
            "adapter": str(candidate.settings.adapter) if candidate.settings.adapter else None,
            "fingerprint": _fingerprint(candidate),
        }
        for candidate in candidates
    ]
    if as_json:
        print_json(rows)
        return
    table = Table(box=None, pad_edge=False)
    for name in ("name", "engine", "model", "adapter", "fingerprint"):
        table.add_column(name)
    for row in rows:
        name = f"{row['name']} (baseline)" if row["baseline"] else str(row["name"])
        table.add_row(
            *map(escape, (name, str(row["engine"]), str(row["model"] or ""), str(row["adapter"] or ""))),
            str(row["fingerprint"]),
        )
    console.print(table)


@command.command("show")
@click.argument("name", shell_complete=candidate_names)
@as_json_option
@click.pass_context
def show_command(ctx: click.Context, name: str, as_json: bool) -> None:
    """Show everything that decides the answers of candidate NAME."""
    candidate = get_candidate(name, current_config(ctx))
    training = candidate.training
    if training:
        training = {key: value for key, value in training.items() if key not in ("row_ids", "loss")}
    shown = {
        "name": name,
        "settings": candidate.settings.model_dump(mode="json", exclude_none=True),
        "identity": candidate.identity,
        "fingerprint": candidate.fingerprint,
        "training": training,
    }
    if as_json:
        print_json(shown)
        return
    for key, value in shown.items():
        console.print(f"[bold]{key}[/bold]: {escape(str(value))}", highlight=False)


@command.command("add")
@click.argument("name")
@click.option("--model", required=True, shell_complete=model_names, help="A model under [models].")
@click.option("--adapter", type=click.Path(path_type=Path), help="PEFT adapter folder, relative to harness.toml.")
@click.option(
    "--system-prompt", type=click.Path(path_type=Path), help="File with the system prompt, relative to harness.toml."
)
@click.pass_context
def add_command(ctx: click.Context, name: str, model: str, adapter: Path | None, system_prompt: Path | None) -> None:
    """Add candidate NAME to harness.toml; refused if the file would no longer be valid."""
    keys = {"model": model, "adapter": adapter, "system_prompt": system_prompt}
    add_candidate(ctx, name, {key: str(value) for key, value in keys.items() if value is not None})
    console.print(f"candidate {name} added; run it: harness run {name}")


def check_name(name: str) -> None:
    """Raise `InputError` where ``name`` could not stand in harness.toml: it becomes a file's name."""
    import re

    from harness.errors import InputError

    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise InputError(f"candidate name {name!r}: letters, digits, - and _ only")


def add_candidate(ctx: click.Context, name: str, keys: dict[str, str]) -> None:
    """Append a table to harness.toml, keeping the rest of the file as people wrote it."""
    import json

    from harness.config import load_config
    from harness.errors import InputError

    check_name(name)
    chosen = ctx.find_root().obj["config"]
    path = Path(chosen).resolve() if chosen else find_config(Path.cwd())
    if name in load_config(path).candidates:
        raise InputError(f"{path}: candidate {name} is there already; choose another name or edit it")
    before = path.read_bytes()
    table = "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in keys.items())
    path.write_bytes(before.rstrip() + f"\n\n[candidates.{name}]\n{table}".encode())
    try:
        load_config(path)
    except InputError:
        path.write_bytes(before)
        raise
