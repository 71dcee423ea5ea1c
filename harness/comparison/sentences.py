"""The verdict in words a manager understands, one sentence a candidate, and notes on what weakens it."""

from harness.comparison.result import BINARY, Comparison, Verdict
from harness.scoring import ALL_METRICS


def percent(value: float) -> int:
    """A share as whole percent."""
    return round(100 * value)


def points(low: float, high: float) -> str:
    """An interval of differences in percentage points, with a decimal where whole points would hide it."""
    digits = 0 if high - low >= 0.02 else 1
    return f"{100 * low:+.{digits}f} to {100 * high:+.{digits}f} points"


def sentences(comparison: Comparison) -> tuple[str, ...]:
    """One sentence a candidate: how many of 100 customers it serves rightly, and what is established against the baseline."""
    base = comparison.candidate(comparison.baseline)
    found = []
    for result in comparison.candidates:
        if result.name == comparison.baseline:
            continue
        own = result.of_customers
        sentence = (
            f"Of 100 customers, {result.label} answers {percent(own.mean)} rightly ({percent(own.low)} to {percent(own.high)}), "
            f"{base.label} {percent(base.of_customers.mean)}"
        )
        if "invented_price" in result.metrics:
            sentence += f"; {percent(result.metrics['invented_price'].mean)} would be told an invented price"
        found.append(f"{sentence}. {_established(comparison.verdict(result.name))}")
    if comparison.primary not in BINARY:
        found = [f"{ALL_METRICS[comparison.primary].summary}: {sentence}" for sentence in found]
    return tuple(found)


def _established(verdict: Verdict) -> str:
    interval = points(verdict.low, verdict.high)
    if verdict.outcome in ("better", "worse"):
        return f"{verdict.candidate} is {verdict.outcome} than {verdict.against} ({interval})."
    if verdict.outcome == "inconclusive":
        return (
            f"Whether {verdict.candidate} differs from {verdict.against} is inconclusive: by intent {interval}, "
            f"by fact {points(verdict.fact_low, verdict.fact_high)}."
        )
    detectable = (
        ""
        if verdict.detectable is None
        else f"; a difference of {100 * verdict.detectable:.0f} points would be found 4 times in 5"
    )
    return f"No difference from {verdict.against} is established ({interval}{detectable})."


def notes(comparison: Comparison) -> tuple[str, ...]:
    """What a reader should know before trusting the sentences."""
    found = []
    for result in comparison.candidates:
        if result.leakage and result.leakage.leaked:
            found.append(
                f"{result.name}: {result.leakage.leaked} questions of this split stand in its training rows and are left out; "
                f"with them it would score {100 * result.full.mean:.1f}%, without them "
                f"{100 * result.metrics[comparison.primary].mean:.1f}%."
            )
        strict, lenient = result.metrics.get("correct"), result.metrics.get("correct_lenient")
        if strict and lenient and lenient.mean - strict.mean > 0.01:
            found.append(
                f"{result.name} often misses the required tags: {100 * lenient.mean:.1f}% are right if that is forgiven, "
                f"{100 * strict.mean:.1f}% as the service reads them."
            )
        if result.empty:
            found.append(f"{result.name}: {result.empty} answers are empty or missing; they count as wrong.")
        if result.undecided:
            found.append(
                f"{result.name}: {result.undecided} answers are undecided and count as wrong; were all of them right, "
                f"it would score {100 * result.highest:.1f}%."
            )
    if comparison.flips_left_out:
        shown = len(comparison.flips)
        found.append(
            f"{shown + comparison.flips_left_out:,} items differ from {comparison.baseline}; {shown:,} of them, evenly spread, are "
            f"shown one by one and {comparison.flips_left_out:,} are left out."
        )
    return tuple(found)
