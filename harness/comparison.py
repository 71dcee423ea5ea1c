"""Join runs of several candidates into one comparison against a baseline.

The unit of analysis is the intent: every interval comes from intent means (both languages and all paraphrases of one
question are one cluster), so rows that repeat a question count once. Nothing is dropped: an answer that is missing or
empty is a wrong answer.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from harness.candidates.candidate import Candidate
from harness.errors import InputError, IntegrityError
from harness.runs.store import Run, Sample
from harness.scoring import METRICS
from harness.scoring.completion import parse
from harness.stats import Pairs, clustered_mean, clustered_pairs, clustered_proportion, mcnemar, tango
from harness.suite.item import Item, Split
from harness.suite.leakage import find_leaks

ALPHA = 0.05
BINARY = frozenset({"correct", "correct_lenient", "unsupported", "invented_price", "format", "language"})


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over intents with its 95% interval; ``n`` rows."""

    mean: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Leakage:
    """Rows a candidate was trained on, and those that repeat a question of the compared split."""

    training_rows: int
    leaked: int


@dataclass(frozen=True, slots=True)
class CandidateResult:
    """One candidate's own figures."""

    name: str
    label: str
    fingerprint: str
    run: str
    engine: Mapping[str, Any]
    timing: Mapping[str, float]
    empty: int
    metrics: Mapping[str, Estimate]
    answerable: Estimate | None
    unanswerable: Estimate | None
    leakage: Leakage | None
    adapter_proof: Mapping[str, Any] | None
    spot_check: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Delta:
    """A candidate's metric less the baseline's, from intent means; gained and lost count rows (0/1 metrics only)."""

    candidate: str
    metric: str
    diff: float
    low: float
    high: float
    p: float
    gained: int | None
    lost: int | None


@dataclass(frozen=True, slots=True)
class RowLevel:
    """Reference only: tests that take every row as independent."""

    candidate: str
    mcnemar_midp: float
    tango_low: float
    tango_high: float


@dataclass(frozen=True, slots=True)
class DomainRow:
    """The primary metric in one domain."""

    domain: str
    n: int
    means: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Flip:
    """An item on which a candidate and the baseline differ in the primary metric."""

    candidate: str
    kind: str
    id: str
    domain: str
    language: str
    problem: str
    gold: str
    baseline_answer: str
    candidate_answer: str


@dataclass(frozen=True)
class Comparison:
    """Everything a report shows."""

    suite: str
    split: str
    lock: str
    items: int
    intents: int
    baseline: str
    primary: str
    candidates: Sequence[CandidateResult]
    deltas: Sequence[Delta]
    row_level: Sequence[RowLevel]
    domains: Sequence[DomainRow]
    sentences: Sequence[str]
    notes: Sequence[str] = ()
    flips: Sequence[Flip] = field(default=())

    def candidate(self, name: str) -> CandidateResult:
        """The result of one candidate."""
        return next(result for result in self.candidates if result.name == name)

    def delta(self, name: str, metric: str) -> Delta:
        """The delta of one candidate's metric."""
        return next(delta for delta in self.deltas if (delta.candidate, delta.metric) == (name, metric))


def estimate(values: Sequence[float], intents: Sequence[str], binary: bool) -> Estimate:
    """Mean over intents: Korn and Graubard's interval for 0/1 values, t on intent means otherwise."""
    if binary:
        proportion = clustered_proportion(values, intents, ALPHA)
        return Estimate(proportion.mean, proportion.low, proportion.high, len(values))
    mean = clustered_mean(values, intents, ALPHA)
    return Estimate(mean.mean, mean.low, mean.high, len(values))


