"""A suite on disk: items by split and domain, the knowledge base beside them.

::

    tasks/<suite>/suite.toml                     title, canary, heading of retrieved facts, traffic
    tasks/<suite>/knowledge/facts.toml
    tasks/<suite>/data/<split>/<domain>.jsonl    one item a line
    tasks/<suite>/lock.json
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import from_json

from harness.errors import InputError
from harness.suggest import nearest
from harness.suite.columns import ItemColumns, read_columns
from harness.suite.item import Item, Split
from harness.suite.knowledge import KnowledgeBase, load_knowledge
from harness.suite.settings import FILE_NAME, SuiteSettings, load_settings, traffic_weights


@dataclass(frozen=True)
class Suite:
    """A suite folder; splits are read when asked for."""

    name: str
    root: Path
    _read: dict[Split, tuple[object, list[Item]]] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def knowledge(self) -> KnowledgeBase:
        """The knowledge base the items rest on."""
        return load_knowledge(self.root / "knowledge" / "facts.toml")

    def domains(self) -> list[str]:
        """Domain names, sorted."""
        return sorted({path.stem for path in (self.root / "data").glob("*/*.jsonl")})

    @cached_property
    def settings(self) -> SuiteSettings:
        """``suite.toml``. Raises `InputError` naming file and key."""
        return load_settings(self.root / FILE_NAME)

    def traffic(
        self, given: Mapping[str, float] | None = None, source: Path | str = "harness.toml"
    ) -> dict[str, float]:
        """Share of customers' messages by domain, summing to 1; equal where no shares are given.

        ``given`` overrides ``suite.toml`` and ``source`` says where it stands. Raises `InputError` on an unknown domain.
        """
        if given:
            return traffic_weights(given, self.domains(), source)
        return traffic_weights(self.settings.traffic, self.domains(), self.root / FILE_NAME)

    def has(self, split: Split) -> bool:
        """Whether the suite has files for a split."""
        return any((self.root / "data" / split).glob("*.jsonl"))

    def items(self, split: Split) -> list[Item]:
        """All items of a split, by domain and then in file order; read once while the files stay as they are.

        Raises `InputError` naming file and line.
        """
        paths = sorted((self.root / "data" / split).glob("*.jsonl"))
        stamp = [(path, path.stat().st_mtime_ns, path.stat().st_size) for path in paths]
        if split not in self._read or self._read[split][0] != stamp:
            self._read[split] = (stamp, self._checked(split))
        return list(self._read[split][1])

    def files(self, split: Split) -> tuple[Path, ...]:
        """The files of a split's items, in order. Raises `InputError` where there is none."""
        paths = tuple(sorted((self.root / "data" / split).glob("*.jsonl")))
        if not paths:
            raise InputError(f"{self.root / 'data' / split}: no items; add one .jsonl file a domain")
        return paths

    def columns(self, split: Split) -> ItemColumns:
        """What a comparison needs of a locked split's items, within bounded memory. Raises `InputError`."""
        return read_columns(self.files(split))

    def _checked(self, split: Split) -> list[Item]:
        rows = list(self.rows(split))
        seen: dict[str, Row] = {}
        for row in rows:
            if problem := next(self.problems(row, split), None):
                raise InputError(f"{row}: {problem}")
            if (first := seen.setdefault(row.item.id.casefold(), row)) is not row:
                raise InputError(
                    f"{row}: id {row.item.id!r} stands twice, first at {first} (case does not tell ids apart)"
                )
        if not rows:
            raise InputError(f"{self.root / 'data' / split}: no items; add one .jsonl file a domain")
        return [row.item for row in rows]

    def rows(self, split: Split) -> Iterator["Row"]:
        """Items with their places, read but not held against knowledge base, canary and each other."""
        for path in sorted((self.root / "data" / split).glob("*.jsonl")):
            for number, row in read_jsonl(path):
                try:
                    yield Row(path, number, Item.model_validate(row))
                except ValidationError as error:
                    first = error.errors()[0]
                    where = ".".join(map(str, first["loc"]))
                    raise InputError(f"{path}:{number}: field {where}: {first['msg']}") from None

    def problems(self, row: "Row", split: Split) -> Iterator[str]:
        """What makes a row unfit for its place in this suite."""
        item = row.item
        for reference in (*item.facts_required, *item.facts_forbidden, *item.knowledge):
            if isinstance(reference, str) and reference not in self.knowledge:
                yield f"unknown fact {reference!r}{nearest(reference, self.knowledge.facts)}"
        if item.domain != row.path.stem:
            yield f"domain {item.domain!r} in the file of domain {row.path.stem!r}"
        if split is Split.TEST and item.canary != self.settings.canary:
            said = "another canary than" if item.canary else "no canary; give it"
            yield f"{said} the one in {self.root / FILE_NAME}"
        if split is not Split.TEST and item.canary is not None:
            yield f"a canary in a row of {split}; only test rows carry one"


