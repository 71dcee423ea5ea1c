"""Stages to be hurt, and what must be after a fault as it is undisturbed: answers, scores, judgements, reports."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import HarnessError
from harness.runs.store import Run
from harness.scoring.judge.record import read_judgements

State = dict[str, Any]


@dataclass(frozen=True)
class Stage:
    """A command to be hurt, in a copy of ``before``; ``wanted`` reads from a project what must be as undisturbed."""

    name: str
    command: tuple[str, ...]
    before: Path
    wanted: Callable[[Path], State]
    expected: State
    operations: int
    seconds: float


def runs(folder: Path, names: Sequence[str]) -> State:
    """Verified answers and scores by candidate. Raises `HarnessError` where a run is not whole."""
    found = {}
    for path in folder.glob(".harness/runs/*/manifest.json"):
        run = Run(path.parent)
        name = run.manifest()["candidate"]["name"]
        if name in names:
            run.verify()
            run.verify_plan()
            found[name] = {
                "samples": sorted((each.id, each.prompt, each.completion) for each in run.samples()),
                "scores": run.scores(),
            }
    return found


def judgements(folder: Path) -> State:
    """What the judge said of every answer, and how often each stands there."""
    found: State = {}
    for path in folder.glob(".harness/runs/*/judgements-*.jsonl"):
        read = read_judgements(path)
        said = {
            item: [one.verdict, one.scales and one.scales.model_dump(), one.reply_key] for item, one in read.items()
        }
        found[path.parent.name] = {"said": said, "lines": path.read_bytes().count(b"\n")}
    return found


def report(folder: Path) -> State:
    """The stored report as JSON, and that the others are whole."""
    paths = sorted((folder / ".harness/reports").glob("*"))
    texts = {path.suffix: path.read_text(encoding="utf-8") for path in paths if not path.name.startswith(".")}
    return {
        "json": without_timing(json.loads(texts[".json"])),
        "whole": texts[".html"].rstrip().endswith("</html>") and texts[".md"].endswith("\n"),
    }


def torn_reports(folder: Path) -> str | None:
    """A report file that a kill left in pieces under its own name."""
    for path in (folder / ".harness/reports").glob("[!.]*"):
        if (
            not path.read_text(encoding="utf-8")
            .rstrip()
            .endswith({".json": "}", ".html": "</html>"}.get(path.suffix, ""))
        ):
            return f"{path.name} is torn"
    return None


def differing(wanted: Callable[[Path], State], folder: Path, expected: State) -> str | None:
    try:
        found = wanted(folder)
    except (HarnessError, OSError, ValueError, KeyError) as error:
        return f"{type(error).__name__}: {error}"
    return None if found == expected else f"another result than undisturbed ({', '.join(sorted(found))})"


def without_timing(value: Any) -> Any:
    """The value without what differs from run to run: seconds and moments."""
    if isinstance(value, dict):
        return {key: without_timing(each) for key, each in value.items() if key not in ("timing", "created", "seconds")}
    if isinstance(value, list):
        return [without_timing(each) for each in value]
    return re.sub(r", [\d.]+ s a reply \(95th percentile [\d.]+ s\)", "", value) if isinstance(value, str) else value
