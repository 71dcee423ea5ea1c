"""A comparison as Markdown, for a pull request or a note."""

import re

from harness.comparison import Comparison
from harness.reports.terminal import cell, percent, plain, provenance
from harness.scoring import METRICS


def _safe(text: str) -> str:
    """Text that stays text: no markup, no table breaks, no control characters, one line."""
    return re.sub(r"([\\`*_{}\[\]<>|#!])", r"\\\1", " ".join(plain(text).split()))


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def to_markdown(comparison: Comparison) -> str:
    """Verdict first, then tables, provenance and, where items may be shown, the flips."""
    labels = [_safe(result.label) for result in comparison.candidates]
    lines = [f"# {_safe(comparison.suite)}: {' against '.join(labels)}", ""]
    lines += [f"**{_safe(sentence)}**\n" for sentence in comparison.sentences]
    lines += [f"> {_safe(note)}\n" for note in comparison.notes]
    lines += [
        f"{comparison.split} split, {comparison.items} items, {comparison.intents} intents, lock `{comparison.lock[:12]}`. "
        "Means over intents with 95% intervals.",
        "",
        _row(["metric", *labels]),
        _row(["---", *("---:" for _ in labels)]),
    ]
    for metric in comparison.candidates[0].metrics:
        arrow = "↑" if METRICS[metric].better == "higher" else "↓"
        lines.append(
            _row([f"{metric} {arrow}", *(cell(result.metrics[metric], metric) for result in comparison.candidates)])
        )
        if metric == comparison.primary:
            for name in ("answerable", "unanswerable"):
                lines.append(
                    _row([f"… {name}", *(cell(getattr(result, name), metric) for result in comparison.candidates)])
                )
    lines += ["", f"## {comparison.primary}: difference from {_safe(comparison.baseline)}, in points", ""]
    lines += [_row(["candidate", "difference", "95% interval", "p", "gained", "lost"]), _row(["---", *["---:"] * 5])]
    for delta in comparison.deltas:
        if delta.metric == comparison.primary:
            p = "<0.001" if delta.p < 0.001 else f"{delta.p:.3f}"
            interval = f"{100 * delta.low:+.1f} to {100 * delta.high:+.1f}"
            lines.append(
                _row(
                    [
                        _safe(comparison.candidate(delta.candidate).label),
                        f"{100 * delta.diff:+.1f}",
                        interval,
                        p,
                        str(delta.gained),
                        str(delta.lost),
                    ]
                )
            )
    lines += [
        "",
        f"## {comparison.primary} by domain",
        "",
        _row(["domain", "items", *labels]),
        _row(["---", *["---:"] * (1 + len(labels))]),
    ]
    for row in comparison.domains:
        lines.append(
            _row([row.domain, str(row.n), *(percent(row.means[result.name]) for result in comparison.candidates)])
        )
    lines += ["", "## Where the answers come from", ""]
    lines += [f"- {_safe(result.label)}: {_safe(provenance(result))}" for result in comparison.candidates]
    if comparison.flips:
        lines += ["", f"## Items that differ from {_safe(comparison.baseline)}", ""]
        for flip in comparison.flips:
            lines += [
                f"- **{flip.kind}** by {_safe(comparison.candidate(flip.candidate).label)}: `{flip.id}` {_safe(flip.problem)}",
                f"  - gold: {_safe(flip.gold)}",
                f"  - {_safe(comparison.baseline)}: {_safe(flip.baseline_answer)}",
                f"  - {_safe(flip.candidate)}: {_safe(flip.candidate_answer)}",
            ]
    return "\n".join(lines) + "\n"
