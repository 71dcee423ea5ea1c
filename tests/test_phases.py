"""Lines of progress: joined only where one instrument judged the same unseen questions, and nothing claimed that is not shown."""

import json
import re
import struct
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import browser, needs_browser, phone
from conftest import ROOT, Harness, cut_suite
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from harness.candidates.candidate import Candidate, get_candidate
from harness.comparison import Estimate
from harness.config import CandidateConfig, PhaseConfig, Reported, load_config
from harness.errors import InputError
from harness.phases import Measurement, Phase, PhaseReport, report
from harness.phases.lines import hundred, phase_report, recorded, step
from harness.reports.phases import phases_html, phases_markdown, write_phases
from harness.reports.phases_plot import lines_plot
from harness.runs.answering import complete_runs
from harness.suite.item import Split
from harness.suite.suite import Suite

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def history() -> PhaseReport:
    """What the project reported before the harness existed, as harness.toml ships it."""
    config = load_config(ROOT / "harness.toml")
    return phase_report([each for each in config.phases if each.reported], {}, {}, "facencial", "correct", "no shares")


def test_shipped_history_has_the_published_intervals(history: PhaseReport) -> None:
    (line,) = history.lines
    found = {(each.right, each.n): each.share for phase in line.phases for each in phase.measurements}
    # R 4.3: prop.test(x, n, correct = FALSE)$conf.int
    published = {(8, 22): (0.197, 0.570), (15, 22): (0.473, 0.836), (24, 28): (0.685, 0.943), (17, 28): (0.424, 0.764)}
    for (right, n), interval in published.items():
        share = found[right, n]
        assert share.mean == pytest.approx(right / n)
        assert (share.low, share.high) == pytest.approx(interval, abs=5e-4)
        assert (share.low, share.high) == pytest.approx(proportion_confint(right, n, method="wilson"))
    assert {(11, 22), (4, 16)} < set(found)
    assert [words.split(";")[0] for words in (phase.note for phase in line.phases)] == [
        "reported as 36%", "reported as 68%", "reported as 86%",
    ]  # fmt: skip


def test_shipped_history_is_no_line_and_shows_no_improvement(history: PhaseReport) -> None:
    first, second = history.lines[0].steps
    assert list(first.joined) == list(second.joined) == []
    assert "16 of 22 test questions were in Phase II's training rows" in first.breaks
    assert set(second.breaks) == {
        "the set grew from 22 to 28 questions",
        "judged by a person instead of the judge",
        "16 of 22 test questions were in Phase II's training rows",
        "22 of 28 test questions were in Phase III's training rows",
    }
    for each in (first, second):
        assert each.sentence.startswith(f"From {each.before} to {each.after} no improvement is established: ")
        assert all(reason in each.sentence for reason in each.breaks)
        assert "keeps no answers that could be paired" in each.sentence
    said = " ".join(history.limits)
    assert (
        "On the first 22 questions, the judge counted 8 in Phase I, then 15 in Phase II, then 11 in Phase III." in said
    )
    assert "of 16 fresh questions in no training row, 4 were answered rightly" in said
    assert "a person counts 24 right, the judge 17" in said
    assert "better" not in " ".join(history.sentences)


def counted(name: str, right: int, of: int, judge: str = "j", questions: str = "q", leaked: int | None = 0) -> Phase:
    count = Reported(right=right, of=of, instrument=judge, questions=questions, leaked=leaked)
    return Phase(name, "", None, [recorded(count)])


@pytest.mark.parametrize(
    ("after", "reason"),
    [
        (counted("B", 9, 10), None),
        (counted("B", 9, 10, judge="k"), "judged by k instead of j"),
        (counted("B", 9, 12, questions="r"), "the set grew from 10 to 12 questions"),
        (counted("B", 9, 9, questions="r"), "the set shrank from 10 to 9 questions"),
        (counted("B", 9, 10, questions="r"), "other questions: r instead of q"),
        (counted("B", 9, 10, leaked=3), "3 of 10 test questions were in B's training rows"),
        (counted("B", 9, 10, leaked=None), "whether B had seen its test questions is not known"),
    ],
)
def test_a_line_breaks_for_a_reason(after: Phase, reason: str | None) -> None:
    found = step(counted("A", 0, 10), after, None)
    assert (list(found.joined), list(found.breaks)) == (([(0, 0)], []) if reason is None else ([], [reason]))
    # Even 0 and 9 of 10 on one line: counts cannot be paired.
    assert "no improvement is established" in found.sentence


def test_a_second_count_may_join_where_the_first_breaks() -> None:
    one = counted("A", 5, 10)
    other = Phase("B", "", None, [*counted("B", 9, 12, "k", "r").measurements, *counted("B", 6, 10).measurements])
    found = step(one, other, None)
    assert list(found.joined) == [(0, 1)]
    assert len(found.breaks) == 2


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_hundred_customers_add_up(rightly: float, invented: float) -> None:
    of = hundred(Estimate(rightly, rightly, rightly, 1), invented)
    assert of.rightly + of.wrongly + of.invented == 100
    assert min(of.rightly, of.wrongly, of.invented) >= 0
    assert abs(of.rightly - 100 * rightly) < 1
    assert abs(of.invented - 100 * min(invented, 1 - rightly)) < 1


