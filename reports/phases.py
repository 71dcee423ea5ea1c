"""A phase report for people: terminal, Markdown, HTML, JSON, and its picture as SVG and PNG."""

import json
from dataclasses import asdict, replace
from importlib.util import find_spec
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from harness.errors import HarnessError
from harness.journal import replace_file
from harness.phases import Measurement, Phase, PhaseReport
from harness.reports.html import page
from harness.reports.markdown import row, safe
from harness.reports.phases_plot import lines_plot, people_plot, words
from harness.reports.plots import markup, standalone
from harness.reports.terminal import plain

COLUMNS = ("phase", "right (95%)", "with leaked rows", "leaked", "judged by", "questions", "interval", "lock", "note")
HINT = "A PNG of the picture needs resvg: pip install 'harness[plots]'"
NO_FONT = "No PNG: no font is installed to write its labels with (Debian: apt-get install fonts-dejavu-core)"


def table_rows(report: PhaseReport) -> list[tuple[str, ...]]:
    """One row a measurement, under `COLUMNS`."""
    return [
        (
            phase.name,
            words(each),
            "–" if each.full is None else f"{100 * each.full.mean:.1f}%",
            "not known" if each.leaked is None else f"{each.leaked} of {each.n}",
            each.instrument,
            each.questions,
            each.method,
            "–" if each.lock is None else each.lock[:12],
            "; ".join(filter(None, (phase.note if each is phase.measurements[0] else "", each.note))),
        )
        for line in report.lines
        for phase in line.phases
        for each in phase.measurements
    ]


def render_phases(report: PhaseReport, console: Console) -> None:
    """Print the manager's sentences, the lines with their breaks, and what the figures cannot say."""
    console.print()
    first, *others = report.sentences
    console.print(f"[bold]{escape(plain(first))}[/]", highlight=False)
    for sentence in others:
        console.print(escape(plain(sentence)), highlight=False)
    for line in report.lines:
        table = Table(
            title=f"\n{escape(plain(line.title))}", title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0)
        )
        for name in ("phase", "right (95%)", "leaked", "judged by", "questions"):
            table.add_column(name, no_wrap=name in ("phase", "right (95%)"))
        for phase, step in zip(line.phases, [None, *line.steps], strict=True):
            if step and step.breaks:
                table.add_row("[dim]line breaks[/]")
            for each in phase.measurements:
                name = phase.name if each is phase.measurements[0] else ""
                table.add_row(*(escape(plain(cell)) for cell in (name, words(each), *_terse(each))))
        console.print(table, highlight=False)
    console.print("\nWhat these figures cannot say", style="bold")
    for limit in report.limits:
        console.print(f"- {escape(plain(limit))}", highlight=False)
    console.print()


def _terse(each: Measurement) -> tuple[str, str, str]:
    leaked = "not known" if each.leaked is None else f"{each.leaked} of {each.n}"
    return leaked, each.instrument, each.questions


def phases_markdown(report: PhaseReport) -> str:
    """The same for a pull request or a note."""
    first, *others = report.sentences
    lines = [f"# {safe(report.suite)}: phases", "", f"**{safe(first)}**", ""]
    lines += [f"- {safe(sentence)}" for sentence in others]
    lines += ["", "## What these figures cannot say", "", *(f"- {safe(limit)}" for limit in report.limits)]
    for line in report.lines:
        lines += ["", f"## {safe(line.title)}", "", row(list(COLUMNS)), row(["---"] * len(COLUMNS))]
        lines += [row([safe(cell) for cell in cells]) for cells in table_rows(replace(report, lines=[line]))]
        breaks = [
            f"- {safe(step.before)} | {safe(step.after)}: {safe('; '.join(step.breaks))}"
            for step in line.steps
            if step.breaks
        ]
        lines += ["", "Where the line breaks:", "", *breaks] if breaks else []
    return "\n".join(lines) + "\n"


def phases_html(report: PhaseReport) -> str:
    """The page: what a manager needs first, then the lines of progress and every figure."""
    customers = [phase for line in report.lines for phase in line.phases if phase.customers]
    return page(
        "phases.html.j2",
        ("style.css", "phases.css", "plot.css"),
        r=report,
        customers=customers,
        people=_people,
        plots=[markup(lines_plot(replace(report, lines=[line]))) for line in report.lines],
        columns=COLUMNS,
        rows=table_rows(report),
    )


def _people(phase: Phase) -> str:
    assert phase.customers is not None
    return markup(people_plot(phase, phase.customers))


def png(svg: str) -> bytes | None:
    """The picture at three pixels a unit; ``None`` where no font could write its labels. Needs the extra ``plots``."""
    from resvg_py import svg_to_bytes

    empty, letter = (
        svg_to_bytes(svg_string=f'<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20">{text}</svg>')
        for text in ("", '<text y="15" font-family="sans-serif">M</text>')
    )
    return None if bytes(empty) == bytes(letter) else bytes(svg_to_bytes(svg_string=svg, zoom=3))


def write_phases(report: PhaseReport, folder: Path) -> tuple[list[Path], str]:
    """Write all files; return their paths, and what to do where the PNG is missing. Raises `HarnessError` where that fails."""
    svg = standalone(lines_plot(report))
    contents = {
        "html": phases_html(report).encode(),
        "md": phases_markdown(report).encode(),
        "json": (json.dumps(asdict(report), indent=1, ensure_ascii=False) + "\n").encode(),
        "svg": svg.encode(),
    }
    hint = HINT
    if find_spec("resvg_py"):
        drawn = png(svg)
        hint = "" if drawn else NO_FONT
        contents |= {"png": drawn} if drawn else {}
    paths = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for suffix, content in contents.items():
            paths.append(folder / f"phases.{suffix}")
            replace_file(paths[-1], content)
    except OSError as error:
        raise HarnessError(
            f"{folder}: the report cannot be written ({error.strerror}); name another with --out"
        ) from None
    return paths, hint
