"""Pictures as inline SVG, drawn here without a plotting library: they scale to a phone and follow the page's colours."""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

from markupsafe import Markup

from harness.comparison import Comparison, Verdict
from harness.comparison.result import ForestRow
from harness.reports.terminal import plain

Element = ElementTree.Element
WIDTH = 360.0
ROW = 22.0
MARGIN = 12  # around a picture in a file of its own
LEFT, RIGHT = 130.0, 312.0  # of a forest's plot; labels stand left of it, figures right
STEPS = (0.5, 1, 2, 5, 10, 20, 25, 50)


def picture(label: str, height: float) -> Element:
    """An empty SVG of `WIDTH`, named for screen readers."""
    box = f"0 0 {WIDTH:g} {height:g}"
    return Element(
        "svg", {"viewBox": box, "role": "img", "aria-label": plain(label), "xmlns": "http://www.w3.org/2000/svg"}
    )


def add(parent: Element, tag: str, kind: str, text: str | None = None, **attributes: float | str) -> Element:
    """Append an element of CSS class ``kind``; numbers are rounded to a tenth."""
    found = {
        name.replace("_", "-"): f"{value:.1f}" if isinstance(value, float) else str(value)
        for name, value in attributes.items()
    }
    child = ElementTree.SubElement(parent, tag, {"class": kind, **found} if kind else found)
    child.text = None if text is None else plain(text)
    return child


def markup(svg: Element) -> Markup:
    """The picture as it stands in a page; the namespace is needed only in a file of its own."""
    text = ElementTree.tostring(svg, encoding="unicode")
    return Markup(text.replace(' xmlns="http://www.w3.org/2000/svg"', "", 1))


def standalone(svg: Element) -> str:
    """The picture as a file of its own, in the light colours of the pages."""
    folder = Path(__file__).parent
    page, plot = ((folder / name).read_text(encoding="utf-8") for name in ("style.css", "plot.css"))
    colours = dict(re.findall(r"--(\w+): (#\w+)", page.partition("@media")[0]))
    rules = re.sub(r"var\(--(\w+)\)", lambda found: colours[found[1]], plot)
    head, _, body = ElementTree.tostring(svg, encoding="unicode").partition(">")
    width, height = (float(side) + 2 * MARGIN for side in svg.attrib["viewBox"].split()[2:])
    head = head.replace(svg.attrib["viewBox"], f"{-MARGIN} {-MARGIN} {width:g} {height:g}")
    paper = f'<rect x="{-MARGIN}" y="{-MARGIN}" width="{width:g}" height="{height:g}" fill="{colours["paper"]}"/>'
    return f'{head} width="{width:g}" height="{height:g}"><style>{rules}</style>{paper}{body}\n'


def ticks(low: float, high: float) -> list[float]:
    """At most six round values from ``low`` to ``high``, 0 among them where it lies between."""
    step = next((step for step in STEPS if (high - low) / step <= 5), STEPS[-1])
    first = -(-low // step)
    return [step * index for index in range(int(first), int(high // step) + 1)]


def forest_plots(comparison: Comparison, candidate: str) -> Iterator[tuple[str, Markup]]:
    """A forest plot a dimension: each group's difference from the baseline in points, as found and drawn together.

    All plots of a candidate share one axis.
    """
    rows = [row for row in comparison.forest if row.candidate == candidate]
    overall = comparison.verdict(candidate)
    ends = [0.0, overall.low, overall.high]
    ends += [end for row in rows for end in (row.low, row.high, row.shrunken_low, row.shrunken_high)]
    low, high = 100 * min(ends), 100 * max(ends)
    for dimension in dict.fromkeys(row.dimension for row in rows):
        yield dimension, markup(_forest([row for row in rows if row.dimension == dimension], overall, low, high))


def _forest(rows: list[ForestRow], overall: Verdict, low: float, high: float) -> Element:
    bottom = ROW * (len(rows) + 1) + 12
    label = f"{overall.candidate} less {overall.against} in points by {rows[0].dimension}: " + "; ".join(
        f"{row.group} {in_points(row.diff, row.low, row.high)}" for row in rows
    )
    svg = picture(f"{label}; all {in_points(overall.diff, overall.low, overall.high)}", bottom + 36)

    def x(value: float) -> float:
        return LEFT + (100 * value - low) / (high - low) * (RIGHT - LEFT)

    for tick in ticks(low, high):
        add(svg, "line", "grid" if tick else "zero", x1=x(tick / 100), x2=x(tick / 100), y1=0.0, y2=bottom)
        add(svg, "text", "tick middle", f"{tick:+g}" if tick else "0", x=x(tick / 100), y=bottom + 15)
    add(svg, "text", "tick middle", "points", x=(LEFT + RIGHT) / 2, y=bottom + 31)
    for index, row in enumerate(rows):
        y = ROW * (index + 0.5)
        group = add(svg, "g", "")
        add(group, "title", "", f"{row.group}, {row.n} rows: as found {in_points(row.diff, row.low, row.high)}, "
            f"drawn together {in_points(row.shrunken, row.shrunken_low, row.shrunken_high)}")  # fmt: skip
        add(group, "text", "", row.group if len(row.group) < 21 else f"{row.group[:19]}…", x=0.0, y=y + 4)
        add(group, "line", "found", x1=x(row.low), x2=x(row.high), y1=y, y2=y)
        add(group, "line", "strong", x1=x(row.shrunken_low), x2=x(row.shrunken_high), y1=y, y2=y)
        add(group, "circle", "dot", cx=x(row.shrunken), cy=y, r=3.5)
        add(group, "text", "right", f"{100 * row.shrunken:+z.1f}", x=WIDTH, y=y + 4)
    y = ROW * (len(rows) + 0.5) + 4
    add(svg, "line", "grid", x1=0.0, x2=WIDTH, y1=y - 13, y2=y - 13)
    add(svg, "text", "bold", "all rows", x=0.0, y=y + 4)
    middle = x(overall.diff)
    left, right = min(x(overall.low), middle - 3), max(x(overall.high), middle + 3)
    corners = ((left, y), (middle, y - 6), (right, y), (middle, y + 6))
    add(svg, "polygon", "dot", points=" ".join(f"{across:.1f},{down:.1f}" for across, down in corners))
    add(svg, "text", "bold right", f"{100 * overall.diff:+z.1f}", x=WIDTH, y=y + 4)
    return svg


def in_points(value: float, low: float, high: float) -> str:
    """A difference with its interval, in points."""
    return f"{100 * value:+z.1f} ({100 * low:+z.1f} to {100 * high:+z.1f})"
