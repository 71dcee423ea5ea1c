"""``harness import``."""

import json
from pathlib import Path

import click

from harness.cli.candidates import add_candidate, check_name
from harness.cli.common import console, current_config
from harness.errors import InputError


@click.command("import")
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--author-kind", type=click.Choice(["person", "model"]), required=True, help="Who wrote the answers.")
@click.option("--source", required=True, help="Where they come from, in a few words.")
@click.pass_context
def command(ctx: click.Context, name: str, file: Path, author_kind: str, source: str) -> None:
    """Make recorded candidate NAME from FILE: JSON Lines of {"id", "output"}, or samples logged by lm-eval."""
    from harness.runs.importing import read_outputs
    from harness.suite.item import Split
    from harness.suite.suite import load_suite

    check_name(name)
    config = current_config(ctx)
    suite = load_suite(config.suite, config.root / config.tasks if config.tasks else None)
    known = {item.id for split in (Split.TEST, Split.DEV) for item in suite.items(split)}
    outputs = read_outputs(file, known)
    answers = Path(config.store) / "answers" / f"{name}.jsonl"
    target = config.root / answers
    rows = (
        {"id": key, "completion": text, "author_kind": author_kind, "source": source} for key, text in outputs.items()
    )
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    if target.exists():
        raise InputError(f"{target}: answers of this name are there already; choose another name or remove them")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{target}: cannot write ({error.strerror}); make the store writable") from None
    try:
        add_candidate(ctx, name, {"engine": "recorded", "answers": answers.as_posix()})
    except InputError:
        target.unlink()
        raise
    console.print(
        f"{len(outputs)} answers recorded as {name} (written by {'people' if author_kind == 'person' else 'a model'})"
    )
