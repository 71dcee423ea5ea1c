"""A phase report as pictures: lines of progress that run downwards, and 100 customers of each phase."""

import textwrap

from harness.phases import Customers, Line, Measurement, Phase, PhaseReport
from harness.reports.plots import WIDTH, Element, add, picture, ticks

LEFT, RIGHT = 12.0, WIDTH - 15
WRAP = 58  # characters of 11 px that fit beside a break's mark


def lines_plot(report: PhaseReport) -> Element:
    """All lines, one above the other, phases from top to bottom, shares from 0% to 100%."""
    heights = [_height(line) for line in report.lines]
    label = "Share of right answers. " + " ".join(
        f"{line.title}: " + "; ".join(f"{phase.name} {words(each)}" for phase in line.phases for each in phase.measurements)
        for line in report.lines
    )  # fmt: skip
    svg = picture(label, sum(heights))
    top = 0.0
    for line, height in zip(report.lines, heights, strict=True):
        _line(svg, line, top, height)
        top += height
    return svg


def words(measurement: Measurement) -> str:
    """A measurement's figure: the share, and the count where one was reported."""
    share = (
        f"{100 * measurement.share.mean:.0f}%"
        if measurement.right is not None
        else f"{100 * measurement.share.mean:.1f}%"
    )
    count = "" if measurement.right is None else f", {measurement.right} of {measurement.n}"
    return f"{share} ({100 * measurement.share.low:.0f}–{100 * measurement.share.high:.0f}){count}"


def _wrapped(reasons: list[str]) -> list[str]:
    return [part for reason in reasons for part in textwrap.wrap(reason, WRAP)]


def _height(line: Line) -> float:
    rows = sum(len(phase.measurements) for phase in line.phases)
    breaks = sum(14 * len(_wrapped(list(step.breaks))) + 12 for step in line.steps if step.breaks)
    return 34 + 22 * len(line.phases) + 36 * rows + breaks + 30


def _line(svg: Element, line: Line, top: float, height: float) -> None:
    bottom = top + height - 30
    add(svg, "text", "title", line.title, x=0.0, y=top + 16)
    for tick in ticks(0, 100):
        add(svg, "line", "grid", x1=_x(tick / 100), x2=_x(tick / 100), y1=top + 28, y2=bottom)
        add(svg, "text", "tick middle", f"{tick:g}%", x=_x(tick / 100), y=bottom + 15)
    joins = add(svg, "g", "")
    y = top + 34
    before: list[tuple[float, float]] = []
    for index, phase in enumerate(line.phases):
        step = line.steps[index - 1] if index else None
        if step and step.breaks:
            y = _break(svg, _wrapped(list(step.breaks)), y)
        add(svg, "text", "bold halo", phase.name, x=0.0, y=y + 14)
        y += 22
        dots = [_measurement(svg, phase, each, y + 36 * row) for row, each in enumerate(phase.measurements)]
        y += 36 * len(dots)
        for first, second in step.joined if step else ():
            (x1, y1), (x2, y2) = before[first], dots[second]
            add(joins, "line", "join", x1=x1, y1=y1, x2=x2, y2=y2)
        before = dots


def _x(share: float) -> float:
    return LEFT + share * (RIGHT - LEFT)


def _measurement(svg: Element, phase: Phase, each: Measurement, top: float) -> tuple[float, float]:
    """Draw one measurement and say where its dot is; the dot is hollow where questions had leaked or may have."""
    y = top + 22
    group = add(svg, "g", "")
    add(group, "title", "", f"{phase.name}: {words(each)}, {each.instrument}, {each.questions}, {each.method}")
    room = int((WIDTH - 7 * len(words(each))) / 6)  # characters of 11 px left of the figure
    add(group, "text", "tick halo", textwrap.shorten(f"{each.instrument} · {each.questions}", room, placeholder="…"),
        x=0.0, y=top + 10)  # fmt: skip
    add(group, "text", "right halo", words(each), x=WIDTH, y=top + 10)
    add(group, "line", "found", x1=_x(each.share.low), x2=_x(each.share.high), y1=y, y2=y)
    add(group, "line", "strong", x1=_x(each.share.low), x2=_x(each.share.high), y1=y, y2=y)
    x = _x(each.share.mean)
    add(group, "circle", "dot" if each.leaked == 0 else "hollow", cx=x, cy=y, r=4.5)
    return x, y


def _break(svg: Element, text: list[str], top: float) -> float:
    for across in (2.0, 6.0):
        add(svg, "line", "cut", x1=across, x2=across + 4, y1=top + 13, y2=top + 3)
    for index, part in enumerate(text):
        add(svg, "text", "reason halo", part, x=16.0, y=top + 12 + 14 * index)
    return top + 14 * len(text) + 12


def people_plot(phase: Phase, of: Customers) -> Element:
    """100 customers, ten in a row: a full circle is answered rightly, an empty one wrongly, a triangle told something invented."""
    svg = picture(
        f"{phase.name}: of 100 customers {of.rightly} rightly, {of.wrongly} wrongly, {of.invented} invented", 168
    )
    svg.attrib["viewBox"] = "0 0 200 200"
    for index in range(100):
        x, y = 10.0 + 20 * (index % 10), 10.0 + 20 * (index // 10)
        if index < of.rightly:
            add(svg, "circle", "rightly", cx=x, cy=y, r=7.0)
        elif index < of.rightly + of.wrongly:
            add(svg, "circle", "wrongly", cx=x, cy=y, r=6.0)
        else:
            add(
                svg,
                "polygon",
                "invented",
                points=f"{x:.0f},{y - 7:.0f} {x + 7.5:.1f},{y + 6:.0f} {x - 7.5:.1f},{y + 6:.0f}",
            )
    return svg
