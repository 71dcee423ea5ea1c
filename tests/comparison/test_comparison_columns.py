"""Items and runs read as columns hold what the plain readers hold, refuse what those refuse, and stay within their memory."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from harness.candidates.candidate import get_candidate
from harness.comparison import compare
from harness.comparison.join import novelties
from harness.comparison.table import Grouping
from harness.config import load_config
from harness.errors import InputError, IntegrityError
from harness.runs.answering import complete_runs
from harness.runs.columns import completions, same_answers, score_columns
from harness.runs.store import Run, Sample
from harness.suite.columns import ItemColumns
from harness.suite.item import Split
from harness.suite.novelty import novelty
from harness.suite.suite import Suite, load_suite

ROOT = Path(__file__).parents[2]
COMMITTED = sorted(path.parent for path in ROOT.glob("evidence/runs/*/scores.jsonl"))
METRICS = ("correct", "rougeL", "answered")


@pytest.mark.parametrize(
    ("suite", "split"), [("facencial", "test"), ("facencial", "dev"), ("seluler", "test"), ("facencial_twin", "test")]
)
def test_item_columns_hold_what_the_items_hold(suite: str, split: str) -> None:
    found, items = load_suite(suite).columns(Split(split)), load_suite(suite).items(Split(split))
    assert found.ids() == [item.id for item in items]
    assert found.intents.tolist() == Grouping.of([item.intent for item in items]).codes.tolist()
    assert found.facts.tolist() == Grouping.of([item.main_fact for item in items]).codes.tolist()
    assert found.answerable.tolist() == [item.is_answerable for item in items]
    for name, field in (("domain", "domain"), ("language", "language"), ("register", "speech_register")):
        labels, codes = found.groups[name]
        assert [labels[code] for code in codes] == [getattr(item, field) for item in items]
    assert [pair for batch in found.questions(7) for pair in batch] == [(item.id, item.problem) for item in items]
    assert [(each.id, each.expected_answer) for each in found.texts(np.array([5, 2]))] == [
        (items[row].id, items[row].expected_answer) for row in (2, 5)
    ]


def test_novelty_by_columns_is_that_by_items() -> None:
    suite = load_suite("facencial")
    items, levels = suite.items(Split.TEST), novelties(suite, suite.columns(Split.TEST), [])
    expected = novelty(items, suite.items(Split.TRAIN))
    assert {item.id: levels.labels[code] for item, code in zip(items, levels.codes, strict=True)} == expected


@pytest.mark.parametrize("folder", COMMITTED, ids=lambda path: path.name[:6])
def test_score_columns_of_committed_runs_are_the_stored_scores(folder: Path, tmp_path: Path) -> None:
    run = Run(
        shutil.copytree(folder, tmp_path / "a [b]*" / folder.name)
    )  # signs that mean more to DuckDB than to a disk
    items, stored = load_suite("facencial").columns(Split.TEST), run.scores()
    expected = [[stored[item][metric] for item in items.ids()] for metric in METRICS]
    assert score_columns(run, items, METRICS).tolist() == expected
    assert completions(run, items.ids()) == {sample.id: sample.completion for sample in run.samples()}


@pytest.fixture
def items(project: Path) -> ItemColumns:
    return Suite("facencial", project / "tasks" / "facencial").columns(Split.DEV)


def scored(folder: Path, items: ItemColumns) -> list[str]:
    """Lines of scores of every item."""
    folder.mkdir()
    return [
        json.dumps({"id": item, "scores": {"correct": index % 2, "rougeL": 0.25}})
        for index, item in enumerate(items.ids())
    ]


def test_an_undecided_score_is_nan(items: ItemColumns, tmp_path: Path) -> None:
    lines = scored(tmp_path / "run", items)
    lines[1] = lines[1].replace("0.25", "null")
    (tmp_path / "run/scores.jsonl").write_text("\n".join(reversed(lines)) + "\n", encoding="utf-8")
    found = score_columns(Run(tmp_path / "run"), items, ("rougeL", "correct"))
    assert np.isnan(found[0]).tolist() == [row == 1 for row in range(len(items))]
    assert found[1].tolist() == [row % 2 for row in range(len(items))]


@pytest.mark.parametrize(
    ("line", "error", "said"),
    [
        (None, InputError, "no 'ID' there"),
        ('{"id": "ID", "scores": {"correct": 1}}', InputError, "no 'rougeL' there"),
        ('{"id": "ID", "scores": {"correct": 1, "rougeL": "0.25"}}', IntegrityError, ":2: not a record of this run"),
        (
            '{"id": "ID", "scores": {"correct": 1, "rougeL": 0.25}, "x": 1}',
            IntegrityError,
            ":2: not a record of this run",
        ),
        ('{"id": 2, "scores": {"correct": 1, "rougeL": 0.25}}', IntegrityError, ":2: not a record of this run"),
        ('{"id": "ID", "scores": {"correct": 1, "rougeL": 0.25', IntegrityError, ":2: not JSON"),
        ('{"id": "ID", "scores": {"correct": 1, "rougeL": 1.5}}', IntegrityError, "outside 0 to 1"),
        ('{"id": "ID", "scores": {"correct": 1, "rougeL": 0.25}}\n' * 2, IntegrityError, "stands twice"),
    ],
)
def test_scores_that_are_none_are_refused(
    items: ItemColumns, tmp_path: Path, line: str | None, error: type[Exception], said: str
) -> None:
    lines, item = scored(tmp_path / "run", items), items.id(1)
    lines[1:2] = [] if line is None else [line.replace("ID", item).rstrip("\n")]
    (tmp_path / "run/scores.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(error) as raised:
        score_columns(Run(tmp_path / "run"), items, ("correct", "rougeL"))
    assert said.replace("ID", item) in str(raised.value)


def test_equal_answers_are_equal_in_any_order(tmp_path: Path) -> None:
    said = [Sample(f"{index}", 0, "?", f"answer {index}") for index in range(5)]
    runs = {}
    for name, samples in {
        "one": said, "order": said[::-1], "less": said[1:], "other": [*said[:4], Sample("4", 0, "?", "Answer 4")]
    }.items():  # fmt: skip
        (tmp_path / name).mkdir()
        runs[name] = Run(tmp_path / name)
        runs[name].append(samples)
    equal = {name: same_answers(runs["one"], run) for name, run in runs.items()}
    assert equal == {"one": True, "order": True, "less": False, "other": False}
    assert not same_answers(runs["less"], runs["one"])


def test_a_report_shows_some_of_many_differing_items_and_counts_the_rest(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = load_config(project / "harness.toml")
    candidates = [get_candidate(name, config) for name in ("half", "gold")]
    runs = {name: [run] for name, run in complete_runs(candidates, Split.DEV, config).items()}
    items = candidates[0].suite.columns(Split.DEV)

    def shown(limit: int) -> tuple[list[str], int, list[str]]:
        monkeypatch.setattr(sys.modules["harness.comparison.compare"], "FLIPS_SHOWN", limit)
        found = compare(candidates, runs, items, Split.DEV, "correct", config.metrics, "half", show_items=True)
        return (
            [flip.id for flip in found.flips],
            found.flips_left_out,
            [note for note in found.notes if "left out" in note],
        )

    every, left_out, notes = shown(4)
    assert (len(every), left_out, notes) == (4, 0, [])
    some, left_out, notes = shown(2)
    assert (some, left_out) == ([every[0], every[-1]], 2)
    assert "4 items differ from half; 2 of them" in notes[0]


def test_memory_grows_by_little_a_row(tmp_path: Path) -> None:
    """20,000 more rows of two runs: as objects they took 100 MiB, as columns some 20.

    From 15,000 on: below, DuckDB's buffers still grow with the files, and that is no memory a row.
    """
    measured = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks/scale.py"), "--rows", "15000", "35000", "--rounds", "1", "--json"],
        capture_output=True, text=True, check=True, cwd=tmp_path,
    )  # fmt: skip
    few, many = json.loads(measured.stdout)
    assert many["memory"] - few["memory"] < 50
