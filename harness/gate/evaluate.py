"""Hold a policy against a table of scores. Pure: `harness gate`, `harness compare` and the simulation all call this.

Non-inferiority is an intersection-union test: every condition must be shown at the full level of the look, so no correction
between conditions is owed, and the chance of a false release is at most that level (Berger 1982, Technometrics 24, 295-300).
"""

from dataclasses import dataclass
from math import ceil
from typing import Literal

import numpy as np

from harness.comparison.analysis import metric_estimate, shared_rows
from harness.comparison.pairs import paired
from harness.comparison.table import Mask, ScoreTable
from harness.gate.policy import Critical, Policy
from harness.stats import ClusteredDifference, holm

Result = Literal["pass", "fail", "unknown"]
POWER = 0.8


@dataclass(frozen=True, slots=True)
class Condition:
    """One demand of the policy: what was found, what was asked, and what would settle it where that is unknown."""

    name: str
    result: Result
    figure: str
    threshold: str
    reason: str
    settle: str | None = None


def evaluate(table: ScoreTable, candidate: str, baseline: str, primary: str, policy: Policy) -> list[Condition]:
    """Every statistical condition of ``policy``. Undecided answers count against the candidate.

    Raises ValueError where the policy names a metric that the table lacks.
    """
    rows = shared_rows(table, (candidate, baseline))
    alpha = policy.alpha_per_use
    conditions = [_not_inferior("overall", table, candidate, baseline, primary, rows, policy.margin, alpha)]
    if policy.improvement is not None:
        conditions.append(_improved(table, candidate, baseline, primary, rows, policy.improvement, alpha))
    if policy.critical is not None:
        conditions.append(_critical(table, candidate, baseline, primary, rows, policy.critical, alpha))
    conditions.append(_other_domains(table, candidate, baseline, primary, rows, policy))
    for metric, floor in policy.floors.items():
        conditions.append(_limit(table, candidate, metric, floor, "floor", alpha))
    for metric, ceiling in policy.ceilings.items():
        conditions.append(_limit(table, candidate, metric, ceiling, "ceiling", alpha))
    return conditions


def _both(
    table: ScoreTable, candidate: str, baseline: str, metric: str, rows: Mask, alpha: float
) -> tuple[ClusteredDifference, ClusteredDifference]:
    """The difference by intent and by fact, one-sided at ``alpha``, undecided answers against the candidate."""
    intent = paired(table, candidate, baseline, metric, rows, "intent", 2 * alpha, undecided=(0.0, 1.0))
    fact = paired(table, candidate, baseline, metric, rows, "fact", 2 * alpha, undecided=(0.0, 1.0))
    return intent, fact


def _points(found: ClusteredDifference, other: ClusteredDifference) -> str:
    low, high = min(found.low, other.low), max(found.high, other.high)
    return f"{100 * found.diff:+.1f} points ({100 * low:+.1f} to {100 * high:+.1f})"


def _not_inferior(
    name: str, table: ScoreTable, candidate: str, baseline: str, metric: str, rows: Mask, margin: float, alpha: float
) -> Condition:
    threshold = f"above {-100 * margin:+.1f} points"
    title = f"not inferior, {name}"
    if not rows.any():
        return Condition(title, "unknown", "no rows", threshold, "every row leaked or none belongs here", "add rows")
    found = _both(table, candidate, baseline, metric, rows, alpha)
    shown = [one.inferiority_p(margin) < alpha for one in found]
    worse = [one.worse_p() < alpha for one in found]
    figure = _points(*found)
    if all(shown):
        return Condition(title, "pass", figure, threshold, "shown by intent and by fact")
    if all(worse):
        return Condition(title, "fail", figure, threshold, "worse than the baseline, by intent and by fact")
    if any(shown):
        reason = "intents and facts as clusters disagree"
    else:
        reason = "the margin lies inside the interval"
    return Condition(title, "unknown", figure, threshold, reason, _rows_needed(found, int(rows.sum()), margin, alpha))


def _rows_needed(found: tuple[ClusteredDifference, ClusteredDifference], rows: int, margin: float, alpha: float) -> str:
    """About how many more rows would show non-inferiority with 80% power, were the difference the one found (at most 0)."""
    from scipy.special import ndtri

    one = min(found, key=lambda each: each.effective_n)
    gap = margin + min(one.diff, 0.0)
    if gap <= 0.002 or one.clusters < 2:
        return "more rows would hardly settle it: the difference found is at the margin or beyond"
    discordance = max(one.discordance, 1 / rows)
    pairs = (ndtri(1 - alpha) + ndtri(POWER)) ** 2 * (discordance - one.diff**2) / gap**2
    more = ceil(pairs * rows / one.effective_n) - rows
    return f"about {max(10, round(more, -1)):,} more rows at the difference found, or labels by people"


