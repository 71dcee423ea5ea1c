"""What a comparison found: plain values that reports show and that JSON holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

ALPHA = 0.05
BINARY = frozenset(
    {"correct", "correct_lenient", "unsupported", "invented_price", "format", "language", "answered", "judge_correct"}
)

Outcome = Literal["better", "worse", "no difference established", "inconclusive"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over intents with its 95% interval; ``n`` rows."""

    mean: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Leakage:
    """Rows a candidate was trained on, and how many rows of the compared split repeat one of them."""

    training_rows: int
    leaked: int


@dataclass(frozen=True, slots=True)
class Variance:
    """Variance of the primary metric between items, and between answers to one item."""

    samples: int
    between_items: float
    within_items: float


@dataclass(frozen=True, slots=True)
class CandidateResult:
    """One candidate's own figures, over the rows that did not leak into its training data.

    ``full`` is the primary metric over all rows. ``undecided`` answers count as wrong in the means; ``highest`` is the
    primary mean had all of them been right. ``of_customers`` weights domains by traffic.
    """

    name: str
    label: str
    fingerprint: str
    run: str
    engine: Mapping[str, Any]
    timing: Mapping[str, float]
    empty: int
    undecided: int
    metrics: Mapping[str, Estimate]
    full: Estimate
    highest: float
    of_customers: Estimate
    answerable: Estimate | None
    unanswerable: Estimate | None
    leakage: Leakage | None
    adapter_proof: Mapping[str, Any] | None
    variance: Variance | None
    spot_check: Mapping[str, Any] | None = None

    @property
    def adapter_effect(self) -> str | None:
        """What its adapter was shown to move, and how far."""
        if not self.adapter_proof:
            return None
        what = "a logit" if "largest_logit_change" in self.adapter_proof else "a log-probability"
        return f"{what} by up to {largest_change(self.adapter_proof):g}"


def largest_change(proof: Mapping[str, Any]) -> float:
    """By how much an adapter was shown to act: engine hf sees logits, vllm log-probabilities."""
    return float(proof["largest_logit_change"] if "largest_logit_change" in proof else proof["largest_logprob_change"])


@dataclass(frozen=True, slots=True)
class Delta:
    """A candidate's metric less another's, from intent means; gained and lost count rows (0/1 metrics only)."""

    candidate: str
    against: str
    metric: str
    diff: float
    low: float
    high: float
    p: float
    gained: int | None
    lost: int | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The primary metric of a candidate against another: clustered by intent, again by fact, and corrected for many.

    ``adjusted_p`` and ``adjusted_p_fact`` hold over all pairs tested. ``detectable`` is the least difference that this many
    pairs find with 80% power, ``None`` without a discordant pair. ``lowest`` and ``highest`` are the difference with every
    undecided answer against and for the candidate. McNemar and Tango take every row as independent: reference only.
    """

    candidate: str
    against: str
    outcome: Outcome
    diff: float
    low: float
    high: float
    fact_low: float
    fact_high: float
    adjusted_p: float
    adjusted_p_fact: float
    discordance: float
    effective_n: float
    effective_n_fact: float
    detectable: float | None
    lowest: float
    highest: float
    rows_left_out: int
    mcnemar_midp: float | None
    tango_low: float | None
    tango_high: float | None


@dataclass(frozen=True, slots=True)
class ForestRow:
    """One group of one dimension: means by candidate, and a candidate's difference there, as found and shrunken."""

    dimension: str
    group: str
    candidate: str
    against: str
    n: int
    mean: float
    mean_against: float
    diff: float
    low: float
    high: float
    shrunken: float
    shrunken_low: float
    shrunken_high: float


@dataclass(frozen=True, slots=True)
class GroupMeans:
    """The primary metric of every candidate in one group of one dimension."""

    dimension: str
    group: str
    n: int
    means: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Flip:
    """An item on which a candidate and the baseline differ in the primary metric."""

    candidate: str
    kind: Literal["gained", "lost"]
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
    facts: int
    samples: int
    baseline: str
    primary: str
    correction: str
    judge: str
    candidates: Sequence[CandidateResult]
    deltas: Sequence[Delta]
    verdicts: Sequence[Verdict]
    groups: Sequence[GroupMeans]
    forest: Sequence[ForestRow]
    sentences: Sequence[str]
    notes: Sequence[str] = ()
    flips: Sequence[Flip] = field(default=())
    flips_left_out: int = 0

    def candidate(self, name: str) -> CandidateResult:
        """The result of one candidate."""
        return next(result for result in self.candidates if result.name == name)

    def delta(self, name: str, metric: str) -> Delta:
        """The delta of one candidate's metric to the baseline's."""
        wanted = (name, self.baseline, metric)
        return next(delta for delta in self.deltas if (delta.candidate, delta.against, delta.metric) == wanted)

    def verdict(self, name: str) -> Verdict:
        """The verdict of one candidate against the baseline."""
        return next(
            verdict for verdict in self.verdicts if (verdict.candidate, verdict.against) == (name, self.baseline)
        )
