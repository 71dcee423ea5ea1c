"""Records from Markdown: a heading that asks and the text under it, pairs of ``Q:`` and ``A:``, else paragraphs."""

import re
from collections.abc import Iterator
from pathlib import Path

from markdown_it import MarkdownIt

from harness.data.record import Record, decoded

_BLOCKS = MarkdownIt().disable("inline")  # emphasis and links stay text, and thousands of brackets cost no time
_MARK = r"^\**(?:{words})\s*[:.)]\s*\**\s*"
_QUESTION = re.compile(_MARK.format(words="Q|T|Question|Tanya|Pertanyaan"), re.IGNORECASE)
_ANSWER = re.compile(_MARK.format(words="A|J|Answer|Jawab|Jawaban"), re.IGNORECASE)


def read_markdown(path: Path) -> Iterator[Record]:
    """Questions of a Markdown file, with their answers where the file has them."""
    text = decoded(path)
    lines = text.split("\n")
    headed = _headed(text, lines)
    blocks = headed or _paragraphs(text, lines)
    question: tuple[int, str] | None = None
    for start, problem, answer in blocks:
        if headed or not _ANSWER.match(problem):
            if question:
                yield Record(f"{path}:{question[0]}", {"problem": question[1]})
            question = None
            plain = _QUESTION.sub("", problem)
            if answer:
                yield Record(f"{path}:{start}", {"problem": plain, "expected_answer": answer})
            elif plain != problem:
                question = (start, plain)
            else:
                yield Record(f"{path}:{start}", {"problem": plain})
        elif question:
            yield Record(f"{path}:{question[0]}", {"problem": question[1], "expected_answer": _ANSWER.sub("", problem)})
            question = None
    if question:
        yield Record(f"{path}:{question[0]}", {"problem": question[1]})


Block = tuple[int, str, str]
"""Line, question or paragraph, answer."""


def _headed(text: str, lines: list[str]) -> list[Block]:
    """Headings that ask something, each with the text up to the next heading."""
    tokens = _BLOCKS.parse(text)
    headings = [
        (token.map[0], token.map[1], tokens[index + 1].content)
        for index, token in enumerate(tokens)
        if token.type == "heading_open" and token.map and token.level == 0
    ]
    ends = [*(start for start, _, _ in headings), len(lines)][1:]
    return [
        (start + 1, title, "\n".join(lines[body:end]).strip())
        for (start, body, title), end in zip(headings, ends, strict=True)
        if title.rstrip().endswith("?") or _QUESTION.match(title)
    ]


def _paragraphs(text: str, lines: list[str]) -> list[Block]:
    """Paragraphs and list items; a line that begins with Q: or A: begins a new one."""
    blocks: list[Block] = []
    for token in _BLOCKS.parse(text):
        if token.type != "inline" or not token.map or token.level > 3:
            continue
        for offset, line in enumerate(lines[token.map[0] : token.map[1]]):
            content = line.strip().removeprefix("- ").removeprefix("* ").strip()
            if content.startswith("#") or not content:
                continue
            if offset and blocks and not (_QUESTION.match(content) or _ANSWER.match(content)):
                start, before, _ = blocks[-1]
                blocks[-1] = (start, f"{before}\n{content}", "")
            else:
                blocks.append((token.map[0] + offset + 1, content, ""))
    return blocks
