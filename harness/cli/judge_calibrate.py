"""``harness judge calibrate``, ``again`` and ``labels-needed``."""

from typing import TYPE_CHECKING, Any

import click
from rich.markup import escape
from rich.table import Table

from harness.cli.common import as_json_option, console, current_config, print_json, split_option, without_nan
from harness.cli.completing import candidate_names
from harness.errors import ExitCode, InputError
from harness.terminal import echo

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.candidates.candidate import Candidate
    from harness.config import Config
    from harness.scoring.judge.calibration import Calibration, Group

labels_option = click.option(
    "--labels", "author_kind", type=click.Choice(["person", "model"]), help="Whose labels [default: people's, if any]."
)
scorer_option = click.option(
    "--scorer", metavar="METRIC", help="Measure a stored 0/1 metric, such as correct, not the judge."
)


@click.command("calibrate")
@click.argument("names", nargs=-1, required=True, metavar="CANDIDATE...", shell_complete=candidate_names)
@split_option
@scorer_option
@labels_option
@click.option(
    "--same-family-known", is_flag=True, help="Go on where teacher and judge are one model family; it is said."
)
@click.option("--reveal-test", is_flag=True, help="List disagreements on test items; recorded in the ledger.")
@as_json_option
@click.pass_context
def calibrate_command(
    ctx: click.Context,
    names: tuple[str, ...],
    split: str,
    scorer: str | None,
    author_kind: Any,
    same_family_known: bool,
    reveal_test: bool,
    as_json: bool,
) -> int:
    """Hold the judge of harness.toml against labels of CANDIDATE...'s answers, and correct its figures by them.

    Ends with 3 where no accuracy is claimed from it.
    """
    from dataclasses import asdict, replace

    from harness.candidates.candidate import get_candidate
    from harness.scoring.judge.calibration import calibrate
    from harness.scoring.judge.labelled import labelled_answers
    from harness.suite.item import Split

    config, chosen = current_config(ctx), Split(split)
    candidates = [get_candidate(name, config) for name in dict.fromkeys(names)]
    found = labelled_answers(candidates, chosen, config, scorer, author_kind)
    calibration = calibrate(
        found.answers, found.judge, found.author_kind, split,
        strict=scorer == "correct", teachers=found.teachers, families_said=same_family_known,
    )  # fmt: skip
    calibration = replace(calibration, notes=[*calibration.notes, *found.notes])
    listed = chosen in (Split.DEV, Split.FEEDBACK) or reveal_test
    if chosen is Split.TEST:
        _record_look("reveal" if reveal_test else "compare", candidates, config)
    if not listed:
        calibration = replace(calibration, disagreements=[])
    if as_json:
        print_json(without_nan(asdict(calibration)))
    else:
        _render(calibration, listed)
    return ExitCode.OK if calibration.overall and not calibration.refused else ExitCode.INCONCLUSIVE


def _record_look(what: Any, candidates: "Sequence[Candidate]", config: "Config") -> None:
    from harness.gate.ledger import Look, record
    from harness.suite.lock import TestSet, verify

    looked = {each.name: each.fingerprint for each in candidates if not each.settings.reference}
    test = TestSet.of(verify(candidates[0].suite))
    record(config.ledger_path, Look(what, test.lock, looked, "", questions=test.questions))


def _render(found: "Calibration", listed: bool) -> None:
    whose = (
        "labels by people" if found.author_kind == "person" else "MODEL-MADE labels: not people's, they unlock nothing"
    )
    console.print(f"\n[bold]{escape(found.judge)}[/bold] against {whose}, {found.split} split", highlight=False)
    console.print(
        f"{found.labelled} of {found.answers} answers labelled, {found.unsure} of them unsure; {found.undecided} not decided "
        "by the judge (counted as not passed)", highlight=False,
    )  # fmt: skip
    if found.overall:
        table = _table("label", "judge: correct", "incorrect", "undecided")
        for label, row in found.table.items():
            table.add_row(label, *(str(row[verdict]) for verdict in ("correct", "incorrect", "undecided")))
        console.print(table)
        console.print()
        table = _table("labelled answers", "n", "agree", "kappa", "sensitivity", "specificity", "informedness")
        dimension = ""
        for group in (found.overall, *found.groups):
            if group.dimension not in (dimension, "all"):
                table.add_row(f"[dim]by {group.dimension}[/dim]")
                dimension = group.dimension
            table.add_row(*_row(group))
        console.print(table)
        console.print(
            "[dim]95% intervals, answers of one intent taken as one; weighted by the chance of being drawn[/dim]"
        )
    if found.stability:
        same = found.stability.same
        console.print(
            f"Judged twice: {found.stability.answers} answers, {_whole(same.share, same.low, same.high)} with the same verdict, "
            f"{found.stability.passed_once} passed once and not again", highlight=False,
        )  # fmt: skip
    for reason in found.refused:
        console.print(f"[bold]No accuracy is claimed:[/bold] {escape(reason)}", highlight=False)
    if found.corrected:
        _corrected(found)
    for note in found.notes:
        console.print(f"[dim]{escape(note)}[/dim]", highlight=False)
    if listed:
        _disagreements(found)
    elif found.overall:
        console.print("[dim]Disagreements on test items are listed only with --reveal-test[/dim]")


