"""Whether what a page tells a reader to type exists: commands, their options and choices, files, make targets, extras."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import click
from doc_blocks import ROOT, Block, Page

_ENVIRONMENT = re.compile(r"[A-Z_][A-Z0-9_]*=.*")
_SEPARATORS = {"&&", "||", ";", "|", "&"}
_FOLDERS = ("benchmarks", "docs", "evidence", "examples", "harness", "reports", "tasks", "tests", "trainers")
_PREFIXES = {"nice", "time"}
# Left out by a writer: it stands for any argument.
ELISION = ("…", "...")


def faults(block: Block, root: Path = ROOT) -> list[str]:
    """What is wrong with the commands of a shell block, each with its place."""
    return [f"{block.where}: {fault}" for command in commands(block.text) for fault in command_faults(command, root)]


def inline_faults(page: Page, root: Path = ROOT) -> list[str]:
    """The same for `harness …` in running text, where arguments may be left out."""
    named = [(line, text) for line, text in page.inline if re.match(r"harness [a-z]", text)]
    return [
        f"{page.name}:{line}: {fault}"
        for line, text in named
        for command in commands(text)
        for fault in command_faults(command, root, whole=False)
    ]


def commands(text: str) -> Iterator[list[str]]:
    """The simple commands of shell text, without redirections, variables set before them, and prompts."""
    for line in text.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line.removeprefix("$ "), posix=True, punctuation_chars="&|;<>")
        lexer.whitespace_split = True
        words: list[str] = []
        redirected = False
        for word in [*lexer, ";"]:
            if word in _SEPARATORS:
                if words:
                    yield words
                words = []
            elif set(word) <= set("<>"):
                redirected = True
            elif redirected:
                redirected = False
            elif words or not (_ENVIRONMENT.fullmatch(word) or word in _PREFIXES):
                words.append(word)


def command_faults(words: list[str], root: Path = ROOT, whole: bool = True) -> Iterator[str]:
    """What is wrong with one command; ``whole``: nothing may be left out."""
    program, arguments = Path(words[0]).name, words[1:]
    if program == "harness":
        yield from _harness(arguments, whole)
    elif program.startswith("python") and arguments[:1] == ["-m"]:
        module = arguments[1]
        if module not in ("venv", "build", "pip") and not find_spec(module):
            yield f"no module {module}"
    elif program.startswith("python") and arguments and arguments[0].endswith(".py"):
        yield from _script(arguments, root)
    elif program == "make":
        targets = re.findall(r"^([a-z]+):", (root / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
        yield from (
            f"the Makefile has no target {word}" for word in arguments if word not in targets and "=" not in word
        )
    elif program == "pip":
        project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        asked = re.findall(r"(?:harness|\.)\[([^\]]+)\]", " ".join(arguments))
        extras = {name for names in asked for name in names.split(",")} - set(project["optional-dependencies"])
        yield from (f"no extra {extra} in pyproject.toml" for extra in sorted(extras))
    for word in arguments:
        path = word.split("::")[0]
        named = "/" in path and path.split("/")[0] in _FOLDERS and not re.search(r"[…*$<>]|NAME", path)
        if named and not (root / path).exists() and not _written(arguments, word):
            yield f"no file {path}"


def _written(arguments: list[str], word: str) -> bool:
    """Whether the command writes the file itself."""
    before = arguments[arguments.index(word) - 1] if arguments.index(word) else ""
    return before in ("--to", "--out", "--into", "--output_path")


def _script(arguments: list[str], root: Path) -> Iterator[str]:
    script = root / arguments[0]
    if not script.exists():
        return
    text = script.read_text(encoding="utf-8")
    for word in arguments[1:]:
        option = word.split("=")[0]
        if option.startswith("--") and f'"{option}"' not in text:
            yield f"{arguments[0]} has no option {option}"


def _harness(arguments: list[str], whole: bool) -> Iterator[str]:
    from harness.cli import cli

    command: click.Command = cli
    context: click.Context | None = None
    name, words = "harness", [word for word in arguments if word not in ELISION]
    while isinstance(command, click.Group):
        context = command.make_context(
            name, words, parent=context, resilient_parsing=True, help_option_names=["-h", "--help"]
        )
        words = [*context._protected_args, *context.args]
        if not words:
            return
        found = command.get_command(context, words[0])
        if found is None:
            yield f"no command {context.command_path} {words[0]}"
            return
        command, name, words = found, words[0], words[1:]
    yield from _options(command, click.Context(command, info_name=name, parent=context), words, whole)


def _options(command: click.Command, context: click.Context, words: list[str], whole: bool) -> Iterator[str]:
    try:
        given, left, _ = command.make_parser(context).parse_args(list(words))
    except click.UsageError as error:
        if whole or isinstance(error, click.NoSuchOption):
            yield f"{context.command_path}: {error.format_message()}"
        return
    if left and whole:
        yield f"{context.command_path}: {' '.join(left)} is too much"
    for parameter in command.params:
        value = given.get(parameter.name or "")
        missing = value in (None, ()) or not isinstance(value, (str, bool, int, list, tuple))
        if whole and parameter.required and missing:
            yield f"{context.command_path}: {parameter.human_readable_name} is missing"
        if isinstance(parameter.type, click.Choice) and isinstance(value, str) and value not in ("NAME", "SPLIT"):
            choices = [str(choice) for choice in parameter.type.choices]
            if value not in choices:
                yield f"{context.command_path}: {parameter.human_readable_name} is one of {', '.join(choices)}, not {value}"
