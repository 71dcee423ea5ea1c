"""Scores of several candidates on the same rows, as arrays: all that statistics and the gate's policy look at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]

DIMENSIONS = ("domain", "language", "register", "novelty")


@dataclass(frozen=True)
class Grouping:
    """Labels and, for each row, the position of its label."""

    labels: tuple[str, ...]
    codes: Codes

    @classmethod
    def of(cls, values: Sequence[str]) -> "Grouping":
        """Group rows by their values, labels sorted."""
        labels, codes = np.unique(np.asarray(values, dtype=object).astype(str), return_inverse=True)
        return cls(tuple(map(str, labels)), codes.astype(np.intp))

    def rows(self, label: str) -> Mask:
        """The rows of one label."""
        return np.asarray(self.codes == self.labels.index(label)) if label in self.labels else self.codes < 0


@dataclass(frozen=True)
class ScoreTable:
    """``scores`` by candidate: [metrics, rows, samples], nan where undecided. Rows are items, in one order for all.

    ``clean`` by candidate: [rows], False where the item leaked into its training data.
    """

    metrics: tuple[str, ...]
    scores: Mapping[str, Floats]
    intents: Codes
    facts: Codes
    groups: Mapping[str, Grouping]
    answerable: Mask
    clean: Mapping[str, Mask]

    @cached_property
    def n(self) -> int:
        """Number of rows."""
        return int(self.intents.size)

    def values(self, name: str, metric: str, undecided: float = 0.0) -> Floats:
        """A metric of a candidate by row, the mean over its samples, with ``undecided`` in place of nan."""
        found = self.scores[name][self.metrics.index(metric)]
        return np.asarray(np.where(np.isnan(found), undecided, found).mean(axis=1))

    def undecided(self, name: str, metric: str) -> int:
        """How many samples of a candidate have no verdict."""
        return int(np.isnan(self.scores[name][self.metrics.index(metric)]).sum())

    def samples(self, name: str) -> int:
        """Answers a row."""
        return int(self.scores[name].shape[2])

    def critical(self, domains: Sequence[str], unanswerable: bool) -> Mask:
        """Rows of any of ``domains`` and, where asked, all that the knowledge base does not answer."""
        rows = np.zeros(self.n, dtype=bool)
        for domain in domains:
            rows |= self.groups["domain"].rows(domain)
        return np.asarray(rows | ~self.answerable) if unanswerable else rows
