"""``harness compare``."""

import random
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.markup import escape

from harness.cli.common import answering_progress, as_json_option, console, current_config, print_json, split_option
from harness.cli.completing import candidate_names
from harness.errors import InputError

if TYPE_CHECKING:
    from harness.candidates.candidate import Candidate
    from harness.config import Config
    from harness.runs.store import Run
    from harness.suite.item import Split


@click.command("compare")
@click.argument("names", nargs=-1, required=True, metavar="CANDIDATE...", shell_complete=candidate_names)
@split_option
@click.option(
    "--baseline",
    shell_complete=candidate_names,
    help="Candidate to compare with [default: the file's, else the first named].",
)
@click.option("--all-pairs", is_flag=True, help="Test every pair, not only each against the baseline.")
@click.option("--max-t", "step_down", is_flag=True, help="Correct for many candidates by max-T instead of Holm.")
@click.option(
    "--samples", default=1, show_default=True, metavar="K", help="Answers an item, where the temperature is not 0."
)
@click.option(
    "--spot-check",
    "spot_checks",
    default=0,
    metavar="N",
    help="Regenerate N stored answers once, and say how many agree.",
)
@click.option("--fresh", is_flag=True, help="Generate every answer again.")
@click.option("--reveal-test", is_flag=True, help="Show test items one by one; recorded in the ledger.")
@as_json_option
@click.pass_context
def command(
    ctx: click.Context,
    names: tuple[str, ...],
    split: str,
    baseline: str | None,
    all_pairs: bool,
    step_down: bool,
    samples: int,
    spot_checks: int,
    fresh: bool,
    reveal_test: bool,
    as_json: bool,
) -> None:
    """Compare CANDIDATE... on a split: what is missing is generated, then a table, a verdict, and reports on disk."""
    from harness.candidates.candidate import get_candidate
    from harness.comparison import compare
    from harness.reports.files import write_reports
    from harness.reports.terminal import render
    from harness.runs.spot_check import recall
    from harness.suite.item import Split

    config = current_config(ctx)
    names = tuple(dict.fromkeys(names))
    base = baseline or (config.baseline if config.baseline in names or len(names) == 1 else names[0])
    names = names if base in names else (base, *names)
    candidates = [get_candidate(name, config) for name in names]
    chosen = Split(split)
    runs = _runs(candidates, chosen, samples, config, fresh, spot_checks)
    revealed = reveal_test and chosen is Split.TEST
    if chosen is Split.TEST:
        _record_look("reveal" if revealed else "compare", candidates, base, config)
    checks = recall([found[0].key for found in runs.values()], config)
    comparison = compare(
        candidates,
        runs,
        candidates[0].suite.columns(chosen),
        chosen,
        config.primary_metric,
        config.metrics,
        base,
        all_pairs=all_pairs,
        correction="max-t" if step_down else "holm",
        traffic=config.traffic,
        show_items=revealed or chosen is not Split.TEST,
        spot_checks={name: asdict(checks[found[0].key]) for name, found in runs.items() if found[0].key in checks},
    )
    files = write_reports(comparison, config.root / config.store / "reports")
    if as_json:
        print_json(comparison)
    else:
        render(comparison, console)
        for path in files:
            console.print(f"[dim]{escape(str(_relative(path)))}[/dim]")


def _runs(
    candidates: "Sequence[Candidate]", split: "Split", samples: int, config: "Config", fresh: bool, spot_checks: int
) -> "dict[str, list[Run]]":
    """One run a sample for each candidate, generated where it is missing; greedy and recorded candidates have one."""
    from harness.runs.answering import complete_runs

    if samples < 1:
        raise InputError(f"--samples {samples}: at least 1")
    variants = {
        candidate.name: list({each.name: each for each in map(candidate.sampled, range(samples))}.values())
        for candidate in candidates
    }
    if samples > 1 and all(len(found) == 1 for found in variants.values()):
        raise InputError("--samples needs a candidate with a temperature above 0; greedy answers do not vary")
    with answering_progress() as progress:
        every = [variant for found in variants.values() for variant in found]
        runs = complete_runs(every, split, config, fresh, progress)
        if spot_checks:
            _check_once(candidates, runs, split, spot_checks, config, progress)
    return {name: [runs[variant.name] for variant in found] for name, found in variants.items()}


def _check_once(
    candidates: "Sequence[Candidate]",
    runs: "dict[str, Run]",
    split: "Split",
    samples: int,
    config: "Config",
    progress: Any,
) -> None:
    """Spot-check the generated runs not checked here before, ``samples`` answers shared among them."""
    from harness.cli.runs import check_runs
    from harness.runs.spot_check import recall

    generated = [candidate for candidate in candidates if candidate.local]
    known = recall([runs[candidate.name].key for candidate in generated], config)
    unchecked = [candidate for candidate in generated if runs[candidate.name].key not in known]
    if unchecked:
        share = max(1, samples // len(generated))
        check_runs(unchecked, runs, split, share, random.SystemRandom().randrange(2**31), config, progress)


def _record_look(what: Any, candidates: "Sequence[Candidate]", baseline: str, config: "Config") -> None:
    from harness.gate.ledger import Look, record
    from harness.suite.lock import TestSet, verify

    looked = {
        each.name: each.fingerprint for each in candidates if each.name != baseline and not each.settings.reference
    }
    if looked or what == "reveal":
        base = next(each.fingerprint for each in candidates if each.name == baseline)
        test = TestSet.of(verify(candidates[0].suite))
        record(config.ledger_path, Look(what, test.lock, looked, base, questions=test.questions))


def _relative(path: Path) -> Path:
    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path