def _improved(
    table: ScoreTable, candidate: str, baseline: str, metric: str, rows: Mask, least: float, alpha: float
) -> Condition:
    title, threshold = "improved, overall", f"above {100 * least:+.1f} points"
    if not rows.any():
        return Condition(title, "unknown", "no rows", threshold, "every row leaked", "add rows")
    found = _both(table, candidate, baseline, metric, rows, alpha)
    figure = _points(*found)
    if all(one.low > least for one in found):
        return Condition(title, "pass", figure, threshold, "shown by intent and by fact")
    if all(one.high <= least for one in found):
        return Condition(title, "fail", figure, threshold, "the improvement asked for is excluded")
    return Condition(
        title, "unknown", figure, threshold, "the improvement asked for lies inside the interval", "more rows"
    )


def _critical(
    table: ScoreTable, candidate: str, baseline: str, metric: str, rows: Mask, critical: Critical, alpha: float
) -> Condition:
    rows = rows & table.critical(critical.domains, critical.unanswerable)
    count, least = int(rows.sum()), critical.least_rows
    found = _not_inferior("critical group", table, candidate, baseline, metric, rows, critical.margin, alpha)
    if count >= least or found.result == "fail":
        return found
    return Condition(
        found.name, "unknown", f"{count} rows", f"at least {least} rows", "the critical group is too small to decide",
        f"{least - count} more rows in {', '.join(critical.domains) or 'it'}",
    )  # fmt: skip


def _other_domains(
    table: ScoreTable, candidate: str, baseline: str, metric: str, rows: Mask, policy: Policy
) -> Condition:
    """Domains outside the critical group block only where worse after Holm, by intent and by fact."""
    title, threshold = "no other domain worse", f"Holm-adjusted p at least {policy.alpha_per_use:g}"
    domains = table.groups["domain"]
    critical = policy.critical.domains if policy.critical else ()
    names = [name for name in domains.labels if name not in critical]
    found = {
        name: _both(table, candidate, baseline, metric, part, policy.alpha_per_use)
        for name in names
        if (part := rows & domains.rows(name)).any()
    }
    if not found:
        return Condition(title, "pass", "no other domains", threshold, "nothing to hold")
    adjusted = [holm([pair[side].worse_p() for pair in found.values()]) for side in (0, 1)]
    worse = np.stack(adjusted) < policy.alpha_per_use
    name, p, diff = min(
        ((name, p, intent.diff) for (name, (intent, _)), p in zip(found.items(), adjusted[0], strict=True)),
        key=lambda each: (each[1], each[2]),
    )
    figure = f"lowest {name} {100 * diff:+.1f} points, p {p:.3f}"
    certain = [each for each, both in zip(found, worse.T.tolist(), strict=True) if all(both)]
    if certain:
        return Condition(title, "fail", figure, threshold, f"worse: {', '.join(certain)}")
    if worse.any():
        doubtful = [each for each, both in zip(found, worse.T.tolist(), strict=True) if any(both)]
        reason = f"intents and facts as clusters disagree on {', '.join(doubtful)}"
        return Condition(title, "unknown", figure, threshold, reason, f"more rows in {', '.join(doubtful)}")
    return Condition(title, "pass", figure, threshold, f"none of {len(found)} is worse")


def _limit(
    table: ScoreTable, candidate: str, metric: str, limit: float, kind: Literal["floor", "ceiling"], alpha: float
) -> Condition:
    """A metric's own mean against a floor or ceiling; nothing is compared, so no baseline excuses it."""
    title = f"{metric}, {kind}"
    threshold = f"{'at least' if kind == 'floor' else 'at most'} {limit:g}"
    found = metric_estimate(table, candidate, metric, table.clean[candidate], 2 * alpha)
    if found is None:
        return Condition(title, "unknown", "no rows", threshold, "every row leaked", "add rows")
    figure = f"{found.mean:.3f} ({found.low:.3f} to {found.high:.3f})"
    kept, broken = (
        (found.low >= limit, found.high < limit) if kind == "floor" else (found.high <= limit, found.low > limit)
    )
    if kept:
        return Condition(title, "pass", figure, threshold, "the whole interval keeps it")
    if broken:
        return Condition(title, "fail", figure, threshold, "the whole interval breaks it")
    return Condition(
        title, "unknown", figure, threshold, "the limit lies inside the interval", "more rows, or another limit"
    )
