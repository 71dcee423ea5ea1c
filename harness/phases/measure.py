"""From declared phases and the stored runs of their candidates to a phase report."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from harness.candidates.candidate import Candidate
from harness.comparison.analysis import metric_estimate, of_customers, verdicts
from harness.comparison.join import build_table, leaked_items, read_manifests, refuse_idle_adapters
from harness.comparison.judged import judged_runs
from harness.comparison.result import BINARY
from harness.comparison.table import ScoreTable
from harness.config import Config, PhaseConfig
from harness.errors import InputError
from harness.phases.lines import Measurement, Phase, PhaseReport, hundred, phase_report
from harness.runs.store import Run
from harness.scoring import SCORERS
from harness.suite.item import Split

INVENTED = "unsupported"


def report(config: Config, candidates: Sequence[Candidate], runs: Mapping[str, Sequence[Run]]) -> PhaseReport:
    """The phases of ``config``; ``runs`` holds the test run of every candidate that one of them names.

    Consecutive candidates of a line are compared on the rows that leaked to neither, p values by Holm over all such pairs.
    Raises `IntegrityError` where runs do not match their hashes or each other, `InputError` where every row leaked.
    """
    primary = config.primary_metric
    weighted_by = "the shares in harness.toml" if config.traffic else "the suite's shares"
    if not candidates:
        return phase_report(config.phases, {}, {}, config.suite, primary, weighted_by)
    suite = candidates[0].suite
    items = suite.columns(Split.TEST)
    manifests = read_manifests(runs)
    leaked = {each.name: leaked_items(each, items) for each in candidates}
    judged = judged_runs(candidates, runs, items, (primary,))
    metrics = list(dict.fromkeys((primary, INVENTED)))
    table = build_table(runs, items, metrics, {k: v for k, v in leaked.items() if v}, judged=judged)
    refuse_idle_adapters(candidates, runs, table, candidates[0].name)
    traffic = suite.traffic(config.traffic)
    measured = {}
    for each in candidates:
        lock = manifests[each.name][0]["scores"]["lock"]
        found = leaked[each.name]
        stood = None if each.adapter is not None and found is None else len(found or ())
        measured[each.name] = _phase(each, table, primary, lock, stood, traffic)
    pairs = _consecutive(config.phases)
    tested = {(found.candidate, found.against): found for found in verdicts(table, pairs, primary)} if pairs else {}
    reported = phase_report(config.phases, measured, tested, suite.name, primary, weighted_by)
    return replace(reported, judge=judged.judge)


def _phase(
    candidate: Candidate, table: ScoreTable, primary: str, lock: str, leaked: int | None, traffic: dict[str, float]
) -> Phase:
    name, clean = candidate.name, table.clean[candidate.name]
    share, full = metric_estimate(table, name, primary, clean), metric_estimate(table, name, primary, clean | True)
    if share is None or full is None:
        raise InputError(f"every test question stood in the training rows of {name}; nothing is left to report")
    scorer = next((each for each in SCORERS if primary in {metric.name for metric in each.metrics}), None)
    instrument = f"scorer {scorer.name} v{scorer.version}" if scorer else candidate.config.judge.name
    measurement = Measurement(
        instrument=instrument,
        questions=f"{table.n} locked questions",
        n=table.n,
        share=share,
        method="clustered by intent",
        leaked=leaked,
        full=full,
        lock=lock,
    )
    customers = None
    if primary in BINARY:
        rightly, invented = (of_customers(table, name, metric, clean, traffic) for metric in (primary, INVENTED))
        customers = hundred(rightly, invented.mean)
    return Phase(name, "", name, [measurement], customers)


def _consecutive(phases: Sequence[PhaseConfig]) -> list[tuple[str, str]]:
    """Pairs (candidate, the one before it on its line)."""
    lines: dict[str, list[PhaseConfig]] = {}
    for each in phases:
        lines.setdefault(each.line, []).append(each)
    pairs = [
        (after.candidate, before.candidate)
        for line in lines.values()
        for before, after in pairwise(line)
        if before.candidate and after.candidate and before.candidate != after.candidate
    ]
    return list(dict.fromkeys(pairs))
