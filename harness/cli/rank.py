"""``harness rank``."""

import click
from rich.markup import escape
from rich.table import Table

from harness.cli.common import as_json_option, console, current_config, print_json, split_option
from harness.cli.completing import candidate_names
from harness.errors import InputError


@click.command("rank")
@click.argument("names", nargs=-1, metavar="[CANDIDATE...]", shell_complete=candidate_names)
@split_option
@click.option(
    "--pairwise", is_flag=True, help="Rank by the judge's preferences between answers: harness judge pairwise."
)
@as_json_option
@click.pass_context
def command(ctx: click.Context, names: tuple[str, ...], split: str, pairwise: bool, as_json: bool) -> None:
    """Rank CANDIDATE... by the primary metric [default: all with a stored run]; ties where no difference is established."""
    from harness.candidates.candidate import Candidate, get_candidate
    from harness.comparison import display_label
    from harness.comparison.join import build_table, leaked_items, read_manifests
    from harness.comparison.judged import judged_runs
    from harness.gate.ledger import Look, record
    from harness.ranking import Ranking, rank
    from harness.runs.answering import stored_run
    from harness.runs.store import Run
    from harness.suite.item import Split

    config = current_config(ctx)
    chosen = Split(split)
    candidates: list[Candidate] = []
    runs: dict[str, list[Run]] = {}
    for name in dict.fromkeys(names or config.candidates):
        candidate = get_candidate(name, config)
        try:
            runs[name] = [stored_run(candidate, chosen, config)]
            candidates.append(candidate)
        except InputError:
            if names:
                raise
    if len(candidates) < 2:
        raise InputError(
            f"{len(candidates)} candidates have a stored run on {split}; a ranking needs two: harness run NAME"
        )
    if pairwise:
        from harness.cli.judge_pairwise import rank_pairwise

        rank_pairwise(candidates, chosen, config, as_json)
        return
    manifests = read_manifests(runs)
    items = candidates[0].suite.columns(chosen)
    leaked = {each.name: leaked_items(each, items) or frozenset() for each in candidates}
    lock = manifests[candidates[0].name][0]["scores"]["lock"]
    if chosen is Split.TEST:
        looked = {each.name: each.fingerprint for each in candidates if not each.settings.reference}
        asked = manifests[candidates[0].name][0]["suite"]["questions"]
        record(config.ledger_path, Look("compare", lock, looked, "", questions=asked))
    judged = judged_runs(candidates, runs, items, [config.primary_metric])
    table = build_table(runs, items, [config.primary_metric], leaked, judged=judged)
    labels = {name: display_label(name, manifests[name][0]["engine"]) for name in runs}
    ranking = Ranking(
        config.suite, split, lock, config.primary_metric, len(items), rank(table, labels, config.primary_metric)
    )
    if as_json:
        print_json(ranking)
        return
    shown = Table(
        title=f"{escape(ranking.suite)}, {split} split, {ranking.items} items, by {ranking.metric}",
        title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0),
    )  # fmt: skip
    for column in ("rank", "candidate", "mean (simultaneous 95% interval)", "tied with"):
        shown.add_column(column, justify="left" if column in ("candidate", "tied with") else "right")
    for place in ranking.places:
        ranks = str(place.best_rank) if place.best_rank == place.worst_rank else f"{place.best_rank}–{place.worst_rank}"
        interval = f"{100 * place.estimate.mean:.1f}% ({100 * place.estimate.low:.1f}–{100 * place.estimate.high:.1f})"
        shown.add_row(ranks, escape(place.label), interval, escape(", ".join(place.ties)))
    console.print(shown, highlight=False)
