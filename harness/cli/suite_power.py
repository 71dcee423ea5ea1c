"""``harness suite power``."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click
from rich.markup import escape
from rich.table import Table

from harness.cli.common import as_json_option, console, current_config, print_json
from harness.cli.completing import candidate_names
from harness.errors import InputError

if TYPE_CHECKING:
    from harness.config import Config
    from harness.runs.store import Run
    from harness.suite.item import Item
    from harness.suite.power import Assumed, PairPower

ASSUMED_ICC = (("intent", 0.5), ("fact", 0.1))


@click.command("power")
@click.argument("names", nargs=-1, metavar="[CANDIDATE_OR_RUN CANDIDATE_OR_RUN]", shell_complete=candidate_names)
@click.option(
    "--detect", "--margin", "wished", type=click.FloatRange(0, 1, min_open=True),
    help="Difference to find, as a share [default: the margin of [gate]].",
)  # fmt: skip
@as_json_option
@click.pass_context
def command(ctx: click.Context, names: tuple[str, ...], wished: float | None, as_json: bool) -> None:
    """Say what the test split can show: smallest detectable differences, and rows needed for a wished one.

    Measured on the stored runs of two candidates (default: the baseline and the last candidate that has one); without any,
    for assumed discordances. Shows how often two runs differ, never which is better.
    """
    from harness.suite.item import Split
    from harness.suite.lock import verify
    from harness.suite.suite import load_suite

    config = current_config(ctx)
    if len(names) not in (0, 2):
        raise InputError(f"power takes two candidates or runs, or none; {len(names)} named")
    suite = load_suite(config.suite, config.root / config.tasks if config.tasks else None)
    verify(suite)
    items = suite.items(Split.TEST)
    pair = _runs(names, config) if names else _default_runs(config)
    wished = config.gate.margin if wished is None else wished
    if pair is None:
        _assumed(suite.name, items, wished, as_json)
    else:
        _measured(suite.name, items, pair, config, wished, as_json)


def _runs(names: Sequence[str], config: "Config") -> "dict[str, Run]":
    """Runs by candidate name, else by the first digits of their keys."""
    from harness.candidates.candidate import get_candidate
    from harness.runs.answering import run_folders, stored_run
    from harness.runs.store import list_runs
    from harness.suggest import nearest
    from harness.suite.item import Split

    found = {}
    for name in names:
        if name in config.candidates:
            found[name] = stored_run(get_candidate(name, config), Split.TEST, config)
            continue
        keyed = [run for run in list_runs(run_folders(config)) if run.key.startswith(name)]
        if len(keyed) != 1:
            raise InputError(f"no candidate or run {name!r}{nearest(name, config.candidates)}; see: harness runs list")
        if keyed[0].manifest()["suite"]["split"] != Split.TEST or keyed[0].manifest()["suite"]["name"] != config.suite:
            raise InputError(f"{keyed[0].folder}: not a run on the test split of {config.suite}")
        found[name] = keyed[0]
    if len(found) != 2:
        raise InputError("power needs two different candidates or runs")
    return found


def _default_runs(config: "Config") -> "dict[str, Run] | None":
    """The baseline's run and that of the last other candidate that is no reference, where both are stored."""
    from harness.candidates.candidate import get_candidate
    from harness.runs.answering import request, run_folders
    from harness.runs.store import find_run
    from harness.suite.item import Split

    def has_run(name: str) -> bool:
        try:
            key = request(get_candidate(name, config), Split.TEST).key
        except InputError:  # a candidate whose model or adapter is not here has no run to look for
            return False
        return find_run(key, run_folders(config)) is not None

    others = [
        name
        for name, settings in reversed(config.candidates.items())
        if name != config.baseline and not settings.reference and has_run(name)
    ]
    return _runs((config.baseline, others[0]), config) if others and has_run(config.baseline) else None


def _measured(
    suite: str, items: "Sequence[Item]", pair: "dict[str, Run]", config: "Config", wished: float, as_json: bool
) -> None:
    from harness.suite.power import ALPHA, POWER, pair_power

    first, second = (_scores(run, items, config.primary_metric) for run in pair.values())
    try:
        found = pair_power(
            first, second, [item.intent for item in items], [item.main_fact for item in items],
            [item.domain for item in items], wished,
        )  # fmt: skip
    except ValueError as error:
        raise InputError(f"{' and '.join(pair)}: {error}") from None
    if as_json:
        print_json({"suite": suite, "runs": list(pair), "metric": config.primary_metric, "power": POWER, "alpha": ALPHA,
                    **asdict(found)})  # fmt: skip
    else:
        _render_measured(suite, list(pair), found)