def compare(
    candidates: Sequence[Candidate],
    runs: Mapping[str, Run],
    items: Sequence[Item],
    split: Split,
    primary: str,
    metrics: Sequence[str],
    baseline: str,
    *,
    show_items: bool = False,
    spot_checks: Mapping[str, Mapping[str, Any]] | None = None,
) -> Comparison:
    """Compare each candidate with ``baseline`` on ``items``.

    Raises `IntegrityError` where a run does not match its hashes, runs were scored with different gold or scorers, or an
    adapted candidate gave the baseline's answers word for word.
    """
    if baseline not in runs:
        raise InputError(f"the baseline {baseline} is not among the candidates compared")
    names = [candidate.name for candidate in candidates]
    manifests = {name: runs[name].verify() for name in names}
    scored_with = {(m["scores"]["lock"], tuple(sorted(m["scores"]["scorers"].items()))) for m in manifests.values()}
    if len(scored_with) > 1:
        raise IntegrityError(
            "the runs were scored with different gold or scorers; score them anew: harness runs rescore"
        )
    samples = {name: {sample.id: sample for sample in runs[name].samples()} for name in names}
    _refuse_idle_adapters(candidates, samples, baseline)
    scores = {name: runs[name].scores() for name in names}
    order = list(dict.fromkeys((primary, *metrics)))
    intents = [item.intent for item in items]

    results = tuple(
        _candidate_result(
            candidate, runs[candidate.name], manifests[candidate.name], items, split, scores[candidate.name],
            samples[candidate.name], order, primary, (spot_checks or {}).get(candidate.name),
        )
        for candidate in candidates
    )  # fmt: skip
    challengers = [name for name in names if name != baseline]
    deltas = [
        _delta(
            name,
            metric,
            [scores[name][i.id][metric] for i in items],
            [scores[baseline][i.id][metric] for i in items],
            intents,
        )
        for name in challengers
        for metric in order
    ]
    by_domain: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        by_domain[item.domain].append(item)
    comparison = Comparison(
        suite=manifests[baseline]["suite"]["name"],
        split=split.value,
        lock=manifests[baseline]["scores"]["lock"],
        items=len(items),
        intents=len(set(intents)),
        baseline=baseline,
        primary=primary,
        candidates=results,
        deltas=deltas,
        row_level=[_row_level(name, scores[name], scores[baseline], items, primary) for name in challengers],
        domains=[
            DomainRow(domain, len(group), {n: float(np.mean([scores[n][i.id][primary] for i in group])) for n in names})
            for domain, group in sorted(by_domain.items())
        ],
        sentences=(),
        flips=[
            flip
            for name in (challengers if show_items else ())
            for flip in _flips(name, scores, samples, items, primary, baseline)
        ],
    )
    return _with_sentences(comparison)


def _candidate_result(
    candidate: Candidate,
    run: Run,
    manifest: Mapping[str, Any],
    items: Sequence[Item],
    split: Split,
    scores: Mapping[str, Mapping[str, float]],
    samples: Mapping[str, Sample],
    metrics: Sequence[str],
    primary: str,
    spot_check: Mapping[str, Any] | None,
) -> CandidateResult:
    def over(group: Sequence[Item], metric: str) -> Estimate | None:
        if not group:
            return None
        return estimate([scores[i.id][metric] for i in group], [i.intent for i in group], metric in BINARY)

    estimates = {metric: found for metric in metrics if (found := over(items, metric)) is not None}
    return CandidateResult(
        name=candidate.name,
        label=display_label(candidate.name, manifest["engine"]),
        fingerprint=manifest["candidate"]["fingerprint"],
        run=run.key,
        engine=manifest["engine"],
        timing=manifest["timing"],
        empty=sum(not parse(sample.completion).whole for sample in samples.values()),
        metrics=estimates,
        answerable=over([item for item in items if item.is_answerable], primary),
        unanswerable=over([item for item in items if not item.is_answerable], primary),
        leakage=_leakage(candidate, items, split),
        adapter_proof=manifest.get("adapter_proof"),
        spot_check=spot_check,
    )


def display_label(name: str, engine: Mapping[str, Any]) -> str:
    """A candidate's name, with who wrote it where answers were recorded: a model's text is never shown as a person's."""
    if engine.get("engine") != "recorded":
        return name
    kinds = engine.get("author_kinds", [])
    return f"{name} (written by people)" if kinds == ["person"] else f"{name} (written by a model)"


def _leakage(candidate: Candidate, items: Sequence[Item], split: Split) -> Leakage | None:
    training = candidate.training
    if training is None or training["suite"] != candidate.suite.name:
        return None  # rows of another suite cannot be looked up here
    known = {item.id: item for item in candidate.suite.items(Split(training["split"]))}
    rows = [known[row_id] for row_id in training["row_ids"] if row_id in known]
    leaks = find_leaks([(row.id, row.problem) for row in rows], [(item.id, item.problem) for item in items])
    return Leakage(training["rows"], len({leak.test_id for leak in leaks}))