PHASES = """
[[phases]]
line = "Told"
name = "Before"
reported = [{ right = 8, of = 22, instrument = "the judge", questions = "22 questions", leaked = 0 }]
[[phases]]
line = "Tested"
name = "First"
candidate = "none"
[[phases]]
line = "Tested"
name = "Second"
candidate = "even"
[[phases]]
line = "Tested"
name = "Third"
candidate = "odd"
"""


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """120 test rows; ``none`` answers nothing rightly, ``even`` and ``odd`` one half of the intents each."""
    root = tmp_path_factory.mktemp("planted")
    suite = Suite("facencial", cut_suite(root / "tasks" / "facencial", rows=60))
    items = suite.items(Split.TEST)
    order = {intent: index for index, intent in enumerate(dict.fromkeys(item.intent for item in items))}
    toml = 'tasks = "tasks"\nbaseline = "none"\n'
    for name, rest in (("none", None), ("even", 0), ("odd", 1)):
        rows = [
            {
                "id": item.id,
                "completion": item.generated_solution
                if order[item.intent] % 2 == rest
                else "<think>?</think><output>Rp77.777.</output>",
                "author_kind": "model",
                "source": "test",
            }
            for item in items
        ]
        (root / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        toml += f'[candidates.{name}]\nengine = "recorded"\nanswers = "{name}.jsonl"\n'
    (root / "harness.toml").write_text(toml + PHASES, encoding="utf-8")
    config = load_config(root / "harness.toml")
    complete_runs([get_candidate(name, config) for name in ("none", "even", "odd")], Split.TEST, config)
    return root


@pytest.fixture(scope="module")
def measured(planted: Path) -> PhaseReport:
    config = load_config(planted / "harness.toml")
    candidates = [get_candidate(name, config) for name in ("none", "even", "odd")]
    return report(
        config, candidates, {name: [run] for name, run in complete_runs(candidates, Split.TEST, config).items()}
    )


def test_improvement_is_said_where_it_was_planted_and_only_there(measured: PhaseReport) -> None:
    told, tested = measured.lines
    assert [line.title for line in measured.lines] == ["Told", "Tested"]
    assert not told.steps
    better, same = tested.steps
    assert [list(each.joined) for each in tested.steps] == [[(0, 0)], [(0, 0)]]
    assert better.sentence.startswith("Second is better than First, by intent and by fact (+")
    assert same.sentence.startswith("From Second to Third no improvement is established (")
    assert better.verdict is not None
    assert better.verdict.diff == pytest.approx(0.5, abs=0.03)
    assert tested.phases[0].customers is not None
    assert (tested.phases[0].customers.rightly, tested.phases[0].customers.invented) == (0, 100)
    newest = tested.phases[2].customers
    assert newest is not None
    assert newest.rightly == pytest.approx(50, abs=3)
    assert measured.sentences[0].startswith(
        f"Of 100 customers, Third answers {newest.rightly} rightly ({newest.low} to "
    )


def test_leaked_rows_leave_a_candidates_figure_and_break_the_line(planted: Path) -> None:
    config = load_config(planted / "harness.toml")
    none, even = (get_candidate(name, config) for name in ("none", "even"))
    items = even.suite.items(Split.TEST)
    intents = list(dict.fromkeys(item.intent for item in items))
    seen = [item for item in items if item.intent in intents[0:40:2]]  # all of them answered rightly
    adapter = planted / "adapter"
    adapter.mkdir(exist_ok=True)
    manifest = {"suite": even.suite.name, "split": "test", "rows": len(seen), "row_ids": [item.id for item in seen]}
    (adapter / "training.json").write_text(json.dumps(manifest), encoding="utf-8")
    trained = Candidate("even", CandidateConfig(model="any", adapter=Path("adapter")), config)
    runs = {name: [run] for name, run in complete_runs([none, even], Split.TEST, config).items()}
    config = config.model_copy(
        update={"phases": tuple(each for each in config.phases if each.candidate in ("none", "even"))}
    )
    (line,) = report(config, [none, trained], runs).lines
    (figure,) = line.phases[1].measurements
    assert figure.leaked is not None
    assert len(seen) <= figure.leaked < 60
    assert figure.full is not None
    assert figure.full.mean == pytest.approx(0.5, abs=0.03)
    assert figure.share.mean < 0.35
    assert figure.share.n == figure.n - figure.leaked
    assert list(line.steps[0].breaks) == [f"{figure.leaked} of 120 test questions were in Second's training rows"]
    assert line.steps[0].verdict is not None
    assert line.steps[0].verdict.rows_left_out == figure.leaked


def test_the_command_writes_everything_and_records_the_look(planted: Path, harness: Harness) -> None:
    done = harness(planted, "report", "phases", "--out", "out")
    assert done.returncode == 0, done.stderr
    assert "Second is better than First" in done.stdout
    assert {path.name for path in (planted / "out").iterdir()} == {
        f"phases.{end}" for end in "html md json svg png".split()
    }
    again = json.loads(harness(planted, "report", "phases", "--json").stdout)
    assert again == json.loads((planted / "out/phases.json").read_text(encoding="utf-8"))
    looks = [json.loads(line) for line in (planted / "ledger.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [set(look["candidates"]) for look in looks] == [
        {"even", "odd"}
    ]  # the baseline is no choice; a second look at the same is free
    width, height = struct.unpack(">II", (planted / "out/phases.png").read_bytes()[16:24])
    assert (width, height > width / 2) == (3 * 384, True)


def test_without_the_extra_all_but_the_png_is_written(
    history: PhaseReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    paths, hint = write_phases(history, tmp_path)
    assert [path.suffix for path in paths] == [".html", ".md", ".json", ".svg"]
    assert "harness[plots]" in hint


def test_the_picture_joins_what_is_joined(measured: PhaseReport, history: PhaseReport) -> None:
    def lines(found: PhaseReport, kind: str) -> Iterator[ElementTree.Element]:
        return (each for each in lines_plot(found).iter("line") if each.attrib["class"] == kind)

    joins = list(lines(measured, "join"))
    assert len(joins) == 2
    dots = [(dot.attrib["cx"], dot.attrib["cy"]) for dot in lines_plot(measured).iter("circle")]
    assert [(each.attrib["x1"], each.attrib["y1"]) for each in joins] == dots[1:3]
    assert [(each.attrib["x2"], each.attrib["y2"]) for each in joins] == dots[2:4]
    assert not list(lines(history, "join"))
    texts = " ".join(each.text or "" for each in lines_plot(history).iter("text"))
    assert all(reason in texts for each in history.lines[0].steps for reason in each.breaks)


HOSTILE = "<script>document.title='owned'</script>\u202e\x1b[2J {{ 7*7 }} | # x"


def test_names_stay_text(tmp_path: Path) -> None:
    counts = (Reported(right=1, of=2, instrument=HOSTILE, questions=HOSTILE, note=HOSTILE),)
    found = phase_report(
        [PhaseConfig(name=HOSTILE, line=HOSTILE, note=HOSTILE, reported=counts)] * 2,
        {},
        {},
        HOSTILE,
        "correct",
        HOSTILE,
    )
    html, markdown = phases_html(found), phases_markdown(found)
    (svg,) = (path for path in write_phases(found, tmp_path)[0] if path.suffix == ".svg")
    ElementTree.parse(svg)
    for text in (html, markdown, svg.read_text(encoding="utf-8")):
        assert "<script" not in text.replace("\\<script", "")
        assert "\x1b" not in text
        assert "\u202e" not in text
    assert "{{ 7*7 }}" in html
    assert "script-src" not in html
    assert not re.search(r"style=|\son\w+=", html)


@needs_browser
def test_the_page_fits_a_phone(measured: PhaseReport, tmp_path: Path) -> None:
    from selenium.webdriver.common.by import By

    page = tmp_path / "page.html"
    page.write_text(phases_html(measured), encoding="utf-8")
    with browser(tmp_path / "profile") as driver:
        phone(driver)
        driver.get(page.as_uri())
        assert driver.execute_script("return document.documentElement.scrollWidth") <= 360
        assert driver.find_element(By.CSS_SELECTOR, ".verdict").text == measured.sentences[0]
        assert len(driver.find_elements(By.CSS_SELECTOR, ".people figure")) == 3
        assert driver.get_log("browser") == []


@pytest.mark.parametrize(
    ("phase", "message"),
    [
        ('name = "x"', "give either candidate or reported"),
        (
            'name = "x"\ncandidate = "odd"\nreported = [{ right = 1, of = 2, instrument = "j", questions = "q" }]',
            "either",
        ),
        ('name = "x"\ncandidate = "od"', "no candidate 'od'; did you mean"),
        ('name = "x"\nreported = [{ right = 3, of = 2, instrument = "j", questions = "q" }]', "counts of 2 questions"),
        ('name = "x"\nreported = [{ rigth = 1, of = 2, instrument = "j", questions = "q" }]', "right"),
    ],
)
def test_a_phase_that_cannot_be_is_refused_by_name(planted: Path, tmp_path: Path, phase: str, message: str) -> None:
    text = (planted / "harness.toml").read_text(encoding="utf-8")
    (tmp_path / "harness.toml").write_text(f"{text}[[phases]]\n{phase}\n", encoding="utf-8")
    with pytest.raises(InputError, match=re.escape(message)):
        load_config(tmp_path / "harness.toml")


def test_a_measurement_of_stored_answers_names_its_lock(measured: PhaseReport) -> None:
    figures: list[Measurement] = [phase.measurements[0] for phase in measured.lines[1].phases]
    assert {each.lock for each in figures} == {figures[0].lock}
    assert figures[0].lock is not None
    assert {each.instrument for each in figures} == {figures[0].instrument}
