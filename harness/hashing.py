"""SHA-256 of files, folders and JSON values: identity is content."""

import hashlib
import json
from pathlib import Path
from typing import Any


def sha256_text(text: str) -> str:
    """Hex digest of UTF-8 text."""
    return hashlib.sha256(text.encode()).hexdigest()


def canonical_json(value: Any) -> str:
    """A JSON value as the one text that its digest is over."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def sha256_json(value: Any) -> str:
    """Hex digest of a JSON value, independent of key order."""
    return sha256_text(canonical_json(value))


def sha256_file(path: Path) -> str:
    """Hex digest of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_folder(folder: Path, patterns: tuple[str, ...]) -> str:
    """Hex digest over the names and contents of the files in ``folder`` that match any pattern."""
    paths = sorted({path for pattern in patterns for path in folder.glob(pattern) if path.is_file()})
    return sha256_json([[path.relative_to(folder).as_posix(), sha256_file(path)] for path in paths])
