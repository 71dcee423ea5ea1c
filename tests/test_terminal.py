"""Real escape sequences, bidirectional controls and markup in text from outside: they are shown, and never act."""

import io
import json
import re
import subprocess
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.markup import escape
from rich.table import Table

from harness.gate.decide import GateVerdict
from harness.gate.evaluate import Condition
from harness.reports.gate import gate_junit, gate_markdown
from harness.reports.markdown import safe
from harness.terminal import SafeConsole, json_text

Harness = Callable[..., subprocess.CompletedProcess[str]]

HOSTILE = {
    "clear the screen": "\x1b[2J\x1b[H",
    "colour": "\x1b[31mRELEASE\x1b[0m",
    "window title": "\x1b]0;owned\x07",
    "hyperlink": "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "clipboard": "\x1b]52;c;cm0gLXJm\x07",
    "device reply": "\x1b[6n\x1b[c\x1bP$q\x1b\\",
    "eight-bit CSI": "\x9b2J",
    "eight-bit OSC": "\x9d0;owned\x9c",
    "carriage return": "BLOCK\rRELEASE",
    "backspace": "BLOCK\b\b\b\b\bRELEASE",
    "right to left": "\u202eESAELER\u202c",
    "isolate": "\u2067abc\u2069",
    "zero width": "Rp10\u200b.000",
    "tags": "\U000e0041\U000e0042",
    "line separator": "one\u2028two",
    "half a character": "a\ud800b",
}
UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\U000e0000-\U000e007f]"
)


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("terminal", [True, False])
def test_nothing_printed_drives_the_terminal(name: str, terminal: bool) -> None:
    text, file = HOSTILE[name], io.StringIO()
    console = SafeConsole()
    console.file = file
    console._force_terminal = terminal
    table = Table(title=escape(text))
    table.add_column(escape(text))
    table.add_row(escape(text))
    console.print(escape(text), highlight=False)
    console.print(text, markup=False, soft_wrap=True)
    console.print(table)
    printed = re.sub(r"\x1b\[[0-9;]*m", "", file.getvalue())  # rich's own styles, which have no other form
    assert not UNSAFE.search(printed), printed.encode("unicode_escape")


def test_what_was_hidden_is_named_and_what_was_plain_stays() -> None:
    console = SafeConsole()
    console.file = file = io.StringIO()
    console.print("Rp10\u200b.000 [red]merah[/red] 👩\u200d🔧 harga :bomb:\n\tbaris", markup=False, highlight=False)
    assert file.getvalue() == "Rp10⟨U+200B⟩.000 [red]merah[/red] 👩\u200d🔧 harga :bomb:\n        baris\n"


def test_json_reads_back_exact_and_acts_on_no_terminal() -> None:
    texts = [*HOSTILE.values(), "biasa – 👍\nbaris"]
    said = json_text({"texts": texts})
    assert not UNSAFE.search(said)
    assert json.loads(said) == {"texts": texts}
    assert "biasa – 👍" in said


def test_markdown_holds_no_control_character() -> None:
    for text in HOSTILE.values():
        assert not UNSAFE.search(safe(text))


def test_junit_of_a_hostile_name_is_still_xml(verdict: GateVerdict) -> None:
    hostile = "".join(HOSTILE.values()).replace("\ud800", "")
    told = replace(verdict, conditions=[Condition(hostile, "fail", hostile, hostile, hostile)])
    (case,) = ElementTree.fromstring(gate_junit(told))
    assert "⟨U+001B⟩" in case.attrib["name"]
    assert not UNSAFE.search(gate_junit(told))
    assert not UNSAFE.search(gate_markdown(told))


@pytest.fixture
def verdict() -> GateVerdict:
    from dataclasses import fields

    plain: dict[str, Any] = {
        "items_left_out": 0, "level": 0.05, "uses_left": 1, "uses_planned": 1, "items": 1, "decision": "BLOCK",
        "conditions": [],
    }  # fmt: skip
    return GateVerdict(**{each.name: plain.get(each.name, "x") for each in fields(GateVerdict)})


def test_a_hostile_question_is_shown_by_compare(project: Path, harness: Harness) -> None:
    """A question whose text would clear the screen, colour the verdict and open a link, printed among the differing items."""
    for path in (project / "tasks" / "facencial" / "data" / "dev").glob("*.jsonl"):
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        for row in rows:
            row["problem"] = f"{HOSTILE['clear the screen']}[/bold][link=https://evil.example]{row['problem']}\u202e"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert harness(project, "suite", "lock").returncode == 0
    done = harness(project, "compare", "gold", "half", "--split", "dev")
    assert done.returncode == 0, done.stderr
    assert "[/bold][link=" in done.stdout
    assert not UNSAFE.search(done.stdout)


def test_an_error_names_what_it_quotes(project: Path, harness: Harness) -> None:
    path = project / "answers\x1b[2J\u202e.jsonl"
    path.write_text("no JSON", encoding="utf-8")
    done = harness(project, "import", "x", str(path), "--author-kind", "model", "--source", "s")
    assert done.returncode == 2
    assert not UNSAFE.search(done.stderr)
    assert "⟨U+001B⟩[2J⟨U+202E⟩" in done.stderr


def test_markup_in_a_folder_name_is_text(project: Path, harness: Harness) -> None:
    """Rich would fail on a closing tag that nothing opened."""
    done = harness(project, "suite", "init", "ok", "--folder", "[/red][bold]new")
    assert done.returncode == 0, done.stderr
    assert "[/red][bold]new" in done.stdout
