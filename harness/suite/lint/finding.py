"""One finding, and the rows it can be about."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from harness.suite.item import Split
from harness.suite.suite import Row

Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to mend (``error``) or to look at (``warning``), and where."""

    level: Level
    path: Path
    line: int
    item: str
    rule: str
    message: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A row and the split it belongs to."""

    split: Split
    row: Row

    def finding(self, level: Level, rule: str, message: str) -> Finding:
        """A finding about this row."""
        return Finding(level, self.row.path, self.row.line, self.row.item.id, rule, message)
