"""``harness suite twin`` and ``harness suite make-twin``."""

from dataclasses import asdict
from typing import Any

import click
from rich.markup import escape
from rich.table import Table

from harness.cli.common import answering_progress, as_json_option, console, current_config, print_json
from harness.cli.completing import candidate_names
from harness.config import Config
from harness.suite.suite import Suite, load_suite
from harness.suite.twin import SUITE_SUFFIX, Share


def _suites(config: Config) -> tuple[Suite, Suite]:
    folder = config.root / config.tasks if config.tasks else None
    return load_suite(config.suite, folder), load_suite(config.suite + SUITE_SUFFIX, folder)


@click.command("make-twin")
@click.pass_context
def make_twin_command(ctx: click.Context) -> None:
    """Derive the twin's knowledge base from the suite's by changes.toml, and lock the twin."""
    from harness.suite.lock import write_lock
    from harness.suite.twin import make_twin

    suite, twin = _suites(current_config(ctx))
    make_twin(suite, twin)
    lock = write_lock(twin)
    console.print(
        f"{twin.name}: knowledge base derived from {suite.name}, locked as {lock['sha256'][:12]}", markup=False
    )


@click.command("twin")
@click.argument("names", nargs=-1, required=True, metavar="CANDIDATE...", shell_complete=candidate_names)
@as_json_option
@click.pass_context
def twin_command(ctx: click.Context, names: tuple[str, ...], as_json: bool) -> None:
    """Ask CANDIDATE... under changed prices and times: who reads the knowledge base, and who recites its training?"""
    rows = _rows(current_config(ctx), names)
    if as_json:
        print_json(rows)
    else:
        _render(rows)


def _rows(config: Config, names: tuple[str, ...]) -> dict[str, Any]:
    from harness.candidates.candidate import get_candidate
    from harness.errors import InputError
    from harness.runs.answering import complete_runs
    from harness.suite.item import Split
    from harness.suite.lock import verify
    from harness.suite.twin import original_items, origins

    suite, twin = _suites(config)
    verify(suite)
    pairs = original_items(twin, suite)
    on_twin = config.model_copy(update={"suite": twin.name})
    candidates = [get_candidate(name, on_twin) for name in names]
    with answering_progress() as progress:
        runs = complete_runs(candidates, Split.TEST, on_twin, progress=progress)
    found = {}
    for candidate in candidates:
        completions = {sample.id: sample.completion for sample in runs[candidate.name].samples()}
        if not any(completions.values()):
            raise InputError(
                f"candidate {candidate.name}: not one answer to {twin.name}; record answers under the ids of its items"
            )
        shares = origins(pairs, completions, twin.knowledge, suite.knowledge)
        retrieval = candidate.settings.retrieval
        found[candidate.name] = {"retrieved_facts": retrieval.top if retrieval else 0, **asdict(shares)}
    return {"suite": suite.name, "twin": twin.name, "lock": verify(twin)["sha256"], "candidates": found}


def _render(rows: dict[str, Any]) -> None:
    first = next(iter(rows["candidates"].values()))
    title = f"{escape(rows['twin'])}: {first['rows']} questions of {first['intents']} intents, lock {rows['lock'][:12]}"
    table = Table(box=None, pad_edge=False, title=title, title_justify="left")
    table.add_column("candidate")
    table.add_column("retrieves")
    for name in ("reads", "recites", "neither"):
        table.add_column(name, justify="right")
    for name, row in rows["candidates"].items():
        facts = f"{row['retrieved_facts']} facts" if row["retrieved_facts"] else "nothing"
        table.add_row(name, facts, *(_percent(Share(**row[key])) for key in ("reads", "recites", "neither")))
    console.print(table)
    console.print(
        "\nreads: right by the changed facts only. recites: right by the original facts only. Mean of intents, 95% interval "
        "clustered by intent, tags forgiven. A candidate that retrieves nothing never sees the changed facts: it can only "
        "recite, and that is no fault of it.",
        style="dim",
    )


def _percent(share: Share) -> str:
    return f"{share.mean:.1%} ({share.low:.1%} to {share.high:.1%})"
