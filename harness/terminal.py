"""Text from outside on a terminal: an answer, a question, a name or a judge's reason is shown, and never acts.

Control, format and bidirectional characters are named (``⟨U+001B⟩``), whatever a library renders around them. Rich's markup is
another matter: text from outside that goes through it is escaped where it is printed.
"""

import json
from typing import Any

import click
from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderHook, RenderResult
from rich.segment import Segment

from harness.text.visible import visible


class _Shown:
    """A renderable whose text holds no hidden character; rich's own control codes stay."""

    def __init__(self, renderable: ConsoleRenderable) -> None:
        self._renderable = renderable

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for segment in console.render(self._renderable, options):
            yield segment if segment.control else Segment(visible(segment.text), segment.style)


class _ShowHidden(RenderHook):
    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return [_Shown(each) for each in renderables]


class SafeConsole(Console):
    """A console on which no printed text drives the terminal. ``:name:`` stays as it is written and becomes no emoji."""

    def __init__(self, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, emoji=False)
        self.push_render_hook(_ShowHidden())


def echo(text: str, err: bool = False) -> None:
    """One plain line, or several."""
    click.echo(visible(text), err=err)


def json_text(value: Any) -> str:
    """One JSON document: hidden characters stand as ``\\uXXXX``, so that it reads back exact and acts on no terminal."""
    text = json.dumps(value, indent=1, ensure_ascii=False)
    if text.replace("\n", "").isprintable():
        return text
    return "".join(each if each.isprintable() or each == "\n" else json.dumps(each)[1:-1] for each in text)