def _scores(run: "Run", items: "Sequence[Item]", metric: str) -> list[float]:
    """A metric by item; an undecided answer counts as wrong."""
    run.verify()
    rows = run.scores()
    try:
        return [float(rows[item.id][metric] or 0) for item in items]
    except KeyError as error:
        raise InputError(
            f"{run.folder / 'scores.jsonl'}: no {error}; rescore: harness runs rescore {run.key[:12]}"
        ) from None


def _render_measured(suite: str, names: list[str], found: "PairPower") -> None:
    title = f"{suite}, {found.overall.rows} test rows, as {names[0]} and {names[1]} answer them"
    clusters = _table(title, ("clusters by", "clusters", "ICC", "design effect", "effective rows"))
    for each in (found.intent, found.fact):
        icc = "not defined" if each.icc is None else f"{each.icc:.2f}"
        clusters.add_row(each.by, str(each.clusters), icc, f"{each.design_effect:.2f}", f"{each.effective_n:.0f}")
    console.print(clusters)
    table = _table(
        "\nsmallest difference found with 80% power at alpha 0.05",
        ("domain", "rows", "discordance", "by intent", "by fact", f"rows for {found.wished:.1%}"),
    )
    for row in (*found.domains, found.overall):
        table.add_row(
            escape(row.group), str(row.rows), f"{row.discordance:.1%}", _points(row.by_intent), _points(row.by_fact),
            _rows(row.needed), style="bold" if row is found.overall else None,
        )  # fmt: skip
    console.print(table)
    _explain()


def _assumed(suite: str, items: "Sequence[Item]", wished: float, as_json: bool) -> None:
    from harness.suite.power import ALPHA, POWER, assumed_power, design_effect

    labels = {"intent": [item.intent for item in items], "fact": [item.main_fact for item in items]}
    columns = [("independent rows", 1.0)]
    columns += [(f"{by}, ICC {icc}", design_effect(labels[by], icc)) for by, icc in ASSUMED_ICC]
    found = assumed_power(len(items), [effect for _, effect in columns], wished)
    if as_json:
        print_json({"suite": suite, "rows": len(items), "wished": wished, "power": POWER, "alpha": ALPHA,
                    "design_effects": dict(columns), "assumed": [asdict(row) for row in found]})  # fmt: skip
    else:
        _render_assumed(suite, len(items), wished, columns, found)


def _render_assumed(
    suite: str, rows: int, wished: float, columns: list[tuple[str, float]], found: "list[Assumed]"
) -> None:
    console.print(
        f"{suite}: no two stored runs yet; for assumed discordances and correlations within clusters",
        highlight=False,
        markup=False,
    )
    title = f"\nsmallest difference that {rows} test rows find with 80% power at alpha 0.05"
    sizes = _table(title, ("discordance", *(name for name, _ in columns)))
    for row in found:
        sizes.add_row(f"{row.discordance:.0%}", *map(_points, row.detectable))
    console.print(sizes)
    needs = _table(f"\nrows that find {wished:.1%}", ("discordance", *(name for name, _ in columns)))
    for row in found:
        needs.add_row(f"{row.discordance:.0%}", *map(_rows, row.needed))
    console.print(needs)
    _explain()


def _table(title: str, headers: Sequence[str]) -> Table:
    console.print(title, highlight=False, markup=False, style="italic")
    table = Table(box=None, pad_edge=False)
    for number, header in enumerate(headers):
        table.add_column(header, justify="right" if number else "left")
    return table


def _points(share: float | None) -> str:
    return "none" if share is None else f"{100 * share:.1f} points"


def _rows(count: int | None) -> str:
    return "not possible" if count is None else f"{count:,}"


def _explain() -> None:
    console.print(
        "\ndiscordance: share of rows that exactly one of two candidates gets right; no difference can be larger. "
        "none: not even a difference as large as the discordance would be found.",
        style="dim",
    )
