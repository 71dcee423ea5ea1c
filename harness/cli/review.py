"""``harness review``."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.markup import escape
from rich.table import Table

from harness.cli.common import as_json_option, console, current_config, print_json
from harness.cli.completing import candidate_names
from harness.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harness.candidates.candidate import Candidate
    from harness.config import Config
    from harness.labels.status import ReviewStatus
    from harness.suite.item import AuthorKind


@click.group("review", help="Let people label answers in a browser, blind; export, import and count labels.")
def command() -> None:
    """Group of the commands below."""


def _served(function: "Callable[..., Any]") -> "Callable[..., Any]":
    """The options of a command that serves the page."""
    for option in (
        click.option(
            "--token", help="Token to ask for [default: made and printed where --host is not this machine's]."
        ),
        click.option(
            "--port", default=8765, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one."
        ),
        click.option(
            "--host",
            default="127.0.0.1",
            show_default=True,
            help="Address to listen on; others than this machine's need a token.",
        ),
    ):
        function = option(function)
    return function


def _drawing(function: "Callable[..., Any]") -> "Callable[..., Any]":
    """What decides a draw: the same give the same review, on the page and as a sheet."""
    for option in (
        click.option("--seed", default=0, show_default=True, help="Another seed draws another set."),
        click.option(
            "--double",
            default=0.2,
            show_default=True,
            type=click.FloatRange(0, 1),
            help="Share labelled by two readers.",
        ),
        click.option(
            "--items",
            type=int,
            metavar="N",
            help="Items drawn at random, the same for all candidates [default: 60, or all].",
        ),
        click.option(
            "--split", type=click.Choice(["dev", "feedback", "test"]), default="dev", show_default=True, help="Split."
        ),
        click.argument("names", nargs=-1, required=True, metavar="CANDIDATE...", shell_complete=candidate_names),
    ):
        function = option(function)
    return function


@command.command("start")
@_drawing
@click.option("--pairs", is_flag=True, help="Show two candidates' answers and ask which is better.")
@_served
@click.pass_context
def start(
    ctx: click.Context,
    names: tuple[str, ...],
    split: str,
    items: int | None,
    double: float,
    pairs: bool,
    seed: int,
    host: str,
    port: int,
    token: str | None,
) -> None:
    """Serve answers of CANDIDATE... for blind labelling. The same command goes on with the same review.

    Test-split answers are shown only after the look is written into the ledger.
    """
    _need_packages()
    from harness.candidates.candidate import get_candidate
    from harness.review.server import address, choose_token, listen, prepare, serve
    from harness.suite.item import Split

    config = current_config(ctx)
    candidates = [get_candidate(name, config) for name in dict.fromkeys(names)]
    chosen = Split(split)
    secret = choose_token(host, token)
    questions = candidates[0].suite.items(chosen)
    drawn = min(60, len(questions)) if items is None else items
    store, review = prepare(candidates, chosen, config, drawn, double, seed, pairs)
    listening = listen(host, port)
    if chosen is Split.TEST:
        _record_reveal(candidates, review.lock, config)
        console.print(f"Test items are shown: the look stands in {escape(str(config.ledger_path))}", highlight=False)
    console.print(
        f"Review {review.id}: {drawn} items, {escape(', '.join(each.name for each in candidates))}", highlight=False
    )
    _say_where(address(listening, host, secret))
    serve(listening, store, review, questions, candidates[0].suite.knowledge, secret)


@command.command("sheet")
@click.argument("file", type=click.Path(path_type=Path))
@_drawing
@click.pass_context
def sheet(
    ctx: click.Context, file: Path, names: tuple[str, ...], split: str, items: int | None, double: float, seed: int
) -> None:
    """Draw answers of CANDIDATE... as `harness review start` does and write them to FILE.csv, to be labelled blind.

    Fill the column verdict; `harness review import FILE` takes it back. Test-split answers count as looked at.
    """
    _need_packages()
    from harness.candidates.candidate import get_candidate
    from harness.review.server import prepare
    from harness.review.sheet import blank_sheet
    from harness.suite.item import Split

    if file.suffix != ".csv":
        raise InputError(f"{file}: .csv")
    config, chosen = current_config(ctx), Split(split)
    candidates = [get_candidate(name, config) for name in dict.fromkeys(names)]
    questions = candidates[0].suite.items(chosen)
    drawn = min(60, len(questions)) if items is None else items
    store, review = prepare(candidates, chosen, config, drawn, double, seed, pairs=False)
    if chosen is Split.TEST:
        _record_reveal(candidates, review.lock, config)
    text, rows = blank_sheet(store, review.id, questions, candidates[0].suite.knowledge)
    try:
        file.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise InputError(f"{file}: cannot be written ({error.strerror})") from None
    console.print(f"Review {review.id}: {rows} answers to {drawn} items in {escape(str(file))}", highlight=False)


def _need_packages() -> None:
    try:
        import uvicorn  # noqa: F401

        import harness.review.app  # noqa: F401
    except ImportError as error:
        raise InputError(f"the review needs {error.name}: pip install 'harness[review]'") from None


def _say_where(link: str) -> None:
    click.echo(f"Open {link}")
    console.print(
        "[dim]Add ?name=… to prefill a reader's name. Ctrl-C ends; labels are stored as they are given.[/dim]"
    )


@command.command("corrections")
@click.argument("name")
@_served
@click.pass_context
def corrections_command(ctx: click.Context, name: str, host: str, port: int, token: str | None) -> None:
    """Serve the refused corrections of dataset NAME, each with its reasons, to be labelled or rewritten.

    What came of it enters the dataset with `harness correct collect NAME`.
    """
    _need_packages()
    from harness.corrections.dataset import Dataset
    from harness.corrections.queue import Queue, enqueue, open_refusals, review_id
    from harness.labels.store import LabelStore
    from harness.review.server import address, choose_token, labels_path, listen, serve
    from harness.suite.item import Split
    from harness.suite.lock import verify
    from harness.suite.suite import load_suite

    config = current_config(ctx)
    suite = load_suite(config.suite, config.root / config.tasks if config.tasks else None)
    lock, dataset = verify(suite)["sha256"], Dataset(config.root, name)
    refused = open_refusals(dataset, lock)
    if not refused:
        raise InputError(f"{dataset.refused_path}: nothing is queued; see: harness correct RUN --into {name}")
    store = LabelStore(labels_path(config))
    enqueue(store, dataset, suite.name, lock)
    review = next(each for each in store.reviews() if each.id == review_id(name, lock))
    secret = choose_token(host, token)
    listening = listen(host, port)
    console.print(f"Review {review.id}: {len(refused)} refused corrections of {escape(name)}", highlight=False)
    _say_where(address(listening, host, secret))
    items = suite.items(Split.FEEDBACK)
    serve(listening, store, review, items, suite.knowledge, secret, Queue(dataset, refused))


def _record_reveal(candidates: "Sequence[Candidate]", lock: str, config: "Config") -> None:
    from harness.gate.ledger import Look, record
    from harness.suite.item import Split
    from harness.suite.lock import questions_digest

    questions = questions_digest(candidates[0].suite, Split.TEST)
    looked = {each.name: each.fingerprint for each in candidates if not each.settings.reference}
    record(config.ledger_path, Look("reveal", lock, looked, "", questions=questions))


@command.command("export")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--undone", is_flag=True, help="With labels that were taken back.")
@click.option("--people-only", is_flag=True, help="Without model-made labels.")
@as_json_option
@click.pass_context
def export_command(ctx: click.Context, file: Path, undone: bool, people_only: bool, as_json: bool) -> None:
    """Write every label to FILE, .csv or .jsonl, one row a label and candidate."""
    from harness.labels.export import rows, to_csv, to_jsonl
    from harness.labels.store import LabelStore
    from harness.review.server import labels_path

    writers = {".csv": to_csv, ".jsonl": to_jsonl}
    if file.suffix not in writers:
        raise InputError(f"{file}: .csv or .jsonl")
    store = LabelStore(labels_path(current_config(ctx)))
    labels = [each for each in store.labels(undone) if not people_only or each.author_kind == "person"]
    try:
        file.write_text(writers[file.suffix](list(rows(store, labels))), encoding="utf-8", newline="")
    except OSError as error:
        raise InputError(f"{file}: cannot be written ({error.strerror})") from None
    model = sum(each.author_kind == "model" for each in labels)
    if as_json:
        print_json({"file": str(file), "rows": len(labels), "by_people": len(labels) - model, "model_made": model})
    else:
        console.print(
            f"{len(labels)} rows in {escape(str(file))}: {len(labels) - model} by people, {model} model-made",
            highlight=False,
        )


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--author-kind", type=click.Choice(["person", "model"]), required=True, help="Who decided the labels.")
@click.option("--reviewer", metavar="NAME", help="Who labelled, where the sheet has no column reviewer.")
@as_json_option
@click.pass_context
def import_command(
    ctx: click.Context, file: Path, author_kind: "AuthorKind", reviewer: str | None, as_json: bool
) -> None:
    """Store the labels of a sheet, .csv or .xlsx: columns item, candidate, verdict, and what else the export has."""
    from dataclasses import asdict

    from harness.candidates.candidate import get_candidate
    from harness.labels.importing import read_sheet, store_sheet
    from harness.labels.store import LabelStore
    from harness.review.server import labels_path, stored_answers
    from harness.suite.item import Split
    from harness.suite.lock import verify
    from harness.suite.suite import load_suite

    config = current_config(ctx)
    suite = load_suite(config.suite, config.root / config.tasks if config.tasks else None)
    lock = verify(suite)["sha256"]
    items = {item.id: (split, item) for split in Split if suite.has(split) for item in suite.items(split)}
    found: dict[tuple[str, Split], Any] = {}

    def lookup(name: str, split: Split) -> Any:
        if (name, split) not in found:
            answers = stored_answers(get_candidate(name, config), split, config)
            found[name, split] = (answers.run, answers.completions)
        return found[name, split]

    store = LabelStore(labels_path(config))
    rows = read_sheet(file, items, lookup, reviewer, store.drawn(lock))
    done = store_sheet(store, file, rows, suite.name, lock, author_kind)
    if as_json:
        print_json(asdict(done))
        return
    whose = "by people" if author_kind == "person" else "model-made"
    console.print(
        f"{done.labels} labels stored ({whose}), {done.sampled} of them of answers drawn at random", highlight=False
    )
    if done.sampled < done.labels:
        console.print("[dim]Labels outside a random sample describe; they correct no judge.[/dim]")


@command.command("status")
@as_json_option
@click.pass_context
def status_command(ctx: click.Context, as_json: bool) -> None:
    """Count labels by review and reader, and say how far readers agree."""
    from dataclasses import asdict

    from harness.labels.status import status
    from harness.labels.store import LabelStore
    from harness.review.server import labels_path

    path = labels_path(current_config(ctx))
    found = status(LabelStore(path)) if path.is_file() else []
    if as_json:
        print_json({"file": str(path), "reviews": [asdict(each) for each in found]})
    elif not found:
        console.print("no reviews yet; begin one: harness review start CANDIDATE")
    for each in [] if as_json else found:
        _render(each)


def _render(found: "ReviewStatus") -> None:
    shape = {
        "single": "one answer at a time",
        "pair": "two answers at a time",
        "import": "imported or queued, outside a random sample",
    }
    console.print(
        f"\n[bold]{escape(found.review)}[/bold]  {escape(found.suite)}, {found.split} split, lock {found.lock[:12]}, "
        f"{shape[found.kind]}\n{escape(', '.join(found.candidates))}: {found.items} items, {found.tasks} tasks, "
        f"{found.double_tasks} of them for two readers",
        highlight=False,
    )
    verdicts = ("equal", "unsure") if found.kind == "pair" else ("correct", "incorrect", "unsure")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in ("labels", "reader", "given", *verdicts, "median s"):
        table.add_column(column, justify="left" if column in ("labels", "reader") else "right")
    for each in found.readers:
        pace = "–" if each.median_seconds is None else f"{each.median_seconds:.0f}"
        kind = "by a person" if each.author_kind == "person" else "model-made"
        counts = [str(each.verdicts.get(name, 0)) for name in verdicts]
        table.add_row(kind, escape(each.name), str(each.labels), *counts, pace)
    console.print(table if found.readers else "[dim]no labels yet[/dim]", highlight=False)
    for those in found.kinds:
        whose = "people" if those.agreement.author_kind == "person" else "models"
        line = f"{whose}: {those.complete} of {found.tasks} tasks complete, {those.disputes} disagreements open"
        agreed = those.agreement
        if agreed.tasks and agreed.same is not None:
            alpha = "–" if agreed.alpha is None else f"{agreed.alpha:.2f}"
            line += f"; {agreed.tasks} labelled twice, {100 * agreed.same:.0f}% alike, Krippendorff's alpha {alpha}"
        console.print(line, highlight=False)
        for pair in agreed.pairs:
            if pair.kappa is not None and pair.se is not None:
                names = escape(" and ".join(pair.reviewers))
                console.print(
                    f"  {names}: kappa {pair.kappa:.2f} (standard error {pair.se:.2f}) on {pair.tasks}", highlight=False
                )
