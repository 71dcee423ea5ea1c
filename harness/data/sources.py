"""Which reader reads a source."""

from collections.abc import Iterator, Mapping, Set
from pathlib import Path

from harness.data.documents import read_markdown
from harness.data.mail import read_mailbox
from harness.data.record import Record
from harness.data.tables import read_csv, read_dataset, read_json, read_json_lines, read_parquet
from harness.errors import InputError

_TABLES = {".csv": read_csv, ".jsonl": read_json_lines, ".json": read_json, ".parquet": read_parquet}
_PICKLES = {".pkl", ".pickle", ".p", ".joblib", ".pt", ".pth", ".dill"}


def read_source(source: str, mapping: Mapping[str, str], own_addresses: Set[str]) -> Iterator[Record]:
    """Records of a file, a dataset folder or a dataset on the hub. Raises `InputError`."""
    path = Path(source)
    suffix = path.suffix.lower()
    if suffix in _PICKLES:
        raise InputError(
            f"{source}: a pickle can run any code when it is read, so none from outside is; "
            "have it saved as Parquet, CSV or JSON Lines (pandas: df.to_parquet)"
        )
    if path.is_file():
        if suffix in _TABLES:
            return _TABLES[suffix](path, mapping)
        if suffix in (".md", ".markdown"):
            return read_markdown(path)
        if suffix == ".mbox":
            return read_mailbox(path, own_addresses)
        known = ", ".join([*_TABLES, ".md", ".mbox"])
        raise InputError(f"{source}: no reader for {suffix or 'a file without an ending'}; known: {known}")
    if path.is_dir() or (source.count("/") == 1 and not suffix):
        return read_dataset(source, mapping)
    raise InputError(f"{source}: no such file or folder")
