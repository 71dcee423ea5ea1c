"""A correction dataset on disk: three files of whole lines, and a lock that one command holds at a time."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from harness.corrections.record import Correction, Refusal, Rewrite, load_corrections, read_lines
from harness.errors import InputError
from harness.journal import held

FOLDER = "corrections"
_NAME = re.compile(r"\w[\w.-]*")


@dataclass(frozen=True)
class Dataset:
    """The dataset ``name`` of the project at ``root``."""

    root: Path
    name: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise InputError(f"dataset {self.name!r}: a name of letters, digits, . _ -")

    @property
    def path(self) -> Path:
        """Corrections that may be trained on."""
        return self.root / FOLDER / f"{self.name}.jsonl"

    @property
    def refused_path(self) -> Path:
        """Attempts that failed a check."""
        return self.path.with_name(f"{self.name}.refused.jsonl")

    @property
    def rewrites_path(self) -> Path:
        """What reviewers wrote instead."""
        return self.path.with_name(f"{self.name}.rewrites.jsonl")

    def corrections(self) -> list[Correction]:
        """Stored corrections; none where there is no file yet."""
        return load_corrections(self.path) if self.path.is_file() else []

    def refusals(self) -> list[Refusal]:
        """Stored refusals, whether or not a reviewer has mended them since."""
        return read_lines(self.refused_path, Refusal)

    def rewrites(self) -> list[Rewrite]:
        """Stored rewrites, oldest first."""
        return read_lines(self.rewrites_path, Rewrite)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the dataset. Raises `InputError` where another command does."""
        busy = f"{self.path}: another command writes to it; wait for it, or use --into"
        with held(self.path.with_name(f".{self.name}.lock"), busy):
            yield
