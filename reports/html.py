"""Reports as self-contained HTML pages: no network, light and dark, readable on a phone and in print.

What a model wrote is data: it is escaped, stripped of control characters, and the content security policy lets only the
styles and the script that ship here act, by their hashes.
"""

from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from harness.comparison import Comparison, Estimate
from harness.reports.plots import forest_plots, in_points
from harness.reports.terminal import VERDICT_COLUMNS, cell, percent, plain, verdict_cells
from harness.scoring import ALL_METRICS

FOLDER = Path(__file__).parent


def to_html(comparison: Comparison) -> str:
    """A comparison's page."""
    script = "flips.js" if comparison.flips else None
    return page("comparison.html.j2", ("style.css", "comparison.css", "plot.css"), script, c=comparison)


def page(template: str, styles: tuple[str, ...], script: str | None = None, **values: object) -> str:
    """Render a template with the named style sheets and script inside it."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        figure=figure,
        percent=percent,
        metrics=ALL_METRICS,
        verdict_rows=verdict_rows,
        forest_plots=forest_plots,
        points=in_points,
    )
    environment.filters.update(plain=plain, lines=lines)
    style, code = "".join(map(_read, styles)), _read(script) if script else ""
    policy = f"default-src 'none'; style-src {_hash(style)}; base-uri 'none'; form-action 'none'"
    if code:
        policy += f"; script-src {_hash(code)}"
    return environment.get_template(template).render(
        policy=Markup(policy), style=Markup(style), script=Markup(code), **values
    )


def lines(text: str) -> str:
    """Text without control characters, its line breaks kept."""
    return "\n".join(map(plain, text.splitlines()))


def figure(estimate: Estimate | None, metric: str) -> Markup:
    """A table cell: the mean, its interval under it."""
    mean, _, interval = cell(estimate, metric).partition(" ")
    return Markup("<td>{}<small>{}</small></td>").format(mean, interval.strip("()"))


def verdict_rows(comparison: Comparison) -> list[tuple[str, ...]]:
    """The verdict table, its header first; up to four pairs stand in columns, so that they fit a phone."""
    rows = [tuple(VERDICT_COLUMNS), *(tuple(verdict_cells(comparison, verdict)) for verdict in comparison.verdicts)]
    return list(zip(*rows, strict=True)) if len(rows) <= 5 else rows


def _read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
