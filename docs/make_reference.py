"""Writes ``docs/reference`` from the docstrings and the command line's own help: ``make reference``.

Modules are read by griffe without being imported, so a page depends on the source alone.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import click
import griffe

ROOT = Path(__file__).parents[1]
PACKAGES = {
    "stats": "Statistics on numbers and arrays",
    "scoring": "Scorers",
    "comparison": "Comparisons",
    "gate": "The gate",
}
NOTE = "<!-- written by docs/make_reference.py from docstrings; edit those, then run make reference -->"


def pages() -> dict[str, str]:
    """Every page of the reference by its file name."""
    package = griffe.load("harness", search_paths=[str(ROOT)], allow_inspection=False)
    index = [f"- [`harness.{name}`]({name}.md): {title.lower()}" for name, title in PACKAGES.items()]
    index.insert(0, "- [`harness`](cli.md): the command line")
    return {
        "README.md": "\n".join(["# Reference", "", NOTE, "", *index, ""]),
        "cli.md": "\n".join(["# The command line", "", NOTE, "", *_commands()]),
        **{f"{name}.md": "\n".join(_package(package[name], title)) for name, title in PACKAGES.items()},
    }


def _package(package: griffe.Module, title: str) -> Iterator[str]:
    yield from (f"# {title}", "", NOTE, "", *_prose(package), "")
    for name, module in sorted(package.modules.items()):
        objects = [each for each in module.members.values() if _is_public(each)]
        if name.startswith("_") or module.is_init_module or not objects:
            continue
        yield from (f"## `{module.path}`", "", *_prose(module), "")
        for each in objects:
            yield from _function(each) if isinstance(each, griffe.Function) else _class(each)


def _is_public(each: griffe.Object | griffe.Alias) -> bool:
    return not each.is_alias and not each.name.startswith("_") and (each.is_function or each.is_class)


def _prose(each: griffe.Object | griffe.Alias) -> list[str]:
    return each.docstring.value.replace("``", "`").splitlines() if each.docstring else []


def _function(function: griffe.Function) -> Iterator[str]:
    decorated = [f"@{each.value}" for each in function.decorators]
    yield from (f"### `{function.name}`", "", "```python", *decorated, *_signature(function), "```", "")
    yield from (*_prose(function), "")


def _signature(function: griffe.Function) -> list[str]:
    """On one line where that is readable, else a parameter a line."""
    line = str(function.signature())
    if len(line) <= 100:
        return [line]
    returned = f" -> {function.returns}" if function.returns is not None else ""
    shown: list[str] = []
    for each in function.parameters:
        if each.kind is griffe.ParameterKind.keyword_only and "*" not in "".join(shown):
            shown.append("    *,")
        hint = f": {each.annotation}" if each.annotation is not None else ""
        default = f" = {each.default}" if each.default is not None else ""
        shown.append(f"    {each.name}{hint}{default},")
    return [f"{function.name}(", *shown, f"){returned}"]


def _class(each: griffe.Class) -> Iterator[str]:
    public = [member for member in each.members.values() if not member.is_alias and not member.name.startswith("_")]
    fields = [member for member in public if member.is_attribute and "property" not in member.labels]
    shown = [f"    {field.name}: {field.annotation}" for field in fields if field.annotation is not None]
    bases = ", ".join(str(base) for base in each.bases)
    yield from (f"### `{each.name}`", "", "```python")
    yield f"class {each.name}({bases}):" if bases else f"class {each.name}:"
    yield from (*(shown or ["    ..."]), "```", "", *_prose(each), "")
    for member in public:
        if member.docstring and member not in fields:
            prose = " ".join(_prose(member))
            yield f"- `{member.name}{'' if member.is_attribute else _arguments(member)}`: {prose}"
    yield ""


def _arguments(method: griffe.Object | griffe.Alias) -> str:
    return "(" + ", ".join(each.name for each in method.parameters if each.name not in ("self", "cls")) + ")"


def _commands() -> Iterator[str]:
    from harness.cli import cli

    root = click.Context(cli, info_name="harness", help_option_names=["-h", "--help"])
    yield from (cli.help or "", "", *_options(root), "")
    yield from ("Exit codes: 0 fine, 1 blocked, 2 bad input, 3 inconclusive, 4 integrity, 130 interrupted.", "")
    yield from _below(root)


def _below(parent: click.Context) -> Iterator[str]:
    group = parent.command
    assert isinstance(group, click.Group)
    for name in group.list_commands(parent):
        command = group.get_command(parent, name)
        assert command is not None
        context = click.Context(command, info_name=name, parent=parent)
        usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
        yield from (f"## `{context.command_path}`", "", f"`{usage}`", "", *_paragraphs(command.help or ""), "")
        yield from (*_options(context), "")
        if isinstance(command, click.Group):
            yield from _below(context)


def _paragraphs(text: str) -> list[str]:
    return [line.strip().replace("\b", "").replace("<", "\\<") for line in text.strip().splitlines()]


def _options(context: click.Context) -> Iterator[str]:
    records = [each.get_help_record(context) for each in context.command.params]
    if rows := [each for each in records if each]:
        yield from ("| option | meaning |", "|---|---|")
        for option, meaning in rows:
            escaped = option.replace("|", "\\|")
            yield f"| `{escaped}` | {meaning.replace('|', chr(92) + '|')} |"


def main() -> int:
    """Write the pages; with ``--check`` only name those that are not what would be written, and end with 1."""
    folder = ROOT / "docs/reference"
    wanted = {folder / name: _tidy(text) for name, text in pages().items()}
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    left_over = sorted(set(folder.glob("*.md")) - set(wanted))
    for path in [*stale, *left_over]:
        print(f"{path.relative_to(ROOT)}: not what the docstrings say")
    if "--check" in sys.argv[1:]:
        return 1 if stale or left_over else 0
    for path in stale:
        path.write_text(wanted[path], encoding="utf-8")
    for path in left_over:
        path.unlink()
    return 0


def _tidy(text: str) -> str:
    """No empty line twice, none at the end."""
    lines = [line.rstrip() for line in text.splitlines()]
    kept = [line for line, before in zip(lines, ["", *lines], strict=False) if line or before]
    return "\n".join(kept).rstrip() + "\n"


if __name__ == "__main__":
    sys.exit(main())
