"""``harness judge pairwise`` and ``harness rank --pairwise``."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict
from itertools import combinations
from typing import TYPE_CHECKING, Any

import click
from rich.markup import escape
from rich.table import Table

from harness.cli.common import as_json_option, console, current_config, print_json, split_option, without_nan
from harness.cli.completing import candidate_names
from harness.errors import InputError
from harness.terminal import echo

if TYPE_CHECKING:
    from harness.candidates.candidate import Candidate
    from harness.config import Config
    from harness.runs.store import Run
    from harness.scoring.judge.pairwise import Effect, PairResult, PairwiseRanking
    from harness.suite.item import Split


@click.command("pairwise")
@click.argument("names", nargs=-1, required=True, metavar="CANDIDATE...", shell_complete=candidate_names)
@split_option
@click.option("--batch", is_flag=True, help="Use the Batch API: half the price, up to a day; run again to collect.")
@click.option(
    "--limit", type=click.IntRange(1), metavar="N", help="Judge the first N items, taken from all domains in turn."
)
@as_json_option
@click.pass_context
def pairwise_command(
    ctx: click.Context, names: tuple[str, ...], split: str, batch: bool, limit: int | None, as_json: bool
) -> None:
    """Ask the judge which of two candidates' answers is better, in both orders, for every pair of CANDIDATE..."""
    from harness.candidates.candidate import get_candidate
    from harness.cli.judge import progress_bar
    from harness.scoring.judge.judging import answers_of
    from harness.scoring.judge.pairing import Side, judge_pairs
    from harness.suite.item import Split

    config, chosen = current_config(ctx), Split(split)
    candidates = [get_candidate(name, config) for name in dict.fromkeys(names)]
    runs = _runs(candidates, chosen, config)
    if len(runs) < 2:
        raise InputError("name two candidates or more")
    suite = candidates[0].suite
    found = {name: answers_of(run, "", suite.items(chosen), limit) for name, run in runs.items()}
    sides = [
        Side(name, runs[name].key, {one.item.id: one.completion for one in answers}) for name, answers in found.items()
    ]
    items = [one.item for one in next(iter(found.values()))]
    with progress_bar() if not as_json else nullcontext(lambda done, total: None) as progress:
        judge_pairs(
            list(combinations(sides, 2)), items, suite, config, progress=progress, batch=batch,
            estimated=lambda cost: echo(f"{config.judge.name}: {cost.sentence()}", err=True),
            said=lambda line: echo(line, err=True),
        )  # fmt: skip
    show_pairwise(_ranking(candidates, runs, chosen, config), split, config.judge.name, as_json)


def rank_pairwise(candidates: "Sequence[Candidate]", split: "Split", config: "Config", as_json: bool) -> None:
    """Rank candidates by the stored pairs of the configured judge. Raises `InputError` where there are none."""
    show_pairwise(
        _ranking(candidates, _runs(candidates, split, config), split, config), split.value, config.judge.name, as_json
    )


def _runs(candidates: "Sequence[Candidate]", split: "Split", config: "Config") -> "dict[str, Run]":
    from harness.runs.answering import request, run_folders
    from harness.runs.store import find_run

    runs = {}
    for candidate in candidates:
        run = find_run(request(candidate, split).key, run_folders(config))
        if run is None:
            raise InputError(
                f"no complete run of {candidate.name} on {split}; make it first: harness run {candidate.name} --split {split}"
            )
        runs[candidate.name] = run
    return runs


def _ranking(
    candidates: "Sequence[Candidate]", runs: "Mapping[str, Run]", split: "Split", config: "Config"
) -> "PairwiseRanking":
    from harness.scoring.judge.pairing import stored_pairs
    from harness.scoring.judge.pairwise import rank_pairs
    from harness.suite.item import Split

    if split is Split.TEST:
        from harness.gate.ledger import Look, record
        from harness.suite.lock import TestSet, verify

        looked = {each.name: each.fingerprint for each in candidates if not each.settings.reference}
        test = TestSet.of(verify(candidates[0].suite))
        record(config.ledger_path, Look("compare", test.lock, looked, "", questions=test.questions))
    items = candidates[0].suite.items(split)
    right = {
        (name, item): scores.get("correct_lenient")
        for name, run in runs.items()
        if "scores" in run.manifest()
        for item, scores in run.scores().items()
    }
    judged = [
        each
        for one, other in combinations(runs, 2)
        for each in stored_pairs(config, ((one, runs[one].key), (other, runs[other].key)), items, right)
    ]
    if not judged:
        raise InputError(
            f"no pair of these is judged by {config.judge.name}: harness judge pairwise {' '.join(runs)} --split {split}"
        )
    return rank_pairs(judged)


def show_pairwise(found: "PairwiseRanking", split: str, judge: str, as_json: bool) -> None:
    """Strengths, then each pair with its biases."""
    if as_json:
        print_json(without_nan(asdict(found)))
        return
    console.print(f"\n{escape(judge)}, {split} split, answers held against each other in both orders", highlight=False)
    if found.strengths:
        table = _table("candidate", "strength (log odds, 95% interval)")
        for each in found.strengths:
            table.add_row(escape(each.candidate), f"{each.strength:+.2f} ({each.low:+.2f} to {each.high:+.2f})")
        console.print(table, highlight=False)
    else:
        console.print(f"No strengths: {escape(str(found.why))}", highlight=False)
    console.print()
    table = _table("pair", "items", "won", "lost", "tied", "won, ties half", "flip rate")
    for pair in found.pairs:
        name = escape(f"{pair.one} against {pair.other}")
        table.add_row(name, *map(str, (pair.items, pair.won, pair.lost, pair.tied)), _percent(*pair.preference),
                      _percent(pair.flips.share, pair.flips.low, pair.flips.high))  # fmt: skip
    console.print(table, highlight=False)
    for pair in found.pairs:
        console.print(escape(_biases(pair)), highlight=False)
    console.print(
        "[dim]A win needs both orders; a flip prefers the same place twice. Intervals clustered by intent.[/dim]"
    )


def _biases(pair: "PairResult") -> str:
    name = f"{pair.one} against {pair.other}"
    if pair.biases is None:
        return f"{name}: too few preferences, or too one-sided, to tell its biases"
    found = f"{name}: odds of being preferred for standing first {_odds(pair.biases.first)}, for twice the length "
    found += _odds(pair.biases.twice_the_length)
    if pair.biases.right is None:
        return found + " (not held against which is right, so a longer answer may be the better one)"
    return found + f", for being right by the facts {_odds(pair.biases.right)}"


def _odds(effect: "Effect") -> str:
    return f"{effect.odds:.2f} ({effect.low:.2f} to {effect.high:.2f})"


def _percent(share: Any, low: Any, high: Any) -> str:
    return "–" if share != share else f"{100 * share:.1f}% ({100 * low:.1f}–{100 * high:.1f})"


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for index, column in enumerate(columns):
        table.add_column(column, justify="right" if index else "left")
    return table