@dataclass(frozen=True, slots=True)
class Row:
    """An item and the file and line it stands in."""

    path: Path
    line: int
    item: Item

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


def split_conflicts(suite: Suite) -> Iterator[tuple[Row, str]]:
    """Rows whose intent stands in an earlier split too, or whose id another row has but for case."""
    intents: dict[str, tuple[Split, Row]] = {}
    ids: dict[str, Row] = {}
    for split in Split:
        for row in suite.rows(split):
            owner, first = intents.setdefault(row.item.intent, (split, row))
            if owner is not split:
                yield row, f"intent {row.item.intent!r} stands in {owner} and {split}, first at {first}"
            if (same := ids.setdefault(row.item.id.casefold(), row)) is not row:
                yield row, f"id {row.item.id!r} stands twice, first at {same} (case does not tell ids apart)"


def read_jsonl(path: Path) -> Iterator[tuple[int, dict[str, object]]]:
    """Line numbers and objects of a JSON Lines file. Raises `InputError` naming the line that cannot be read."""
    try:
        data = path.read_bytes()
        text = data.decode("utf-8")
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except UnicodeDecodeError as error:
        broken = data[: error.start].count(b"\n") + 1
        raise InputError(f"{path}:{broken}: not UTF-8; save the file as UTF-8") from None
    if text.startswith("\ufeff"):
        raise InputError(f"{path}:1: begins with a byte order mark; save the file as UTF-8 without it")
    if "\0" in text:  # UTF-16 of plain letters is valid UTF-8 with a zero between each two
        raise InputError(f"{path}:{text[: text.index(chr(0))].count(chr(10)) + 1}: not UTF-8; save the file as UTF-8")
    if not text.strip():
        raise InputError(f"{path}: the file is empty")
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = from_json(line)  # twice as fast as json.loads
        except ValueError as error:
            said = str(error).replace("line 1 ", "")  # each line is read by itself
            raise InputError(f"{path}:{number}: not JSON ({said})") from None
        if not isinstance(row, dict):
            raise InputError(f"{path}:{number}: a JSON object is wanted, not {type(row).__name__}")
        yield number, row


def tasks_folder() -> Path:
    """Folder of the suites that ship with the harness: ``tasks/`` in a checkout, ``harness/tasks`` once installed."""
    return (Path(__file__).parents[1] / "tasks").resolve()


@lru_cache(maxsize=8)
def load_suite(name: str, folder: Path | None = None) -> Suite:
    """The suite ``name`` under ``folder`` (default: those that ship). Raises `InputError` with the nearest name."""
    folder = folder or tasks_folder()
    if Path(name).name != name or name == "..":
        raise InputError(
            f"suite {name!r}: the name of a folder in {folder}, not a path; set tasks in harness.toml instead"
        )
    root = folder / name
    if not (root / "knowledge").is_dir():
        known = [path.parent.name for path in folder.glob("*/knowledge")]
        raise InputError(f"no suite {name!r} in {folder}{nearest(name, known)}")
    return Suite(name, root)
