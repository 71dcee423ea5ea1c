"""The blocks of the documentation and what is said about each: HTML comments before a block are its marks.

``<!-- not run: REASON -->`` it is only checked · ``<!-- slow: REASON -->`` only ``make docs`` runs it · ``<!-- exit: N -->`` it ends
so · ``<!-- output -->`` what the block above prints, lines of ``…`` left out. ``<!-- project: small -->`` once on a page: its
commands run on a project of a few rows (`doc_project`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
SHELL = ("sh", "bash")
# What begins a line that a reader would type. A block of no language that begins so is a shell block too.
_TYPED = re.compile(
    r"^(?:\$ )?(?:[A-Z_]+=\S+ )*(?:nice |\S*/)?(?:harness|python|pip|make|git|lm_eval|accelerate|openssl)\s"
)
_MARK = re.compile(r"<!--\s*(not run|slow|exit|output|project)(?::\s*(.+?))?\s*-->", re.DOTALL)

Kind = Literal["shell", "output", "other"]


@dataclass(frozen=True)
class Block:
    """One code block; ``line`` is that of its fence, from 1."""

    page: str
    line: int
    kind: Kind
    text: str
    marks: dict[str, str] = field(default_factory=dict)

    @property
    def where(self) -> str:
        """For messages."""
        return f"{self.page}:{self.line}"

    @property
    def status(self) -> str:
        """``run``, ``slow`` or ``not run``."""
        return next((mark for mark in ("not run", "slow") if mark in self.marks), "run")


@dataclass(frozen=True)
class Page:
    """One page: its code blocks in order, what stands in inline code with its line, and whether its project is small."""

    name: str
    blocks: tuple[Block, ...]
    inline: tuple[tuple[int, str], ...]
    links: tuple[tuple[int, str], ...]
    small: bool


def pages(root: Path = ROOT) -> list[Page]:
    """README, and every page under ``docs`` but those made from docstrings."""
    found = [root / "README.md", *sorted((root / "docs").rglob("*.md"))]
    return [read_page(path, root) for path in found if path.parent.name != "reference"]


def read_page(path: Path, root: Path = ROOT) -> Page:
    """The page at ``path``."""
    text = path.read_text(encoding="utf-8")
    name = path.relative_to(root).as_posix()
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    inline = [(token.map[0] + 1, child) for token in tokens if token.map for child in token.children or ()]
    return Page(
        name,
        tuple(_blocks(tokens, name)),
        tuple((line, child.content) for line, child in inline if child.type == "code_inline"),
        tuple((line, str(child.attrs["href"])) for line, child in inline if child.type == "link_open"),
        bool(re.search(r"<!--\s*project: small\s*-->", text)),
    )


def _blocks(tokens: list[Token], page: str) -> Iterator[Block]:
    marks: dict[str, str] = {}
    for token in tokens:
        if token.type == "html_block":
            marks |= {name: value or "" for name, value in _MARK.findall(token.content)}
        elif token.type in ("fence", "code_block"):
            assert token.map
            yield Block(page, token.map[0] + 1, _kind(token, marks), token.content, marks)
            marks = {}
        elif token.nesting <= 0 and token.type != "softbreak":
            marks = {}


def _kind(token: Token, marks: dict[str, str]) -> Kind:
    language = token.info.split()[0] if token.info.strip() else ""
    if "output" in marks:
        return "output"
    if language in SHELL or (not language and _TYPED.match(token.content)):
        return "shell"
    return "other"
