"""A run on disk: manifest, samples, scores. Append-only while it grows, hashed when complete, resumable in between.

::

    <runs>/<key>/manifest.json    what was asked of whom, the plan of batches, versions, timing, digests
    <runs>/<key>/samples.jsonl    one line an answer, appended a whole batch at a time; each line has its checksum
    <runs>/<key>/scores.jsonl     one line an answer; written anew when scorers or gold change

The key is the SHA-256 of the candidate's identity and the questions. A candidate's name is only a label, so two candidates
never share an answer, and two names of one candidate do.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import from_json

from harness.errors import HarnessError, IntegrityError
from harness.hashing import sha256_file, sha256_json
from harness.journal import checked, held, replace_file, with_checksum
from harness.parsing import parse_json

MANIFEST_VERSION = 1
KEY_LENGTH = 32


SEALED = ("created", "harness", "candidate", "suite", "engine", "adapter_proof", "plan")
"""What a manifest says of how the answers came about; nothing of it changes afterwards."""


def seal(manifest: Mapping[str, Any]) -> str:
    """Digest of the sealed part of a manifest."""
    return sha256_json([manifest[key] for key in SEALED])


@dataclass(frozen=True, slots=True)
class Sample:
    """One stored answer. A candidate that reflects has a ``draft`` before it, and the prompt that asked to check that."""

    id: str
    batch: int
    prompt: str
    completion: str
    draft: str | None = None
    second_prompt: str | None = None

    def row(self) -> dict[str, Any]:
        """As it stands in the file."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def run_key(identity: Mapping[str, Any], suite: str, split: str, questions: str) -> str:
    """The name of a run's folder: 32 hex digits over what decides its answers."""
    return sha256_json({"candidate": identity, "suite": suite, "split": split, "questions": questions})[:KEY_LENGTH]


@contextmanager
def _disk_errors(path: Path) -> Iterator[None]:
    """Turn a full disk or a read-only store into one clear line."""
    try:
        yield
    except OSError as error:
        raise HarnessError(f"{path}: cannot write ({error.strerror}); what was stored before is kept") from None


def _write_atomically(path: Path, text: str) -> None:
    with _disk_errors(path):
        replace_file(path, text)


def _write_manifest(path: Path, manifest: Mapping[str, Any]) -> None:
    """Write a manifest with the digest of all its other members, so that no flipped bit in it passes."""
    plain = json.loads(json.dumps({name: value for name, value in manifest.items() if name != "digest"}))
    _write_atomically(path, json.dumps({**plain, "digest": sha256_json(plain)}, indent=1, ensure_ascii=False) + "\n")


class _Asked(BaseModel):
    name: str
    split: str
    questions: str


class _Answering(BaseModel):
    name: str
    identity: dict[str, Any]


class _Shape(BaseModel):
    """What every reader of a manifest relies on; the rest is told, not used."""

    model_config = ConfigDict(strict=True)

    created: str
    candidate: _Answering
    suite: _Asked
    engine: dict[str, Any]
    plan: list[list[str]]
    samples_sha256: str | None = None
    scores: dict[str, Any] = {}


_SAMPLE = {"id", "batch", "prompt", "completion"}


def _is_sample(row: Mapping[str, Any]) -> bool:
    return (
        row.keys() in (_SAMPLE, _SAMPLE | {"draft", "second_prompt"})
        and type(row["batch"]) is int
        and all(isinstance(value, str) for name, value in row.items() if name != "batch")
    )


def _is_scored(row: Mapping[str, Any]) -> bool:
    return (
        row.keys() == {"id", "scores"}
        and isinstance(row["id"], str)
        and isinstance(row["scores"], dict)
        and all(value is None or isinstance(value, (int, float)) for value in row["scores"].values())
    )


