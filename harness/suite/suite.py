"""A suite on disk: items by split and domain, the knowledge base beside them.

::

    tasks/<suite>/suite.toml                     title, primary data, weights
    tasks/<suite>/knowledge/facts.toml
    tasks/<suite>/data/<split>/<domain>.jsonl    one item a line
    tasks/<suite>/lock.json
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from pydantic import ValidationError

from harness.errors import InputError
from harness.suggest import nearest
from harness.suite.item import Item, Split
from harness.suite.knowledge import KnowledgeBase, load_knowledge


@dataclass(frozen=True)
class Suite:
    """A suite folder; splits are read when asked for."""

    name: str
    root: Path

    @cached_property
    def knowledge(self) -> KnowledgeBase:
        """The knowledge base the items rest on."""
        return load_knowledge(self.root / "knowledge" / "facts.toml")

    def domains(self) -> list[str]:
        """Domain names, sorted."""
        return sorted({path.stem for path in (self.root / "data").glob("*/*.jsonl")})

    def items(self, split: Split) -> list[Item]:
        """All items of a split, by domain and then in file order. Raises `InputError` naming file and line."""
        items: list[Item] = []
        for path in sorted((self.root / "data" / split).glob("*.jsonl")):
            items += self._read(path)
        if not items:
            raise InputError(f"{self.root / 'data' / split}: no items; add one .jsonl file a domain")
        repeated = [item_id for item_id, count in Counter(item.id.casefold() for item in items).items() if count > 1]
        if repeated:
            raise InputError(
                f"{self.root / 'data' / split}: id {repeated[0]!r} stands twice (case does not tell ids apart)"
            )
        return items

    def _read(self, path: Path) -> Iterator[Item]:
        for number, row in read_jsonl(path):
            where = f"{path}:{number}"
            try:
                item = Item.model_validate(row)
            except ValidationError as error:
                first = error.errors()[0]
                raise InputError(f"{where}: field {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
            for reference in (*item.facts_required, *item.facts_forbidden, *item.knowledge):
                if isinstance(reference, str) and reference not in self.knowledge:
                    hint = nearest(reference, self.knowledge.facts)
                    raise InputError(f"{where}: unknown fact {reference!r}{hint}")
            if item.domain != path.stem:
                raise InputError(f"{where}: domain {item.domain!r} in the file of domain {path.stem!r}")
            yield item


def read_jsonl(path: Path) -> Iterator[tuple[int, dict[str, object]]]:
    """Line numbers and objects of a JSON Lines file. Raises `InputError` naming the line that cannot be read."""
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except UnicodeDecodeError as error:
        broken = path.read_bytes()[: error.start].count(b"\n") + 1
        raise InputError(f"{path}:{broken}: not UTF-8; save the file as UTF-8") from None
    if not text.strip():
        raise InputError(f"{path}: the file is empty")
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise InputError(f"{path}:{number}: not JSON ({error.msg} at column {error.colno})") from None
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
    root = folder / name
    if not (root / "knowledge").is_dir():
        known = [path.parent.name for path in folder.glob("*/knowledge")]
        raise InputError(f"no suite {name!r} in {folder}{nearest(name, known)}")
    return Suite(name, root)
