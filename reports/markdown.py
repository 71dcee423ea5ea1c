"""A comparison as Markdown, for a pull request or a note."""

import re

from harness.comparison import Comparison
from harness.reports.terminal import VERDICT_COLUMNS, cell, percent, plain, provenance, verdict_cells
from harness.scoring import ALL_METRICS


def safe(text: str) -> str:
    """Text that stays text: no markup, no table breaks, no control characters, one line."""
    return re.sub(r"([\\`*_{}\[\]<>|#!])", r"\\\1", " ".join(plain(text).split()))


def row(cells: list[str]) -> str:
    """One line of a table."""
    return f"| {' | '.join(cells)} |"


def to_markdown(comparison: Comparison) -> str:
    """Verdict first, then tables, provenance and, where items may be shown, the flips."""
    labels = [safe(result.label) for result in comparison.candidates]
    lines = [f"# {safe(comparison.suite)}: {' against '.join(labels)}", ""]
    lines += [f"**{safe(sentence)}**\n" for sentence in comparison.sentences]
    lines += [f"> {safe(note)}\n" for note in comparison.notes]
    lines += [
        f"{comparison.split} split, {comparison.items} items, {comparison.intents} intents, lock `{comparison.lock[:12]}`. "
        "Means over intents with 95% intervals.",
        "",
        row(["metric", *labels]),
        row(["---", *("---:" for _ in labels)]),
    ]
    for metric in comparison.candidates[0].metrics:
        arrow = "↑" if ALL_METRICS[metric].better == "higher" else "↓"
        lines.append(
            row([f"{metric} {arrow}", *(cell(result.metrics[metric], metric) for result in comparison.candidates)])
        )
        if metric == comparison.primary:
            for name in ("answerable", "unanswerable"):
                lines.append(
                    row([f"… {name}", *(cell(getattr(result, name), metric) for result in comparison.candidates)])
                )
    lines += ["", f"## {comparison.primary}: difference from {safe(comparison.baseline)}, in points", ""]
    lines += [row(VERDICT_COLUMNS), row(["---", *["---:"] * (len(VERDICT_COLUMNS) - 1)])]
    lines += [row([safe(cell) for cell in verdict_cells(comparison, verdict)]) for verdict in comparison.verdicts]
    for title, dimensions in (("domain", ("domain",)), ("novelty and language", ("novelty", "language"))):
        lines += ["", f"## {comparison.primary} by {title}", ""]
        lines += [row([title, "items", *labels]), row(["---", *["---:"] * (1 + len(labels))])]
        for group in comparison.groups:
            if group.dimension in dimensions:
                shares = (percent(group.means[result.name]) for result in comparison.candidates)
                lines.append(row([safe(group.group), str(group.n), *shares]))
    lines += ["", "## Where the answers come from", ""]
    lines += [f"- {safe(result.label)}: {safe(provenance(result))}" for result in comparison.candidates]
    if comparison.flips:
        lines += ["", f"## Items that differ from {safe(comparison.baseline)}", ""]
        for flip in comparison.flips:
            lines += [
                f"- **{flip.kind}** by {safe(comparison.candidate(flip.candidate).label)}: `{flip.id}` {safe(flip.problem)}",
                f"  - gold: {safe(flip.gold)}",
                f"  - {safe(comparison.baseline)}: {safe(flip.baseline_answer)}",
                f"  - {safe(flip.candidate)}: {safe(flip.candidate_answer)}",
            ]
    return "\n".join(lines) + "\n"
