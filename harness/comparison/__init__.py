"""Runs of several candidates joined into one comparison: intervals, verdicts, groups, sentences."""

from harness.comparison.compare import compare, display_label
from harness.comparison.result import ALPHA, BINARY, CandidateResult, Comparison, Delta, Estimate, Flip, Verdict

__all__ = [
    "ALPHA",
    "BINARY",
    "CandidateResult",
    "Comparison",
    "Delta",
    "Estimate",
    "Flip",
    "Verdict",
    "compare",
    "display_label",
]
