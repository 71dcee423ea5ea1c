"""A correction as it is stored: one line an answer, with all that is known of how it came about.

::

    corrections/NAME.jsonl            corrections that passed every check: what is trained on
    corrections/NAME.refused.jsonl    those that did not, each with its reasons: the queue of `harness review`
    corrections/NAME.rewrites.jsonl   what reviewers wrote instead
"""

from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harness.errors import InputError, IntegrityError
from harness.journal import append_lines, whole_lines
from harness.suite.item import AuthorKind


class _Stored(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())


class Cost(_Stored):
    """What a teacher's reply took; ``None`` where that is not counted."""

    tokens_in: int | None = None
    tokens_out: int | None = None
    dollars: float | None = None


class Attempt(_Stored):
    """What a teacher wrote on an item that a run got wrong. Nothing of it holds a system prompt."""

    item: str
    problem: str = Field(description="the customer's message")
    language: Literal["id", "en"]
    think: str = Field(description="reasoning; empty where the teacher wrote none")
    output: str = Field(description="answer, as the customer reads it")
    completion: str = Field(description="both in their tags, as the service writes them")
    rejected: str = Field(description="the run's wrong completion, verbatim")
    run: str
    candidate: str = Field(description="name of the candidate whose run it is")
    fingerprint: str = Field(description="of that candidate")
    wrong_by: str = Field(description="what called the run's answer wrong, with its version or identity")
    teacher: str = Field(description="candidate that wrote it, or judge for the model under [judge]")
    teacher_sha256: str = Field(description="digest of all that decides what the teacher writes")
    model: str = Field(description="the model that answered, as the server reports it")
    author_kind: AuthorKind
    author: str = Field(description="the model, or the name of the person who rewrote it")
    knowledge: tuple[str, ...] = Field(description="ids of the knowledge entries the teacher was given, where known")
    scorers: dict[str, int] = Field(description="versions of the scorers that checked it")
    instruments: tuple[str, ...] = Field(
        description="metrics and judges that chose or checked it, for training manifests"
    )
    lock: str = Field(description="SHA-256 of the suite's lock")
    cost: Cost
    created: str

    @property
    def key(self) -> tuple[str, str, str]:
        """One attempt a run, teacher and item."""
        return self.run, self.teacher_sha256, self.item


class Correction(Attempt):
    """An attempt that may be trained on. ``overruled`` are failed scorers that a person's verdict set aside."""

    overruled: tuple[str, ...] = ()


class Refusal(Attempt):
    """An attempt that failed a check, and why."""

    reasons: tuple[str, ...] = Field(min_length=1)


class Rewrite(_Stored):
    """What a reviewer wrote instead of a refused attempt; the last one of a reviewer and task counts."""

    task: int = Field(description="in the label store")
    think: str
    output: str
    reviewer: str
    author_kind: AuthorKind
    created: str


def tagged(think: str, output: str) -> str:
    """Reasoning and answer in their tags, as the suite's gold is written."""
    return f"<think>{think.strip()}</think>\n<output>{output.strip()}</output>"


Line = TypeVar("Line", bound=_Stored)


def load_corrections(path: Path) -> list[Correction]:
    """Every correction of a dataset, in the order in which they were stored; a line torn by a kill is passed over.

    Raises `InputError` where there is no such file, `IntegrityError` where a whole line is no correction.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such correction dataset; write one: harness correct RUN")
    return read_lines(path, Correction)


def read_lines(path: Path, kind: type[Line]) -> list[Line]:
    """Records of one kind; none where there is no file. Raises `IntegrityError` naming a whole line that is broken."""
    found = []
    for number, line in whole_lines(path):
        try:
            found.append(kind.model_validate_json(line))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "the line"
            raise IntegrityError(
                f"{path}:{number}: no {kind.__name__.lower()} ({where}: {first['msg']}); restore it"
            ) from None
    return found


def add_line(path: Path, record: _Stored) -> None:
    """Store a record; when this returns it is on the disk."""
    append_lines(path, [record.model_dump_json()])