def _corrected(found: "Calibration") -> None:
    console.print()
    table = _table("right answers, %", "judged", "labels alone", "corrected", "by its rates", "labels")
    for each in found.corrected:
        signed = each.against is not None
        rates = each.rogan_gladen
        table.add_row(
            escape(f"{each.candidate} less {each.against}" if each.against else each.candidate),
            f"{100 * each.judged:{'+' if signed else ''}.1f}",
            _percent(*each.labels_alone, signed),
            _percent(each.estimate, each.low, each.high, signed),
            "" if signed else "not known" if rates is None else _percent(*rates),
            f"{each.labelled} ({each.labelled_intents})",
        )
    console.print(table)
    kind = "people's" if found.author_kind == "person" else "MODEL-MADE"
    console.print(
        f"[dim]Right as the customer gets it. Corrected by PPI++ with {kind} labels; by its rates: Rogan and Gladen; 95% intervals; labels (in intents)[/dim]"
    )


def _disagreements(found: "Calibration") -> None:
    if found.disagreements:
        console.print(f"\n{len(found.disagreements)} disagreements")
    for each in found.disagreements:
        console.print(
            f"{escape(each.item)} ({escape(each.candidate)}): label {each.label}, judge {each.verdict}\n"
            f"  judge: {escape(each.judge_reason or '–')}\n  reader: {escape(each.reader_comment or '–')}", highlight=False,
        )  # fmt: skip


def _row(group: "Group") -> list[str]:
    found = group.measured
    informed = found.informedness
    rates = [_whole(rate.share, rate.low, rate.high) for rate in (found.sensitivity, found.specificity)]
    return [
        escape(group.name), str(group.answers), f"{100 * found.agreement.share:.0f}%",
        _plain(found.kappa, found.kappa_low, found.kappa_high), *rates,
        _plain(informed.value, informed.low, informed.high),
    ]  # fmt: skip


def _percent(value: float, low: float, high: float, signed: bool = False) -> str:
    if value != value:
        return "–"
    sign = "+" if signed else ""
    return f"{100 * value:{sign}.1f} ({100 * low:{sign}.1f}, {100 * high:{sign}.1f})"


def _whole(value: float, low: float, high: float) -> str:
    return "–" if value != value else f"{100 * value:.0f}% ({100 * low:.0f}–{100 * high:.0f})"


def _plain(value: float, low: float, high: float) -> str:
    return "–" if value != value else f"{value:.2f} ({low:.2f}, {high:.2f})"


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for index, column in enumerate(columns):
        table.add_column(column, justify="right" if index else "left")
    return table


@click.command("again")
@click.argument("names", nargs=-1, required=True, metavar="CANDIDATE...", shell_complete=candidate_names)
@split_option
@click.option(
    "--answers", "count", default=50, show_default=True, type=click.IntRange(1), help="Answers drawn at random."
)
@as_json_option
@click.pass_context
def again_command(ctx: click.Context, names: tuple[str, ...], split: str, count: int, as_json: bool) -> None:
    """Judge some answers of CANDIDATE... a second time; `harness judge calibrate` says how often the verdict stays."""
    from harness.candidates.candidate import get_candidate
    from harness.runs.answering import request, run_folders
    from harness.runs.store import find_run
    from harness.scoring.judge.again import judge_again
    from harness.scoring.judge.judging import answers_of
    from harness.scoring.judge.record import judgement_file, read_judgements
    from harness.suite.item import Split

    config, chosen = current_config(ctx), Split(split)
    done = {}
    for name in dict.fromkeys(names):
        candidate = get_candidate(name, config)
        run = find_run(request(candidate, chosen).key, run_folders(config))
        judged = read_judgements(judgement_file(run.folder, config.judge.digest)) if run else {}
        if run is None or not judged:
            raise InputError(
                f"no answer of {name} is judged by {config.judge.name}: harness judge run {name} --split {split}"
            )
        items = [item for item in candidate.suite.items(chosen) if item.id in judged]
        answers = answers_of(run, candidate.fingerprint, items)
        done[name] = judge_again(
            answers,
            candidate.suite,
            config,
            count,
            lambda cost: echo(f"{config.judge.name}: {cost.sentence()}", err=True),
        )
    if as_json:
        print_json(done)
    else:
        for name, answered in done.items():
            console.print(
                f"{escape(name)}: {answered} answers judged twice; see harness judge calibrate", highlight=False
            )


@click.command("labels-needed")
@click.argument("name", metavar="CANDIDATE", shell_complete=candidate_names)
@click.option("--baseline", shell_complete=candidate_names, help="Candidate on sale today [default: the file's].")
@as_json_option
@click.pass_context
def needed_command(ctx: click.Context, name: str, baseline: str | None, as_json: bool) -> None:
    """Say whether people's labels decide between CANDIDATE and the baseline yet, and how many more would."""
    from dataclasses import asdict

    from harness.candidates.candidate import get_candidate
    from harness.gate.labels import labelling_now
    from harness.runs.answering import stored_run
    from harness.suite.item import Split

    config = current_config(ctx)
    base = baseline or config.baseline
    if name == base:
        raise InputError(f"{name} is the baseline; name a candidate, or another --baseline")
    if config.gate.corrected is None:
        raise InputError("the policy asks for no labels; add [gate.corrected] to harness.toml")
    candidate, against = get_candidate(name, config), get_candidate(base, config)
    runs = {each.name: [stored_run(each, Split.TEST, config)] for each in (candidate, against)}
    _record_look("compare", [candidate, against], config)
    found = labelling_now(candidate, against, runs, candidate.suite.columns(Split.TEST), config)
    if as_json:
        print_json(without_nan(asdict(found)) if found else None)
    elif found:
        console.print(f"{escape(name)} against {escape(base)}: {found.sentence}", highlight=False)
    else:
        least = config.gate.corrected.least_items
        console.print(
            f"No random sample of {least} items or more is drawn of both: "
            f"harness review start {escape(name)} {escape(base)} --split test --items {least}", highlight=False,
        )  # fmt: skip
