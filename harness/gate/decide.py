"""From stored runs to a verdict: the policy's statistical conditions and those on where the evidence comes from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from harness.candidates.candidate import Candidate
from harness.comparison.join import (
    build_table,
    leaked_items,
    novelties,
    read_manifests,
    refuse_idle_adapters,
)
from harness.comparison.judged import judged_runs
from harness.comparison.result import largest_change
from harness.errors import ExitCode, InputError
from harness.gate.corrected import PeoplesLabels, corrected_condition
from harness.gate.evaluate import Condition, Result, evaluate
from harness.gate.ledger import Budget
from harness.gate.policy import Policy
from harness.runs.store import Run
from harness.suggest import nearest
from harness.suite.columns import ItemColumns

Decision = Literal["RELEASE", "BLOCK", "INCONCLUSIVE"]
EXIT_CODES: Mapping[Decision, ExitCode] = {
    "RELEASE": ExitCode.OK,
    "BLOCK": ExitCode.BLOCKED,
    "INCONCLUSIVE": ExitCode.INCONCLUSIVE,
}


@dataclass(frozen=True)
class GateVerdict:
    """The verdict with every condition behind it. ``uses_left`` counts after this one."""

    decision: Decision
    candidate: str
    baseline: str
    fingerprint: str
    baseline_fingerprint: str
    suite: str
    split: str
    lock: str
    items: int
    items_left_out: int
    primary: str
    judge: str
    policy: Mapping[str, Any]
    policy_digest: str
    level: float
    uses_planned: int
    uses_left: int
    conditions: Sequence[Condition]
    summary: str


def decision(conditions: Sequence[Condition]) -> Decision:
    """BLOCK if any condition fails, RELEASE if all pass, else INCONCLUSIVE: what is unknown never passes."""
    results: set[Result] = {condition.result for condition in conditions}
    if "fail" in results:
        return "BLOCK"
    return "RELEASE" if results == {"pass"} else "INCONCLUSIVE"


def check_policy(policy: Policy, metrics: Sequence[str], domains: Sequence[str]) -> None:
    """Raise `InputError` where the policy names an unknown metric or domain."""
    for metric in (*policy.floors, *policy.ceilings):
        if metric not in metrics:
            raise InputError(f"[gate] names unknown metric {metric!r}{nearest(metric, metrics)}")
    for domain in policy.critical.domains if policy.critical else ():
        if domain not in domains:
            raise InputError(f"[gate.critical] names unknown domain {domain!r}{nearest(domain, domains)}")


def decide(
    candidate: Candidate,
    baseline: Candidate,
    runs: Mapping[str, Sequence[Run]],
    items: ItemColumns,
    primary: str,
    policy: Policy,
    spent: Budget,
    labels: PeoplesLabels | None = None,
) -> GateVerdict:
    """Judge ``candidate`` against ``baseline`` by ``policy``; ``spent`` is the lock's budget with this use charged.

    ``labels`` are people's, for a policy that asks for them.

    Raises `InputError` where the candidate is the baseline, a yardstick, or the policy names what is not there, and
    `IntegrityError` where a run, its scores or the lock cannot be trusted: neither is ever a pass.
    """
    if candidate.fingerprint == baseline.fingerprint:
        raise InputError(f"{candidate.name} and {baseline.name} are one candidate; name another baseline")
    if candidate.settings.reference:
        raise InputError(f"{candidate.name} is a yardstick (reference = true); it cannot be released")
    manifests = read_manifests(runs)
    metrics = list(dict.fromkeys((primary, *policy.floors, *policy.ceilings)))
    leaked = {one.name: leaked_items(one, items) for one in (candidate, baseline)}
    judged = judged_runs((candidate, baseline), runs, items, metrics)
    table = build_table(
        runs,
        items,
        metrics,
        {name: found for name, found in leaked.items() if found},
        novelties(candidate.suite, items, [candidate, baseline]),
        judged,
    )
    refuse_idle_adapters([candidate, baseline], runs, table, baseline.name)
    manifest = manifests[candidate.name][0]
    by_people = []
    if policy.corrected is not None:
        by_people = [corrected_condition(table, items.ids(), candidate.name, baseline.name, primary, policy, labels)]
    conditions = [
        *evaluate(table, candidate.name, baseline.name, primary, policy),
        *by_people,
        _leaked_share(candidate, leaked[candidate.name], len(items), policy),
        *_speed_and_cost(manifest, len(items), policy),
        _adapter_acts(candidate, manifest),
        _no_circle(candidate, primary, policy, any(each.result == "pass" for each in by_people)),
        _budget(spent),
    ]
    verdict = decision(conditions)
    left_out = int((~(table.clean[candidate.name] & table.clean[baseline.name])).sum())
    return GateVerdict(
        decision=verdict,
        candidate=candidate.name,
        baseline=baseline.name,
        fingerprint=candidate.fingerprint,
        baseline_fingerprint=baseline.fingerprint,
        suite=manifest["suite"]["name"],
        split=manifest["suite"]["split"],
        lock=manifest["scores"]["lock"],
        items=len(items),
        items_left_out=left_out,
        primary=primary,
        judge=judged.judge,
        policy=policy.model_dump(mode="json"),
        policy_digest=policy.digest,
        level=policy.alpha_per_use,
        uses_planned=policy.uses,
        uses_left=spent.left,
        conditions=conditions,
        summary=_summary(verdict, candidate.name, baseline.name, conditions),
    )


def _leaked_share(candidate: Candidate, leaked: frozenset[str] | None, items: int, policy: Policy) -> Condition:
    title, threshold = "leaked share, ceiling", f"at most {policy.leaked_share:g}"
    if leaked is None:
        if candidate.adapter is None:
            return Condition(title, "pass", "not trained here", threshold, "no adapter, so no training rows to leak")
        return Condition(
            title, "unknown", "unknown", threshold, "the adapter has no training manifest of this suite, or its rows are no longer there",
            "a training manifest (training.json) beside the adapter, and the rows it names",
        )  # fmt: skip
    share = len(leaked) / items
    result: Result = "pass" if share <= policy.leaked_share else "fail"
    return Condition(
        title, result, f"{share:.3f} ({len(leaked)} rows)", threshold, "leaked rows are left out of all figures"
    )


def _speed_and_cost(manifest: Mapping[str, Any], items: int, policy: Policy) -> list[Condition]:
    found = []
    if policy.seconds_per_answer is not None:
        seconds = manifest["timing"].get("generate", 0.0) / items
        result: Result = "pass" if seconds <= policy.seconds_per_answer else "fail"
        found.append(
            Condition("seconds per answer, ceiling", result, f"{seconds:.2f}", f"at most {policy.seconds_per_answer:g}",
                      f"whole run on {manifest['engine'].get('device', 'no device')}")
        )  # fmt: skip
    if policy.dollars_per_1000_answers is not None:
        threshold = f"at most {policy.dollars_per_1000_answers:g}"
        cost = manifest.get("cost_dollars")
        if cost is None:
            found.append(
                Condition("cost per 1,000 answers, ceiling", "unknown", "not recorded", threshold,
                          "the run's manifest holds no cost", "an engine that records its cost")
            )  # fmt: skip
        else:
            each = 1000 * cost / items
            result = "pass" if each <= policy.dollars_per_1000_answers else "fail"
            found.append(Condition("cost per 1,000 answers, ceiling", result, f"${each:.2f}", threshold, "as billed"))
    return found


def _adapter_acts(candidate: Candidate, manifest: Mapping[str, Any]) -> Condition:
    title, threshold = "adapter proof", "changes a logit"
    if candidate.adapter is None:
        return Condition(title, "pass", "no adapter", threshold, "nothing to prove")
    proof = manifest.get("adapter_proof")
    if not proof:
        return Condition(
            title, "unknown", "none", threshold, "the run holds no proof", f"harness run {candidate.name} --fresh"
        )
    return Condition(title, "pass", f"{largest_change(proof):g}", threshold, "largest change on a fixed probe")


def _no_circle(candidate: Candidate, primary: str, policy: Policy, shown_by_people: bool) -> Condition:
    """Training data filtered or rewarded by the instrument that decides here would flatter the candidate."""
    title = "instrument not used in training"
    used = sorted({primary} & set((candidate.training or {}).get("instruments", ())))
    threshold = "none in common" if policy.independent_labels else "none in common, or said"
    if not used:
        return Condition(title, "pass", "none in common", threshold, "by the training manifest")
    reason = f"{', '.join(used)} also filtered or rewarded the training data"
    if policy.independent_labels and not shown_by_people:
        return Condition(title, "unknown", ", ".join(used), threshold, reason, "people's labels on a random sample")
    return Condition(title, "pass", f"{', '.join(used)} (flagged)", threshold, reason)


def _budget(spent: Budget) -> Condition:
    title, threshold = "uses of the lock", f"at most {spent.planned}"
    used = len(spent.charged)
    if used <= spent.planned:
        return Condition(title, "pass", f"{used} charged", threshold, f"{spent.left} left")
    return Condition(
        title, "unknown", f"{used} charged", threshold, "more candidates were tested than alpha was planned for",
        "new test questions (harness suite lock --new-test-set), or a policy that planned more uses before the first look",
    )  # fmt: skip


def _summary(verdict: Decision, candidate: str, baseline: str, conditions: Sequence[Condition]) -> str:
    if verdict == "RELEASE":
        return f"{candidate} may be released: it meets all {len(conditions)} conditions against {baseline}."
    wanted: Result = "fail" if verdict == "BLOCK" else "unknown"
    named = [condition for condition in conditions if condition.result == wanted]
    reasons = "; ".join(f"{condition.name}: {condition.reason}" for condition in named)
    if verdict == "BLOCK":
        return f"{candidate} is blocked ({reasons})."
    settle = next((condition.settle for condition in named if condition.settle), None)
    return f"Not decided for {candidate} ({reasons})." + (f" What would settle it: {settle}." if settle else "")