def _delta(candidate: str, metric: str, new: Sequence[float], old: Sequence[float], intents: Sequence[str]) -> Delta:
    change = np.asarray(new) - np.asarray(old)
    found = clustered_pairs(change, intents, ALPHA)
    binary = metric in BINARY
    gained, lost = (int((change > 0).sum()), int((change < 0).sum())) if binary else (None, None)
    low, high = max(-1.0, found.low), min(1.0, found.high)  # metrics run from 0 to 1, so differences from -1 to 1
    return Delta(candidate, metric, found.diff, low, high, found.p, gained, lost)


def _row_level(
    name: str,
    new: Mapping[str, Mapping[str, float]],
    old: Mapping[str, Mapping[str, float]],
    items: Sequence[Item],
    metric: str,
) -> RowLevel:
    table = Counter((new[item.id][metric] == 1, old[item.id][metric] == 1) for item in items)
    pairs = Pairs(table[True, True], table[True, False], table[False, True], table[False, False])
    interval = tango(pairs, ALPHA)
    return RowLevel(name, mcnemar(pairs).midp, interval.low, interval.high)


def _flips(
    name: str,
    scores: Mapping[str, Mapping[str, Mapping[str, float]]],
    samples: Mapping[str, Mapping[str, Sample]],
    items: Sequence[Item],
    metric: str,
    baseline: str,
) -> list[Flip]:
    flips = []
    for item in items:
        new, old = scores[name][item.id][metric], scores[baseline][item.id][metric]
        if new == old:
            continue
        flips.append(
            Flip(
                name, "gained" if new > old else "lost", item.id, item.domain, item.language, item.problem, item.expected_answer,
                parse(samples[baseline][item.id].completion).whole, parse(samples[name][item.id].completion).whole,
            )
        )  # fmt: skip
    return flips


def _refuse_idle_adapters(
    candidates: Sequence[Candidate], samples: Mapping[str, Mapping[str, Sample]], baseline: str
) -> None:
    """Peers have silently measured the base model: an adapter whose every answer is the base's is an error."""
    for candidate in candidates:
        if candidate.adapter is None or candidate.name == baseline:
            continue
        own, base = samples[candidate.name], samples[baseline]
        if own and all(
            item_id in base and sample.completion == base[item_id].completion for item_id, sample in own.items()
        ):
            raise IntegrityError(f"{candidate.name}: every answer equals {baseline}'s; its adapter was not in effect")


def _percent(value: float) -> int:
    return round(100 * value)


def _with_sentences(comparison: Comparison) -> Comparison:
    """The verdict in words a manager understands, one sentence a candidate, and notes on what weakens it."""
    base = comparison.candidate(comparison.baseline)
    sentences, notes = [], []
    for result in comparison.candidates:
        if result.name == comparison.baseline:
            continue
        own = result.metrics[comparison.primary]
        delta = comparison.delta(result.name, comparison.primary)
        sentence = (
            f"Of 100 customers, {result.label} answers {_percent(own.mean)} rightly ({_percent(own.low)} to {_percent(own.high)}), "
            f"{base.label} {_percent(base.metrics[comparison.primary].mean)}"
        )
        if "invented_price" in result.metrics:
            sentence += f"; {_percent(result.metrics['invented_price'].mean)} would be told an invented price"
        points = f"{100 * delta.low:+.0f} to {100 * delta.high:+.0f} points"
        if delta.low > 0:
            outcome = f"{result.name} is better than {comparison.baseline} ({points})."
        elif delta.high < 0:
            outcome = f"{result.name} is worse than {comparison.baseline} ({points})."
        else:
            outcome = f"No difference from {comparison.baseline} is established ({points})."
        sentences.append(f"{sentence}. {outcome}")
    for result in comparison.candidates:
        if result.leakage and result.leakage.leaked:
            notes.append(f"{result.name}: {result.leakage.leaked} questions of this split stand in its training rows.")
        strict, lenient = result.metrics.get("correct"), result.metrics.get("correct_lenient")
        if strict and lenient and lenient.mean - strict.mean > 0.01:
            notes.append(
                f"{result.name} often misses the required tags: {100 * lenient.mean:.1f}% are right if that is forgiven, "
                f"{100 * strict.mean:.1f}% as the service reads them."
            )
        if result.empty:
            notes.append(f"{result.name}: {result.empty} answers are empty or missing; they count as wrong.")
    if comparison.primary not in BINARY:
        sentences = [f"{METRICS[comparison.primary].summary}: {sentence}" for sentence in sentences]
    return Comparison(**{**vars(comparison), "sentences": tuple(sentences), "notes": tuple(notes)})
