"""A random sample of items for labelling, in the order in which it was drawn, with what people said so far."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from harness.labels.people import SettledLabel, person_labels
from harness.labels.planning import BLOCK
from harness.labels.store import LabelStore


@dataclass(frozen=True)
class LabelSample:
    """Items drawn for labelling all ``runs``, in drawing order, and people's labels by item and run.

    Tasks are mixed within blocks of ``block`` items, so that only whole blocks are a random part of the draw.
    """

    review: str
    runs: tuple[str, ...]
    order: tuple[str, ...]
    labels: dict[tuple[str, str], SettledLabel]
    block: int = BLOCK

    def both(self, item: str) -> tuple[SettledLabel, ...] | None:
        """The item's labels, one a run in the order of ``runs``; ``None`` where one is missing or still disputed."""
        found = [self.labels.get((item, run)) for run in self.runs]
        given = tuple(label for label in found if label is not None and label.how != "disputed")
        return given if len(given) == len(self.runs) else None


def label_sample(store: LabelStore, runs: Sequence[str], least_items: int) -> LabelSample | None:
    """The first random sample of at least ``least_items`` items drawn of all ``runs``; ``None`` where there is none.

    The first, and no later one: whoever may draw again until the labels please picks luck with them.
    """
    with store.reading() as connection:
        rows = connection.execute(
            "SELECT r.id, t.item, m.run, m.probability FROM reviews r JOIN tasks t ON t.review = r.id "
            "JOIN arms m ON m.task = t.id WHERE r.kind = 'single' ORDER BY r.created, r.id, t.position"
        ).fetchall()
    drawn: dict[str, dict[str, set[str]]] = {}
    for row in rows:
        if row["probability"] is not None:
            drawn.setdefault(row["id"], {}).setdefault(row["item"], set()).add(row["run"])
    for review, items in drawn.items():
        if len(items) >= least_items and all(arms.issuperset(runs) for arms in items.values()):
            labels = {(label.item, label.run): label for label in person_labels(store) if label.run in runs}
            return LabelSample(review, tuple(runs), tuple(items), labels)
    return None


def drawn_items(store: LabelStore, runs: Collection[str]) -> frozenset[str]:
    """Ids of the items that reviews of single answers drew at random of each of ``runs``."""
    with store.reading() as connection:
        rows = connection.execute(
            "SELECT t.item, m.run FROM reviews r JOIN tasks t ON t.review = r.id JOIN arms m ON m.task = t.id "
            "WHERE r.kind = 'single' AND m.probability IS NOT NULL"
        ).fetchall()
    drawn: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        drawn[row["item"]].add(row["run"])
    return frozenset(item for item, of in drawn.items() if of.issuperset(runs))
