"""A training's loss as a picture."""

from collections.abc import Sequence

from harness.reports.plots import WIDTH, add, picture, standalone, ticks

LEFT, RIGHT, TOP, BOTTOM = 40.0, WIDTH - 10, 30.0, 190.0


def loss_curve(title: str, losses: Sequence[tuple[int, float]]) -> str:
    """An SVG file of (step, loss), at least one; the axis of losses begins at 0."""
    (first, begun), (last, ended) = losses[0], losses[-1]
    highest = max(max(loss for _, loss in losses), 1e-9)
    svg = picture(f"{title}: {begun:.3f} at step {first}, {ended:.3f} at step {last}", BOTTOM + 36)

    def x(step: int) -> float:
        return LEFT + (step - first) / max(1, last - first) * (RIGHT - LEFT)

    def y(loss: float) -> float:
        return BOTTOM - loss / highest * (BOTTOM - TOP)

    add(svg, "text", "title", title, x=0.0, y=16.0)
    for tick in ticks(0, highest):
        add(svg, "line", "grid", x1=LEFT, x2=RIGHT, y1=y(tick), y2=y(tick))
        add(svg, "text", "tick right", f"{tick:g}", x=LEFT - 6, y=y(tick) + 4)
    points = " ".join(f"{x(step):.1f},{y(loss):.1f}" for step, loss in losses)
    add(svg, "polyline", "strong", points=points, fill="none")
    add(svg, "circle", "dot", cx=x(last), cy=y(ended), r=3.5)
    for step, place in ((first, "tick"), (last, "tick right")):
        add(svg, "text", place, f"step {step:,}", x=x(step), y=BOTTOM + 15)
    return standalone(svg)
