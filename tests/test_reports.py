"""Reports show model output as data: nothing in it becomes markup, script or terminal control."""

import io
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from rich.console import Console

from harness.candidates.candidate import get_candidate
from harness.comparison import Comparison, compare
from harness.config import load_config
from harness.reports.html import to_html
from harness.reports.markdown import to_markdown
from harness.reports.terminal import render
from harness.runs.answering import complete_runs
from harness.suite.item import Split

HOSTILE = "<script>document.title='owned'</script></td></dl><img src=x onerror=alert(1)> | a | b |\n# head\n\x1b[2J\x1b]0;owned\x07 {{ 7*7 }}"


@pytest.fixture
def comparison(project: Path) -> Comparison:
    """``half`` answers with hostile text where it is wrong."""
    path = project / "half.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for row in rows:
        if "Entahlah" in row["completion"]:
            row["completion"] = f"<think>x</think><output>{HOSTILE}</output>"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    config = load_config(project / "harness.toml")
    candidates = [get_candidate(name, config) for name in ("half", "gold")]
    runs = complete_runs(candidates, Split.DEV, config)
    items = candidates[0].suite.items(Split.DEV)
    return compare(candidates, runs, items, Split.DEV, "correct", config.metrics, "half", show_items=True)


def test_html_holds_no_foreign_markup(comparison: Comparison) -> None:
    page = to_html(comparison)
    assert "owned" in page
    assert "<script" not in page
    assert "<img" not in page
    assert "http" not in page.replace("http-equiv", "")
    assert "{{ 7*7 }}" in page
    assert "\x1b" not in page


@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs chromium")
def test_html_in_a_real_browser(comparison: Comparison, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(to_html(comparison), encoding="utf-8")
    command = [
        "chromium",
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--dump-dom",
    ]
    done = subprocess.run(
        [*command, f"--user-data-dir={tmp_path / 'profile'}", page.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "<title>facencial" in done.stdout
    assert "<script" not in done.stdout
    assert done.stdout.count("<details>") == 4


def test_markdown_tables_stay_tables(comparison: Comparison) -> None:
    text = to_markdown(comparison)
    assert "\n# head" not in text
    assert "\x1b" not in text
    assert "<script" not in text.replace("\\<script", "")
    widths = {line.replace("\\|", "").count("|") for line in text.split("## ")[0].splitlines() if line.startswith("|")}
    assert widths == {4}


def test_the_terminal_is_not_driven(comparison: Comparison) -> None:
    buffer = io.StringIO()
    render(comparison, Console(file=buffer, force_terminal=False, width=120))
    assert "\x1b" not in buffer.getvalue()
    assert "gold (written by a model)" in buffer.getvalue()


def test_sentences_say_what_is_known(comparison: Comparison) -> None:
    (sentence,) = comparison.sentences
    assert sentence.startswith("Of 100 customers, gold (written by a model) answers 100 rightly")
    assert "half (written by a model) 50" in sentence
