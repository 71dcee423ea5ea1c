"""``harness data``."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.markup import escape
from rich.table import Table

from harness.cli.common import as_json_option, console, current_config, print_json
from harness.cli.completing import candidate_names
from harness.errors import InputError

if TYPE_CHECKING:
    from harness.config import Config
    from harness.data.importing import Imported
    from harness.data.lengths import Lengths
    from harness.suite.item import AuthorKind
    from harness.suite.suite import Suite


@click.group("data", help="Bring tickets and documents in for review, and rows out in other formats.")
def command() -> None:
    """Group of the commands below."""


@command.command("import")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option("--into", type=click.Path(path_type=Path), required=True, metavar="FILE.jsonl", help="File to write.")
@click.option("--author-kind", type=click.Choice(["person", "model"]), required=True, help="Who wrote the texts.")
@click.option("--map", "maps", multiple=True, metavar="OURS=THEIRS", help="Column of the source, as problem=Question.")
@click.option("--names", type=click.Path(path_type=Path), help="File of people's names to mask, one a line.")
@click.option(
    "--candidate",
    metavar="NAME",
    shell_complete=candidate_names,
    help="List rows too long for this candidate's context.",
)
@as_json_option
@click.pass_context
def import_command(
    ctx: click.Context,
    sources: tuple[str, ...],
    into: Path,
    author_kind: "AuthorKind",
    maps: tuple[str, ...],
    names: Path | None,
    candidate: str | None,
    as_json: bool,
) -> None:
    """Turn SOURCE... into rows for review, with personal data masked.

    SOURCE is CSV, JSON, JSON Lines, Parquet, Markdown or .mbox, a folder of a Hugging Face dataset, or its hub id. Rows that
    hold a test question or a canary are refused, and listed beside FILE.jsonl.
    """
    from harness.candidates.candidate import get_candidate
    from harness.data.export import json_lines, write_new
    from harness.data.importing import import_sources, read_names
    from harness.data.lengths import measure

    config = current_config(ctx)
    chosen = get_candidate(candidate, config) if candidate else None
    for file in (into, _refused_file(into)):
        if file.exists():
            raise InputError(f"{file}: is there already; choose another name or remove it")
    listed = read_names(names) if names else []
    imported = import_sources(sources, _suite(config), _mapping(maps), author_kind, listed)
    lengths = measure(imported.rows, chosen) if chosen else None
    write_new(into, json_lines([row.model_dump(exclude_none=True) for row in imported.rows]))
    if imported.refused:
        write_new(_refused_file(into), json_lines([asdict(record) for record in imported.refused]))
    if as_json:
        print_json(
            {
                "into": str(into),
                "rows": len(imported.rows),
                "refused": [asdict(record) for record in imported.refused],
                "masked": imported.masked,
                "lengths": asdict(lengths) if lengths else None,
            }
        )
    else:
        _render(imported, lengths, into)


def _suite(config: "Config") -> "Suite":
    from harness.suite.suite import load_suite

    return load_suite(config.suite, config.root / config.tasks if config.tasks else None)


def _refused_file(into: Path) -> Path:
    return into.with_suffix(".refused.jsonl")


def _mapping(maps: tuple[str, ...]) -> dict[str, str]:
    from harness.data.record import COLUMNS
    from harness.suggest import nearest

    mapping = {}
    for entry in maps:
        ours, equals, theirs = entry.partition("=")
        if not equals or not theirs:
            raise InputError(f"--map {entry}: wanted is OURS=THEIRS, as problem=Question")
        if ours not in COLUMNS:
            raise InputError(f"--map {entry}: no column {ours!r}{nearest(ours, COLUMNS)}")
        mapping[ours] = theirs
    return mapping


def _render(imported: "Imported", lengths: "Lengths | None", into: Path) -> None:
    console.print(f"{len(imported.rows)} rows for review in {escape(str(into))}", highlight=False)
    kinds = sorted({kind for counts in imported.masked.values() for kind in counts})
    if kinds:
        table = Table(box=None, pad_edge=False, title="\nmasked", title_justify="left")
        table.add_column("source")
        for kind in kinds:
            table.add_column(kind.lower(), justify="right")
        for source, counts in imported.masked.items():
            table.add_row(escape(source), *(str(counts.get(kind, 0)) for kind in kinds))
        console.print(table, highlight=False)
    else:
        console.print("nothing masked")
    if imported.refused:
        console.print(
            f"\n{len(imported.refused)} refused, listed in {escape(str(_refused_file(into)))}", highlight=False
        )
        for record in imported.refused[:10]:
            console.print(escape(f"  {record.source}: {record.reason}"), highlight=False)
    if lengths:
        console.print(
            f"\n{len(lengths.over_long)} rows over the {lengths.context} tokens of {lengths.candidate}; "
            f"the longest has {lengths.longest}",
            highlight=False,
            markup=False,
        )
        for row in lengths.over_long:
            console.print(escape(f"  {row.id} ({row.source}): {row.tokens} tokens"), highlight=False)
    console.print("\nMasking misses what no rule can see (unlisted names, addresses): read every row.", style="dim")


@command.command("export")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="[FILE.jsonl] OUT")
@click.option("--split", type=click.Choice(["train", "feedback", "dev", "test"]), help="Split of the suite to export.")
@click.option("--reveal-test", is_flag=True, help="Let the test split out; recorded in the ledger.")
@as_json_option
@click.pass_context
def export_command(
    ctx: click.Context, files: tuple[Path, ...], split: str | None, reveal_test: bool, as_json: bool
) -> None:
    """Write FILE.jsonl, or a split of the suite, to OUT: .json, .jsonl, .parquet or .pkl."""
    from harness.data.export import export

    if len(files) != (1 if split else 2):
        raise InputError("give --split NAME and OUT, or FILE.jsonl and OUT")
    rows = _split_rows(current_config(ctx), split, reveal_test) if split else _file_rows(files[0])
    export(rows, files[-1])
    if as_json:
        print_json({"rows": len(rows), "file": str(files[-1])})
    else:
        console.print(f"{len(rows)} rows in {escape(str(files[-1]))}", highlight=False)


def _file_rows(path: Path) -> list[dict[str, Any]]:
    from harness.suite.suite import read_jsonl

    return [row for _, row in read_jsonl(path)]


def _split_rows(config: "Config", split: str, reveal_test: bool) -> list[dict[str, Any]]:
    from harness.gate.ledger import Look, record
    from harness.suite.item import Split
    from harness.suite.lock import TestSet, verify

    suite = _suite(config)
    chosen = Split(split)
    if chosen is Split.TEST:
        if not reveal_test:
            raise InputError(
                "the test split is not exported: whoever reads it can train on it; --reveal-test lets it out"
            )
        test = TestSet.of(verify(suite))
        record(config.ledger_path, Look("reveal", test.lock, {}, "", questions=test.questions))
    return [item.model_dump(mode="json", by_alias=True, exclude_none=True) for item in suite.items(chosen)]