@dataclass(frozen=True)
class Run:
    """A run's folder; nothing is held in memory."""

    folder: Path

    @property
    def key(self) -> str:
        """The run's key, which is the folder's name."""
        return self.folder.name

    def manifest(self) -> dict[str, Any]:
        """The manifest. Raises `IntegrityError` where it is missing or unreadable."""
        path = self.folder / "manifest.json"
        try:
            manifest = parse_json(path.read_bytes())
        except FileNotFoundError:
            raise IntegrityError(f"{path}: missing; remove {self.folder} and run the candidate again") from None
        except json.JSONDecodeError:
            raise IntegrityError(
                f"{path}: not readable as JSON; remove {self.folder} and run the candidate again"
            ) from None
        if not isinstance(manifest, dict) or manifest.get("version") != MANIFEST_VERSION:
            raise IntegrityError(f"{path}: not a manifest of version {MANIFEST_VERSION}; run the candidate again")
        digest = manifest.pop("digest", None)  # runs of earlier versions have none; their seal covers what it must
        if digest is not None and digest != sha256_json(manifest):
            raise IntegrityError(f"{path}: changed since it was stored; restore it or run the candidate again")
        for key in SEALED:
            if key not in manifest:
                raise IntegrityError(f"{path}: has no {key}; restore it or run the candidate again")
        try:
            _Shape.model_validate(manifest)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise IntegrityError(f"{path}: {where}: {first['msg']}; restore it or run the candidate again") from None
        return manifest

    def update(self, **changes: Any) -> None:
        """Write ``changes`` into the manifest, atomically."""
        manifest = self.manifest() | changes
        _write_manifest(self.folder / "manifest.json", manifest)

    @property
    def complete(self) -> bool:
        """Whether every planned answer is stored."""
        return (self.folder / "manifest.json").is_file() and "samples_sha256" in self.manifest()

    def samples(self) -> list[Sample]:
        """Stored samples in file order. Raises `IntegrityError` naming a broken line."""
        return [Sample(**row) for row in self._rows("samples.jsonl", _is_sample)]

    def scores(self) -> dict[str, dict[str, float]]:
        """Metrics by item id."""
        return {row["id"]: row["scores"] for row in self._rows("scores.jsonl", _is_scored)}

    def _rows(self, name: str, fits: Callable[[dict[str, Any]], bool]) -> Iterator[dict[str, Any]]:
        path = self.folder / name
        try:
            text = path.read_text(encoding="utf-8")
        except (FileNotFoundError, UnicodeDecodeError):
            raise IntegrityError(f"{path}: missing or not UTF-8; run the candidate again") from None
        for number, line in enumerate(text.removesuffix("\n").split("\n"), 1):  # not splitlines: answers hold U+2028
            try:
                row = from_json(line)  # twice as fast as json.loads
            except ValueError:
                raise IntegrityError(
                    f"{path}:{number}: not JSON; the run was changed, run the candidate again"
                ) from None
            if isinstance(row, dict):
                row.pop("crc32", None)  # checked while the run grows; afterwards the file's digest stands for all lines
            if not isinstance(row, dict) or not fits(row):
                raise IntegrityError(f"{path}:{number}: not a record of this run; run the candidate again")
            yield row

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the run against other processes. Raises `InputError` where another one works on it."""
        busy = f"{self.folder}: another process is working on this run; wait for it to end"
        with held(self.folder / ".lock", busy):
            yield

    def begin(self, manifest: dict[str, Any]) -> None:
        """Write the first manifest, with the plan of batches."""
        manifest = {"version": MANIFEST_VERSION, "created": datetime.now(UTC).isoformat(timespec="seconds"), **manifest}
        _write_manifest(self.folder / "manifest.json", manifest)

    def recover(self) -> set[int]:
        """After a kill: drop torn and damaged lines and batches that are not whole; return the batches that are."""
        path = self.folder / "samples.jsonl"
        if not path.is_file():
            return set()
        plan = self.manifest()["plan"]
        kept: dict[int, dict[str, str]] = {}
        for line in path.read_bytes().split(b"\n"):
            if (plain := checked(line)) is not None:
                try:
                    row = parse_json(plain)
                except json.JSONDecodeError:
                    continue
                if not isinstance(row, dict) or not _is_sample(row):
                    continue
                kept.setdefault(row["batch"], {})[row["id"]] = line.decode()
        whole = {batch for batch, rows in kept.items() if 0 <= batch < len(plan) and set(rows) == set(plan[batch])}
        lines = [kept[batch][item_id] for batch in sorted(whole) for item_id in plan[batch]]
        _write_atomically(path, "".join(line + "\n" for line in lines))
        return whole

    def append(self, samples: Sequence[Sample]) -> None:
        """Store a whole batch: one write, flushed to the disk."""
        path = self.folder / "samples.jsonl"
        text = "".join(with_checksum(json.dumps(sample.row(), ensure_ascii=False)) + "\n" for sample in samples)
        with _disk_errors(path), path.open("a", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())

    def finish(self, **changes: Any) -> None:
        """Seal the samples with their digest, and the manifest's account of how they came about."""
        self.update(**changes, samples_sha256=sha256_file(self.folder / "samples.jsonl"), sealed=seal(self.manifest()))

    def write_scores(self, scores: Mapping[str, Mapping[str, float]], lock: str, scorers: Mapping[str, int]) -> None:
        """Replace the scores, and record which gold and which scorers made them."""
        path = self.folder / "scores.jsonl"
        rows = (
            {"id": item_id, "scores": {name: round(value, 6) for name, value in row.items()}}
            for item_id, row in scores.items()
        )
        _write_atomically(path, "".join(json.dumps(row) + "\n" for row in rows))
        self.update(scores={"lock": lock, "scorers": dict(scorers), "sha256": sha256_file(path)})

    def verify(self) -> dict[str, Any]:
        """Check key, digests and seal; return the manifest. Raises `IntegrityError` naming what differs."""
        manifest = self.manifest()
        suite = manifest["suite"]
        key = run_key(manifest["candidate"]["identity"], suite["name"], suite["split"], suite["questions"])
        if key != self.key:
            raise IntegrityError(f"{self.folder}: the manifest belongs to run {key}; it was edited or moved")
        for name, digest in (
            ("samples.jsonl", manifest.get("samples_sha256")),
            ("scores.jsonl", manifest.get("scores", {}).get("sha256")),
        ):
            path = self.folder / name
            if digest is None:
                raise IntegrityError(
                    f"{path}: the run is not complete; resume it: "
                    f"harness run {manifest['candidate']['name']} --split {suite['split']}"
                )
            if not path.is_file() or sha256_file(path) != digest:
                raise IntegrityError(f"{path}: changed since it was stored; restore it or run the candidate again")
        if manifest.get("sealed") != seal(manifest):
            raise IntegrityError(
                f"{self.folder / 'manifest.json'}: changed since the run ended; restore it or run the candidate again"
            )
        return manifest

    def verify_plan(self) -> None:
        """Check that every planned answer is stored once. Raises `IntegrityError`."""
        planned = [item_id for batch in self.manifest()["plan"] for item_id in batch]
        if sorted(planned) != sorted(sample.id for sample in self.samples()):
            raise IntegrityError(f"{self.folder}: samples do not match the plan; run the candidate again")


def open_run(folder: Path) -> Run:
    """The run in ``folder``, made if it is not there."""
    with _disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return Run(folder)


def find_run(key: str, folders: Sequence[Path]) -> Run | None:
    """The first complete run of this key, else ``None``."""
    for folder in folders:
        run = Run(folder / key)
        if run.complete:
            return run
    return None


def list_runs(folders: Sequence[Path]) -> list[Run]:
    """Every run in the folders, by key."""
    found = {
        path.parent.name: Run(path.parent) for folder in reversed(folders) for path in folder.glob("*/manifest.json")
    }
    return [found[key] for key in sorted(found)]
