"""Findings about items together: wording that repeats, intents that lack a language, registers that crowd out others."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from harness.suite.item import Split
from harness.suite.knowledge import LANGUAGES
from harness.suite.leakage import find_leaks
from harness.suite.lint.finding import Finding, Level, Placed

MEASURED = (Split.DEV, Split.TEST)
CROWDED = 0.5
FEWEST_ROWS = 10


def repeated_wording(rows: Sequence[Placed]) -> Iterator[Finding]:
    """Equal or nearly equal questions of different intents, or of different splits.

    A question that is measured on must stand alone; training questions may repeat each other, which is worth a look.
    """
    by_id = {placed.row.item.id: (order, placed) for order, placed in enumerate(rows)}
    texts = [(placed.row.item.id, placed.row.item.problem) for placed in rows]
    for leak in find_leaks(texts, texts):
        (before, first), (after, second) = by_id[leak.train_id], by_id[leak.test_id]
        same_intent = first.row.item.intent == second.row.item.intent and first.split is second.split
        if before >= after or same_intent:
            continue
        level: Level = "error" if first.split in MEASURED or second.split in MEASURED else "warning"
        how = {
            "exact": "the same",
            "normalised": "the same but for signs",
            "near": f"nearly the same ({leak.similarity:.2f})",
        }
        place = f"{first.split}/{first.row.path.name}:{first.row.line}"
        message = f"the question is {how[leak.kind]} as {first.row.item.id} of intent {first.row.item.intent}, {place}"
        yield second.finding(level, "wording", message)


def intents(rows: Sequence[Placed]) -> Iterator[Finding]:
    """Intents without a row in both languages, or whose rows differ in what they ask for."""
    by_intent: dict[tuple[Split, str], list[Placed]] = defaultdict(list)
    for placed in rows:
        by_intent[placed.split, placed.row.item.intent].append(placed)
    for (_, intent), found in by_intent.items():
        first = found[0]
        for language in LANGUAGES:
            if language not in {placed.row.item.language for placed in found}:
                yield first.finding("error", "intent", f"intent {intent} has no row in language {language!r}")
        for placed in found[1:]:
            item, other = placed.row.item, first.row.item
            named = {fact for fact in item.facts_required if isinstance(fact, str)}
            if difference := named ^ {fact for fact in other.facts_required if isinstance(fact, str)}:
                yield placed.finding(
                    "error", "intent", f"facts_required differ from {other.id}: {', '.join(sorted(difference))}"
                )
            if item.answerable != other.answerable:
                yield placed.finding("error", "intent", f"answerable differs from {other.id}")


def registers(rows: Sequence[Placed]) -> Iterator[Finding]:
    """Domains of a split where one register holds more than half of at least ten rows."""
    by_file: dict[tuple[Split, str], list[Placed]] = defaultdict(list)
    for placed in rows:
        by_file[placed.split, placed.row.item.domain].append(placed)
    for (split, domain), found in by_file.items():
        register, count = Counter(placed.row.item.speech_register for placed in found).most_common(1)[0]
        if len(found) >= FEWEST_ROWS and count > CROWDED * len(found):
            message = f"{count} of {len(found)} rows of {domain} in {split} are in register {register}"
            yield found[0].finding("warning", "register", message)
