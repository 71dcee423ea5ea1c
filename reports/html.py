"""A comparison as one self-contained HTML page: no network, no script, light and dark, readable on a phone and in print."""

from pathlib import Path

from jinja2 import Environment, StrictUndefined

from harness.comparison import Comparison
from harness.reports.terminal import VERDICT_COLUMNS, cell, percent, plain, provenance, verdict_cells
from harness.scoring import METRICS

_TEMPLATE = Path(__file__).parent / "comparison.html.j2"


def to_html(comparison: Comparison) -> str:
    """Render the page. Everything from outside is escaped: model output cannot become markup."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.globals.update(
        cell=cell,
        percent=percent,
        provenance=provenance,
        metrics=METRICS,
        verdict_columns=VERDICT_COLUMNS,
        verdict_cells=verdict_cells,
    )
    environment.filters["plain"] = plain
    return environment.from_string(_TEMPLATE.read_text(encoding="utf-8")).render(c=comparison)
