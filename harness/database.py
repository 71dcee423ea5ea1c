"""DuckDB over the project's JSON Lines files: how a comparison reads a million rows within a stated memory.

A connection lives in memory, holds at most `MEMORY` and puts what is more into a temporary folder; no extension is fetched.
"""

import glob
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MEMORY = "1GB"
THREADS = 4  # at most: each holds 32 MiB of a file


def connect() -> "DuckDBPyConnection":
    """An empty database of this process."""
    import duckdb

    return duckdb.connect(
        config={
            "memory_limit": MEMORY,
            "threads": min(THREADS, os.cpu_count() or 1),
            "temp_directory": str(Path(tempfile.gettempdir()) / f"harness-duckdb-{os.getpid()}"),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "python_enable_replacements": False,
        }
    )


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def json_lines(paths: Sequence[Path], **columns: str) -> str:
    """SQL of a table of the named members of JSON Lines files, typed as given, in the order of files and lines."""
    shape = ", ".join(f"{quoted(name)}: {_literal(kind)}" for name, kind in columns.items())
    return f"read_json({_files(paths)}, format = 'newline_delimited', columns = {{{shape}}})"


def json_objects(paths: Sequence[Path]) -> str:
    """SQL of a table with one column ``json``: each line of JSON Lines files, whole."""
    return f"read_ndjson_objects({_files(paths)})"


def _files(paths: Sequence[Path]) -> str:
    return "[" + ", ".join(_literal(glob.escape(str(path))) for path in paths) + "]"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
