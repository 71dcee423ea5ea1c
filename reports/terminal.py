"""A comparison as terminal tables."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from harness.comparison import BINARY, CandidateResult, Comparison, Estimate, Verdict
from harness.scoring import ALL_METRICS


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
    if result.adapter_effect:
        parts.append(f"adapter moves {result.adapter_effect}")
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
    if comparison.verdicts:
        console.print(_verdicts(comparison))
    rows = "; ".join(
        f"{verdict.candidate} {100 * verdict.tango_low:+.1f} to {100 * verdict.tango_high:+.1f}, McNemar mid-p {p_value(verdict.mcnemar_midp)}"
        for verdict in comparison.verdicts
        if verdict.tango_low is not None and verdict.tango_high is not None and verdict.mcnemar_midp is not None
    )
    if rows:
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
        shown, left_out = len(comparison.flips), comparison.flips_left_out
        where = f"{shown:,} of them, evenly spread," if left_out else "all of them"
        console.print(f"\n{shown + left_out} items differ; {where} are in the reports:")
        for flip in comparison.flips[:10]:
            console.print(
                f"  [{'green' if flip.kind == 'gained' else 'red'}]{flip.kind}[/] {escape(flip.id)}: {escape(plain(flip.problem)[:90])}",
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
        arrow = "↑" if ALL_METRICS[metric].better == "higher" else "↓"
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


VERDICT_COLUMNS = [
    "candidate",
    "difference",
    "95% by intent",
    "95% by fact",
    "p",
    "gained",
    "lost",
    "detectable",
    "verdict",
]


def p_value(p: float) -> str:
    """A p value with three decimals."""
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def verdict_cells(comparison: Comparison, verdict: Verdict) -> list[str]:
    """One pair's cells under `VERDICT_COLUMNS`; differences in percentage points, p adjusted over the pairs."""
    found = next(
        delta
        for delta in comparison.deltas
        if (delta.candidate, delta.against, delta.metric) == (verdict.candidate, verdict.against, comparison.primary)
    )
    label = comparison.candidate(verdict.candidate).label
    return [
        label if verdict.against == comparison.baseline else f"{label} − {verdict.against}",
        f"{100 * verdict.diff:+.1f}",
        f"{100 * verdict.low:+.1f} to {100 * verdict.high:+.1f}",
        f"{100 * verdict.fact_low:+.1f} to {100 * verdict.fact_high:+.1f}",
        p_value(max(verdict.adjusted_p, verdict.adjusted_p_fact)),
        "–" if found.gained is None else str(found.gained),
        "–" if found.lost is None else str(found.lost),
        "–" if verdict.detectable is None else f"{100 * verdict.detectable:.1f}",
        verdict.outcome,
    ]


def _verdicts(comparison: Comparison) -> Table:
    correction = {"holm": "Holm", "max-t": "max-T"}[comparison.correction]
    corrected = f", p by {correction} over {len(comparison.verdicts)}" if len(comparison.verdicts) > 1 else ""
    table = Table(
        title=f"\n{comparison.primary}: difference from {comparison.baseline}, in points{corrected}",
        title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0),
    )  # fmt: skip
    for name in VERDICT_COLUMNS:
        table.add_column(
            name, justify="left" if name in ("candidate", "verdict") else "right", no_wrap=name != "candidate"
        )
    for verdict in comparison.verdicts:
        table.add_row(*map(escape, verdict_cells(comparison, verdict)))
    return table


def _domains(comparison: Comparison) -> Table:
    table = Table(
        title=f"\n{comparison.primary} by domain and novelty", title_justify="left", box=None, pad_edge=False,
        padding=(0, 2, 0, 0),
    )  # fmt: skip
    table.add_column("")
    table.add_column("items", justify="right")
    for result in comparison.candidates:
        table.add_column(escape(result.label), justify="right")
    for dimension, prefix in (("domain", ""), ("novelty", "facts: ")):
        for group in comparison.groups:
            if group.dimension == dimension:
                shares = (percent(group.means[result.name]) for result in comparison.candidates)
                table.add_row(escape(prefix + group.group), str(group.n), *shares, end_section=False)
    return table
