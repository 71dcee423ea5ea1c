"""Records of sources into rows for review: scrubbed, measured, and without the benchmark's own questions."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from harness.data.record import Record, decoded
from harness.data.scrub import EMAIL, Scrubber
from harness.data.sources import read_source
from harness.suite.item import AuthorKind, Split
from harness.suite.leakage import find_leaks
from harness.suite.suite import Suite


class ImportedRow(BaseModel):
    """A row that a person still has to read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    problem: str
    generated_solution: str | None = None
    expected_answer: str | None = None
    source: str
    author_kind: AuthorKind
    review: Literal["open"] = "open"


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that may not become a row, without its text."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Imported:
    """Rows, what was refused, and what was masked: counts by kind, by source."""

    rows: tuple[ImportedRow, ...]
    refused: tuple[Refused, ...]
    masked: dict[str, dict[str, int]]


def import_sources(
    sources: Sequence[str],
    suite: Suite,
    mapping: Mapping[str, str],
    author_kind: AuthorKind,
    names: Iterable[str] = (),
) -> Imported:
    """Read, check and scrub every record of ``sources``. ``mapping`` gives a source's column by ours; ``names`` are masked.

    Refused are records without a question, with the suite's canary, or with a question of its test split. Raises
    `InputError` where a source cannot be read.
    """
    own, words = own_addresses(suite), vocabulary(suite)
    records = [(source, record) for source in sources for record in read_source(source, mapping, own)]
    reasons = _reasons([record for _, record in records], suite)
    scrubbers: dict[tuple[str, ...], Scrubber] = {}
    masked: dict[str, Counter[str]] = defaultdict(Counter)
    rows, refused = [], []
    for number, ((source, record), reason) in enumerate(zip(records, reasons, strict=True), 1):
        if reason:
            refused.append(Refused(record.source, reason))
            continue
        if record.names not in scrubbers:
            scrubbers[record.names] = Scrubber(own, (*names, *record.names), words)
        texts = {}
        for column, text in record.texts.items():
            texts[column], counts = scrubbers[record.names].scrub(text)
            masked[source] += counts
        row_id = f"{Path(source).stem}-{number:05d}"
        rows.append(
            ImportedRow.model_validate({"id": row_id, "source": record.source, "author_kind": author_kind, **texts})
        )
    return Imported(
        tuple(rows), tuple(refused), {source: dict(sorted(counts.items())) for source, counts in masked.items()}
    )


def _reasons(records: Sequence[Record], suite: Suite) -> Iterator[str | None]:
    """Why each record is refused, ``None`` where it is not; looked at before anything is masked."""
    from harness.suite.canary import holds_canary

    questions = [(str(number), record.texts.get("problem", "")) for number, record in enumerate(records)]
    tests = [(item.id, item.problem) for item in suite.items(Split.TEST)]
    leaks = {leak.train_id: leak for leak in reversed(find_leaks(questions, tests))}  # the closest one stays
    for number, record in enumerate(records):
        leak = leaks.get(str(number))
        if not record.texts.get("problem"):
            yield "no question in plain text"
        elif any(holds_canary(text, suite) for text in record.texts.values()):
            yield "holds the canary of a test set"
        elif leak:
            yield f"repeats test question {leak.test_id} ({leak.kind}, {leak.similarity:.2f})"
        else:
            yield None


def own_addresses(suite: Suite) -> frozenset[str]:
    """Email addresses that the knowledge base states: they are the service's, and stay."""
    facts = suite.knowledge.facts.values()
    texts = (text for fact in facts for text in (*fact.text.values(), *fact.said))
    return frozenset(address.casefold() for text in texts for address in EMAIL.findall(text))


def vocabulary(suite: Suite) -> frozenset[str]:
    """Words of the knowledge base, in lower case."""
    texts = (text for fact in suite.knowledge.facts.values() for text in fact.text.values())
    return frozenset(word for text in texts for word in re.findall(r"\w+", text.casefold()))


def read_names(path: Path) -> list[str]:
    """Names of people, one a line. Raises `InputError`."""
    return [line.strip() for line in decoded(path).splitlines() if line.strip()]
