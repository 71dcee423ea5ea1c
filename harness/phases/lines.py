"""Phases of a project on lines of progress: what each reached, and between which two anything is shown.

A line joins two phases only where both were measured on the same questions by the same instrument, and where no question
stood in the training rows. Elsewhere it breaks, and the reason stands beside the break. Nothing is called an improvement
that a paired test of stored answers does not show: a recorded count keeps no answers to pair.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import floor

from harness.comparison.result import Estimate, Verdict
from harness.comparison.sentences import points
from harness.config import PhaseConfig, Reported
from harness.stats import wilson


@dataclass(frozen=True, slots=True)
class Measurement:
    """A share of right answers: who judged, on which questions, and how many of those stood in the training rows.

    ``share`` leaves leaked rows out where rows are stored, and cannot where only a count was reported (then ``right`` holds
    it). ``full`` is the share over all rows. ``leaked`` is ``None`` where it is not known. ``lock`` names stored questions.
    """

    instrument: str
    questions: str
    n: int
    share: Estimate
    method: str
    leaked: int | None
    right: int | None = None
    full: Estimate | None = None
    lock: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Customers:
    """What 100 customers get, in whole numbers that add up to 100; ``low`` and ``high`` bound those answered rightly."""

    rightly: int
    wrongly: int
    invented: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase; its first measurement is the figure it is known by."""

    name: str
    note: str
    candidate: str | None
    measurements: Sequence[Measurement]
    customers: Customers | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """From one phase to the next: measurements joined (their positions), reasons for a break, and what is established."""

    before: str
    after: str
    joined: Sequence[tuple[int, int]]
    breaks: Sequence[str]
    verdict: Verdict | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Line:
    """Consecutive phases under one title."""

    title: str
    phases: Sequence[Phase]
    steps: Sequence[Step]


@dataclass(frozen=True, slots=True)
class PhaseReport:
    """Everything a phase report shows: the sentences for a manager first, what they cannot say, then the lines."""

    suite: str
    primary: str
    judge: str
    sentences: Sequence[str]
    limits: Sequence[str]
    lines: Sequence[Line]


def hundred(rightly: Estimate, invented: float) -> Customers:
    """Shares of customers as 100 whole customers, by largest remainders; an invented answer is not counted as right."""
    shares = [rightly.mean, min(invented, 1 - rightly.mean)]
    exact = [100 * share for share in (*shares, 1 - sum(shares))]
    whole = [floor(value + 1e-9) for value in exact]
    order = sorted(range(3), key=lambda index: whole[index] - exact[index])
    for index in order[: 100 - sum(whole)]:
        whole[index] += 1
    return Customers(whole[0], whole[2], whole[1], round(100 * rightly.low), round(100 * rightly.high))


def recorded(count: Reported) -> Measurement:
    """A reported count with Wilson's interval."""
    interval = wilson(count.right, count.of)
    share = Estimate(count.right / count.of, interval.low, interval.high, count.of)
    return Measurement(
        count.instrument, count.questions, count.of, share, "Wilson", count.leaked, right=count.right, note=count.note
    )


def phase_report(
    declared: Sequence[PhaseConfig],
    measured: Mapping[str, Phase],
    verdicts: Mapping[tuple[str, str], Verdict],
    suite: str,
    primary: str,
    weighted_by: str,
) -> PhaseReport:
    """Join declared phases into lines.

    ``measured`` holds the phases of candidates, by candidate; ``verdicts`` the test of each (candidate, the one before it).
    """
    lines = []
    for title in dict.fromkeys(each.line for each in declared):
        phases = [
            replace(measured[each.candidate], name=each.name, note=each.note)
            if each.candidate
            else Phase(each.name, each.note, None, [recorded(count) for count in each.reported])
            for each in declared
            if each.line == title
        ]
        steps = [
            step(before, after, verdicts.get((str(after.candidate), str(before.candidate))))
            for before, after in pairwise(phases)
        ]
        lines.append(Line(title, phases, steps))
    return PhaseReport(suite, primary, "no judge ran", _sentences(lines), _limits(lines, weighted_by), lines)


def step(before: Phase, after: Phase, verdict: Verdict | None) -> Step:
    """What joins two consecutive phases, what does not, and what is established."""
    joined = [
        (first, second)
        for first, one in enumerate(before.measurements)
        for second, other in enumerate(after.measurements)
        if not reasons(before, one, after, other)
    ]
    breaks = reasons(before, before.measurements[0], after, after.measurements[0])
    return Step(before.name, after.name, joined, breaks, verdict, _established(before, after, breaks, verdict))


