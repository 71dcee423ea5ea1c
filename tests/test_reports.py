"""Reports show model output as data: nothing in it becomes markup, script or terminal control."""

import base64
import hashlib
import io
import json
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

import pytest
from browser import browser, needs_browser, phone
from rich.console import Console

from harness.candidates.candidate import get_candidate
from harness.comparison import Comparison, compare
from harness.comparison.result import Variance
from harness.config import load_config
from harness.reports.html import to_html
from harness.reports.markdown import to_markdown
from harness.reports.plots import forest_plots
from harness.reports.terminal import render
from harness.runs.answering import complete_runs
from harness.suite.item import Split

HOSTILE = "<script>document.title='owned'</script></td></dl><img src=x onerror=alert(1)> | a | b |\n# head\n\x1b[2J\x1b]0;owned\x07 \u202egnp.exe {{ 7*7 }} ]]> &lt;b&gt; <!--"


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
    runs = {name: [run] for name, run in complete_runs(candidates, Split.DEV, config).items()}
    items = candidates[0].suite.columns(Split.DEV)
    return compare(candidates, runs, items, Split.DEV, "correct", config.metrics, "half", show_items=True)


def test_html_holds_no_foreign_markup(comparison: Comparison) -> None:
    page = to_html(comparison)
    assert "owned" in page
    assert page.count("<script") == 1
    assert "<img" not in page
    assert "http" not in page.replace("http-equiv", "")
    assert "{{ 7*7 }}" in page
    assert "\x1b" not in page
    assert "\u202e" not in page


def test_only_what_ships_may_act(comparison: Comparison) -> None:
    page = to_html(comparison)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    assert "unsafe" not in policy[1]
    for tag, directive in (("style", "style-src"), ("script", "script-src")):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy[1]
    assert not re.search(r"<[^>]*\son\w+=", page)
    assert "style=" not in page


def test_without_items_there_is_no_script(comparison: Comparison) -> None:
    page = to_html(replace(comparison, flips=()))
    assert "<script" not in page
    assert "script-src" not in page


@needs_browser
def test_search_and_filters_in_a_real_browser(comparison: Comparison, tmp_path: Path) -> None:
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import Select

    page = tmp_path / "page.html"
    page.write_text(to_html(comparison), encoding="utf-8")
    flips = comparison.flips
    assert len(flips) == 4

    def shown() -> set[str]:
        boxes = driver.find_elements(By.CSS_SELECTOR, "article")
        return {flip.id for flip, box in zip(flips, boxes, strict=True) if box.is_displayed()}

    with browser(tmp_path / "profile") as driver:
        phone(driver)
        driver.get(page.as_uri())
        assert driver.title.startswith("facencial")
        assert shown() == {flip.id for flip in flips}
        words = driver.find_element(By.ID, "words")
        words.send_keys(flips[2].id.upper())
        assert shown() == {flips[2].id}
        assert driver.find_element(By.ID, "count").text == "1 of 4"
        words.clear()
        words.send_keys("<script>")
        assert shown() == {flip.id for flip in flips}
        words.clear()
        words.send_keys("x")  # clear() alone sends no input event in every driver
        words.send_keys("\b")
        Select(driver.find_element(By.ID, "domain")).select_by_value("pricing")
        assert shown() == {flip.id for flip in flips if flip.domain == "pricing"}
        Select(driver.find_element(By.ID, "language")).select_by_value("en")
        assert shown() == {flip.id for flip in flips if (flip.domain, flip.language) == ("pricing", "en")}
        Select(driver.find_element(By.ID, "domain")).select_by_value("")
        assert shown() == {flip.id for flip in flips if flip.language == "en"}
        assert driver.execute_script("return document.documentElement.scrollWidth") <= 360
        assert driver.find_elements(By.CSS_SELECTOR, "img, main script, .answer *") == []
        assert driver.get_log("browser") == []
        markup = "<img src=x onerror=\"document.title='owned'\">"  # were anything to slip through, the policy holds
        driver.execute_script("document.body.insertAdjacentHTML('beforeend', arguments[0])", markup)
        assert "Content Security Policy" in str(driver.get_log("browser"))
        assert "owned" not in driver.title


@needs_browser
def test_hostile_text_does_nothing_and_shows_without_script(comparison: Comparison, tmp_path: Path) -> None:
    from selenium.webdriver.common.by import By

    page = tmp_path / "page.html"
    page.write_text(to_html(comparison), encoding="utf-8")
    with browser(tmp_path / "profile", script=False) as driver:
        driver.get(page.as_uri())
        boxes = driver.find_elements(By.CSS_SELECTOR, "article")
        assert all(box.is_displayed() for box in boxes)
        assert "<script>document.title='owned'</script>" in boxes[0].text
        assert not driver.find_element(By.CSS_SELECTOR, ".search").is_displayed()


def test_how_answers_vary_is_shown_where_there_are_several(comparison: Comparison) -> None:
    assert "How much answers vary" not in to_html(comparison)
    first, *others = comparison.candidates
    varied = replace(first, variance=Variance(5, 0.1234, 0.0567))
    page = to_html(replace(comparison, candidates=(varied, *others)))
    assert "<td>5</td><td>0.1234</td><td>0.0567</td>" in page


def test_every_provenance_says_who_wrote_and_that_no_judge_ran(comparison: Comparison) -> None:
    page = to_html(comparison)
    assert page.count("recorded, written by a model") == 2
    assert "no judge ran" in page
    for result in comparison.candidates:
        assert result.run[:12] in page
        assert result.fingerprint[:12] in page


def test_forest_plots_draw_what_was_found(comparison: Comparison) -> None:
    plots = dict(forest_plots(comparison, "gold"))
    rows = [row for row in comparison.forest if row.dimension == "language"]
    svg = ElementTree.fromstring(plots["language"])
    dots = [float(dot.attrib["cx"]) for dot in svg.iter("circle")]
    zero = next(float(line.attrib["x1"]) for line in svg.iter("line") if line.attrib["class"] == "zero")
    found = [line for line in svg.iter("line") if line.attrib["class"] == "found"]
    assert len(dots) == len(found) == len(rows) == 2
    for row, dot, line in zip(rows, dots, found, strict=True):
        assert (dot > zero) == (row.shrunken > 0)
        width = float(line.attrib["x2"]) - float(line.attrib["x1"])
        assert width / (dot - zero) == pytest.approx((row.high - row.low) / row.shrunken, rel=0.02)
    assert all(row.group in svg.attrib["aria-label"] for row in rows)


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
