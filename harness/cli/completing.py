"""What the shell offers where a command wants a name: read from harness.toml as it stands, without checking it.

A completion must come at once and never speak: whatever cannot be read offers nothing.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from harness.config import find_config
from harness.errors import InputError
from harness.parsing import parse_toml

_NAME = re.compile(r"[A-Za-z0-9_.-]+")
_HELP = re.compile(r"[A-Za-z0-9_. -]+")
_CANDIDATE = re.compile(r'"candidate": \{\s*"name": "([A-Za-z0-9_-]+)"')
_HEAD = 2000
"""Bytes of a manifest in which its candidate's name stands; its plan may be megabytes."""


def candidate_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Candidates of harness.toml that were not given yet."""
    table, _ = _file(ctx)
    helps = {name: _engine(settings) for name, settings in _part(table, "candidates").items()}
    return _offered(helps, ctx, param, incomplete)


def model_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Models of harness.toml."""
    table, _ = _file(ctx)
    return _offered(dict.fromkeys(_part(table, "models"), ""), ctx, param, incomplete)


def trained_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Candidates that have a recipe under their own name in ``trainers/``; all of them where --recipe names one."""
    if ctx.params.get("recipe"):
        return candidate_names(ctx, param, incomplete)
    _, root = _file(ctx)
    recipes = {path.stem for path in _glob(root, "trainers/*.toml")}
    return [item for item in candidate_names(ctx, param, incomplete) if item.value in recipes]


def suite_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Suites under ``tasks`` of harness.toml, else those that ship."""
    from harness.suite.suite import tasks_folder

    table, root = _file(ctx)
    folder = root / table["tasks"] if root and isinstance(table.get("tasks"), str) else tasks_folder()
    return _offered({path.parent.name: "" for path in _glob(folder, "*/suite.toml")}, ctx, param, incomplete)


def run_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Keys of stored runs, as short as they are listed, and the candidates they belong to."""
    table, root = _file(ctx)
    places = [table.get("store", ".harness"), table.get("evidence")]
    length = max(12, len(incomplete) + 4)
    keys: dict[str, str] = {}
    for place in places:
        for path in _glob(root / place, "runs/*/manifest.json") if root and isinstance(place, str) else ():
            keys[path.parent.name[:length]] = _candidate_of(path)
    names = dict.fromkeys((name for name in keys.values() if name), "its run")
    return _offered(names | keys, ctx, param, incomplete)


def _file(ctx: click.Context) -> tuple[dict[str, Any], Path | None]:
    """harness.toml as a table, and its folder. An option before the command may name another file."""
    chosen = ctx.find_root().params.get("config_path")
    try:
        path = Path(chosen).resolve() if chosen else find_config(Path.cwd())
        return parse_toml(path.read_text(encoding="utf-8")), path.parent
    except (InputError, OSError, ValueError):
        return {}, None


def _part(table: dict[str, Any], name: str) -> dict[str, Any]:
    part = table.get(name)
    return part if isinstance(part, dict) else {}


def _engine(settings: Any) -> str:
    """What tells candidates apart in a list: the model, else the engine."""
    if not isinstance(settings, dict):
        return ""
    return str(settings.get("model") or settings.get("engine") or "")


def _candidate_of(manifest: Path) -> str:
    try:
        with manifest.open("rb") as file:
            found = _CANDIDATE.search(file.read(_HEAD).decode("utf-8", "replace"))
    except OSError:
        return ""
    return found.group(1) if found else ""


def _glob(folder: Path | None, pattern: str) -> Iterable[Path]:
    try:
        return sorted(folder.glob(pattern)) if folder else ()
    except OSError:
        return ()


def _offered(
    helps: dict[str, str], ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The names that go on from ``incomplete``. A name that a shell would split or read as more than a name is left out."""
    given = ctx.params.get(param.name or "") or ()
    return [
        CompletionItem(name, help=help_text if _HELP.fullmatch(help_text) else None)
        for name, help_text in helps.items()
        if name.startswith(incomplete) and _NAME.fullmatch(name) and (param.nargs != -1 or name not in given)
    ]
