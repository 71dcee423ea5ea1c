"""A comparison as terminal tables."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from harness.comparison import BINARY, CandidateResult, Comparison, Estimate
from harness.scoring import METRICS


def percent(value: float) -> str:
    """A share of 0 to 1 in whole percent."""
    return f"{100 * value:.0f}%"


def cell(estimate: Estimate | None, metric: str) -> str:
    """A mean with its interval: percent for 0/1 metrics, two decimals otherwise."""
    if estimate is None:
        return "–"
    if metric in BINARY:
        return f"{100 * estimate.mean:.1f}% ({100 * estimate.low:.1f}–{100 * estimate.high:.1f})"
    return f"{estimate.mean:.2f} ({estimate.low:.2f}–{estimate.high:.2f})"


def provenance(result: CandidateResult) -> str:
    """Where a candidate's answers come from, in one line."""
    engine = result.engine
    if engine.get("engine") == "recorded":
        return f"{engine['answers']} recorded answers"
    parts = [f"engine {engine['engine']} on {engine.get('device', 'unknown')}", f"run {result.run[:12]}"]
    if result.adapter_proof:
        parts.append(f"adapter moves a logit by up to {result.adapter_proof['largest_logit_change']:g}")
    if result.leakage:
        parts.append(
            f"trained on {result.leakage.training_rows} rows, {result.leakage.leaked} questions of this split among them"
        )
    if result.spot_check:
        check = result.spot_check
        parts.append(
            f"{check['identical']} of {check['samples']} answers regenerated here identical, "
            f"{check['same_verdict']} with the same verdict"
        )
    return "; ".join(parts)


def render(comparison: Comparison, console: Console) -> None:
    """Print the tables and the verdict. Names and model text are escaped: an answer cannot drive the terminal."""
    console.print()
    console.print(
        f"[bold]{escape(comparison.suite)}[/bold], {comparison.split} split: {comparison.items} items, "
        f"{comparison.intents} intents, lock {comparison.lock[:12]}",
        highlight=False,
    )
    console.print(_metrics(comparison))
    console.print(_deltas(comparison))
    rows = "; ".join(
        f"{row.candidate} {100 * row.tango_low:+.1f} to {100 * row.tango_high:+.1f}" for row in comparison.row_level
    )
    console.print(f"[dim]rows taken as independent (Tango), for reference: {escape(rows)}[/dim]", highlight=False)
    console.print(_domains(comparison))
    for result in comparison.candidates:
        console.print(f"[dim]{escape(result.label)}: {escape(provenance(result))}[/dim]", highlight=False)
    console.print()
    for sentence in comparison.sentences:
        console.print(f"[bold]{escape(sentence)}[/bold]", highlight=False)
    for note in comparison.notes:
        console.print(f"[yellow]{escape(note)}[/yellow]", highlight=False)
    if comparison.flips:
        console.print(f"\n{len(comparison.flips)} items differ; all of them are in the reports:")
        for flip in comparison.flips[:10]:
            console.print(
                f"  [{'green' if flip.kind == 'gained' else 'red'}]{flip.kind}[/] {escape(flip.id)}: {escape(plain(flip.problem))[:90]}",
                highlight=False,
            )
    console.print()


def plain(text: str) -> str:
    """Text without line breaks and control characters."""
    return "".join(character if character.isprintable() else " " for character in text)


def _metrics(comparison: Comparison) -> Table:
    table = Table(
        title="Mean over intents (95% interval)", title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0)
    )
    table.add_column("", no_wrap=True)
    for result in comparison.candidates:
        table.add_column(escape(result.label), justify="right")
    rows = list(comparison.candidates[0].metrics)
    for metric in rows:
        arrow = "↑" if METRICS[metric].better == "higher" else "↓"
        style = "bold" if metric == comparison.primary else None
        table.add_row(
            f"{metric} {arrow}",
            *(cell(result.metrics[metric], metric) for result in comparison.candidates),
            style=style,
        )
        if metric == comparison.primary:
            for name in ("answerable", "unanswerable"):
                table.add_row(f"  {name}", *(cell(getattr(result, name), metric) for result in comparison.candidates))
    return table


def _deltas(comparison: Comparison) -> Table:
    table = Table(
        title=f"\n{comparison.primary}: difference from {comparison.baseline}, in points",
        title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0),
    )  # fmt: skip
    for name in ("candidate", "difference", "95% interval", "p", "gained", "lost"):
        table.add_column(name, justify="left" if name == "candidate" else "right", no_wrap=name != "candidate")
    for result in comparison.candidates:
        if result.name == comparison.baseline:
            continue
        delta = comparison.delta(result.name, comparison.primary)
        table.add_row(
            escape(result.label),
            f"{100 * delta.diff:+.1f}",
            f"{100 * delta.low:+.1f} to {100 * delta.high:+.1f}",
            "<0.001" if delta.p < 0.001 else f"{delta.p:.3f}",
            str(delta.gained),
            str(delta.lost),
        )
    return table


def _domains(comparison: Comparison) -> Table:
    table = Table(
        title=f"\n{comparison.primary} by domain", title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0)
    )
    table.add_column("domain")
    table.add_column("items", justify="right")
    for result in comparison.candidates:
        table.add_column(escape(result.label), justify="right")
    for row in comparison.domains:
        table.add_row(row.domain, str(row.n), *(percent(row.means[result.name]) for result in comparison.candidates))
    return table
