"""``harness suite impostors``."""

import json
from dataclasses import asdict
from pathlib import Path

import click
from rich.markup import escape
from rich.table import Table

from harness.cli.common import (
    answering_progress,
    as_json_option,
    chosen_suite,
    console,
    current_config,
    print_json,
    split_option,
)
from harness.config import CandidateConfig, Config
from harness.errors import ExitCode, InputError
from harness.suite.impostors import IMPOSTORS, Deck, Impostor, Outcome, outcome
from harness.suite.item import Split


@click.command("impostors")
@split_option
@as_json_option
@click.pass_context
def command(ctx: click.Context, split: str, as_json: bool) -> None:
    """Score wrong candidates made from the items: exit 1 where one earns more than its limit."""
    suite = chosen_suite(ctx, None)
    outcomes = _outcomes(current_config(ctx), Deck(suite.items(Split(split)), suite.knowledge), Split(split))
    passed = all(found.passed for found in outcomes)
    if as_json:
        print_json(
            {"suite": suite.name, "split": split, "passed": passed, "impostors": [asdict(one) for one in outcomes]}
        )
    else:
        _render(escape(f"{suite.name}, split {split}"), outcomes)
    ctx.exit(ExitCode.OK if passed else ExitCode.BLOCKED)


def _outcomes(config: Config, deck: Deck, split: Split) -> list[Outcome]:
    from harness.candidates.candidate import Candidate
    from harness.runs.answering import complete_runs

    applies: dict[str, set[str]] = {}
    candidates = []
    for impostor in IMPOSTORS:
        name = f"impostor-{impostor.name}"
        answers = Path(config.store) / "answers" / f"{name}-{split}.jsonl"
        applies[name] = _write_answers(config.root / answers, impostor, deck)
        settings = CandidateConfig.model_validate({"engine": "recorded", "answers": answers})
        candidates.append(Candidate(name, settings, config))
    with answering_progress() as progress:
        runs = complete_runs(candidates, split, config, progress=progress)
    found = []
    for impostor, candidate in zip(IMPOSTORS, candidates, strict=True):
        scores = runs[candidate.name].scores()
        right = {item_id: scores[item_id]["correct"] for item_id in applies[candidate.name]}
        found.append(outcome(impostor, deck.items, right))
    return found


def _write_answers(path: Path, impostor: Impostor, deck: Deck) -> set[str]:
    """Record an impostor's answers, and return the ids of the items it applies to. Raises `InputError`."""
    completions = {item.id: completion for item in deck.items if (completion := impostor.completion(item, deck))}
    rows = (
        {"id": key, "completion": text, "author_kind": "model", "source": f"impostor: {impostor.name}"}
        for key, text in completions.items()
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: cannot write ({error.strerror}); make the store writable") from None
    return set(completions)


def _render(title: str, outcomes: list[Outcome]) -> None:
    table = Table(box=None, pad_edge=False, title=title, title_justify="left")
    table.add_column("impostor")
    for name in ("items", "answerable", "unanswerable", "limit"):
        table.add_column(name, justify="right")
    table.add_column("")
    for found in outcomes:
        style = None if found.passed else "bold red"
        shares = (_percent(found.answerable), _percent(found.unanswerable), _percent(found.limit))
        table.add_row(found.name, str(found.items), *shares, "pass" if found.passed else "FAIL", style=style)
    console.print(table)
    console.print(
        "\nShare right by `correct`, mean of intents, of the items where the impostor applies. The limit holds for answerable "
        "items; where the gold's meaning was turned, for unanswerable ones too. A refusal is the right answer to some of those.",
        style="dim",
    )


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"