def reasons(before: Phase, one: Measurement, after: Phase, other: Measurement) -> list[str]:
    """Why two measurements do not belong on one line; none where they do."""
    found = []
    if (one.lock, one.questions) != (other.lock, other.questions):
        if one.lock is None and other.lock is None and one.n != other.n:
            found.append(f"the set {'grew' if other.n > one.n else 'shrank'} from {one.n} to {other.n} questions")
        else:
            found.append(f"other questions: {other.questions} instead of {one.questions}")
    if one.instrument != other.instrument:
        found.append(f"judged by {other.instrument} instead of {one.instrument}")
    for phase, each in ((before, one), (after, other)):
        if each.leaked is None:
            found.append(f"whether {phase.name} had seen its test questions is not known")
        elif each.leaked:
            found.append(f"{each.leaked} of {each.n} test questions were in {phase.name}'s training rows")
    return found


def _established(before: Phase, after: Phase, breaks: Sequence[str], verdict: Verdict | None) -> str:
    if verdict is not None:
        interval = points(min(verdict.low, verdict.fact_low), max(verdict.high, verdict.fact_high))
        if verdict.outcome in ("better", "worse"):
            return f"{after.name} is {verdict.outcome} than {before.name}, by intent and by fact ({interval})."
        disagree = "intents and facts as clusters disagree, " if verdict.outcome == "inconclusive" else ""
        return f"From {before.name} to {after.name} no improvement is established ({disagree}{interval})."
    why = "; ".join([*breaks, "a reported count keeps no answers that could be paired question by question"])
    return f"From {before.name} to {after.name} no improvement is established: {why}."


def _sentences(lines: Sequence[Line]) -> list[str]:
    """The newest phase of stored answers first, then what changed, line by line, the latest first."""
    found = []
    customers = [phase for line in lines for phase in line.phases if phase.customers]
    if customers:
        newest = customers[-1]
        assert newest.customers is not None
        of = newest.customers
        found.append(
            f"Of 100 customers, {newest.name} answers {of.rightly} rightly ({of.low} to {of.high}) and {of.wrongly} wrongly, "
            f"and tells {of.invented} something invented."
        )
    return found + [step.sentence for line in reversed(lines) for step in reversed(line.steps)]


def _limits(lines: Sequence[Line], weighted_by: str) -> list[str]:
    found = []
    for line in lines:
        for phase in line.phases:
            found += _of_counts(phase)
        found += _repeated(line)
    if any(each.right is not None for line in lines for phase in line.phases for each in phase.measurements):
        found.append(
            "Reported counts hold no answers: they cannot be scored anew, paired or corrected, and their intervals take every "
            "question as independent of the others."
        )
    if any(phase.customers for line in lines for phase in line.phases):
        found += [
            f"The questions were written for this test set, not drawn from customers' messages; domains are weighted by "
            f"{weighted_by}.",
            "Invented means an amount, time, address or the like that neither the knowledge base nor the question holds; what is "
            "invented in words alone counts as wrong only.",
        ]
    return found


def _of_counts(phase: Phase) -> list[str]:
    """What a phase's other counts say of the one it is known by."""
    first, *others = phase.measurements
    if first.right is None:
        return []
    found = []
    if first.leaked:
        found.append(
            f"{phase.name}: {first.leaked} of {first.n} questions were in the training rows, so the figure shows memory as much "
            "as service."
        )
    for other in others:
        if other.right is not None and other.questions == first.questions:
            found.append(
                f"{phase.name}: of the same {first.n} questions {first.instrument} counts {first.right} right, "
                f"{other.instrument} {other.right}; a figure means little without its instrument."
            )
        elif other.right is not None and other.leaked == 0:
            found.append(
                f"{phase.name}: of {other.questions} in no training row, {other.right} were answered rightly ({_range(other)})."
            )
    return found


def _repeated(line: Line) -> list[str]:
    """What one instrument counted on the same questions, phase by phase, where the phases' own figures hide it."""
    counts: dict[tuple[str, str], list[tuple[Phase, Measurement]]] = {}
    for phase in line.phases:
        for each in phase.measurements:
            if each.right is not None:
                counts.setdefault((each.instrument, each.questions), []).append((phase, each))
    return [
        f"On {questions}, {instrument} counted {', then '.join(f'{each.right} in {phase.name}' for phase, each in same)}."
        for (instrument, questions), same in counts.items()
        if len(same) > 1 and any(each is not phase.measurements[0] for phase, each in same)
    ]


def _range(measurement: Measurement) -> str:
    return f"{100 * measurement.share.low:.0f}% to {100 * measurement.share.high:.0f}%"
