"""Rows go out in every format and come back the same; the test split stays in."""

import json
import pickle
from pathlib import Path

import pyarrow.parquet
import pytest
from conftest import Harness

from harness.data.export import export
from harness.errors import InputError


@pytest.mark.parametrize("suffix", ["json", "jsonl", "parquet", "pkl"])
def test_a_split_goes_out_whole(project: Path, harness: Harness, suffix: str) -> None:
    done = harness(project, "data", "export", "--split", "dev", f"out/dev.{suffix}", "--json")
    assert done.returncode == 0, done.stderr
    path = project / f"out/dev.{suffix}"
    if suffix == "parquet":
        rows = pyarrow.parquet.read_table(path).to_pylist()
    elif suffix == "pkl":
        rows = pickle.loads(path.read_bytes())
    elif suffix == "json":
        rows = json.loads(path.read_text(encoding="utf-8"))
    else:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    held = [
        json.loads(line)
        for domain in ("out_of_scope", "pricing")
        for line in (project / f"tasks/facencial/data/dev/{domain}.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert json.loads(done.stdout)["rows"] == len(rows) == 8
    for column in ("id", "problem", "generated_solution", "register", "author_kind"):
        assert [row[column] for row in rows] == [row[column] for row in held]


def test_mixed_columns_of_parquet_are_json_text(tmp_path: Path) -> None:
    rows = [{"id": "a", "facts": ["x", ["y", "z"]], "tags": ["t"]}, {"id": "b", "facts": ["x"], "tags": [], "more": 1}]
    export(rows, tmp_path / "r.parquet")
    read = pyarrow.parquet.read_table(tmp_path / "r.parquet").to_pylist()
    assert [json.loads(row["facts"]) for row in read] == [["x", ["y", "z"]], ["x"]]
    assert [(row["tags"], row["more"]) for row in read] == [(["t"], None), ([], 1)]


def test_the_test_split_stays_in(project: Path, harness: Harness) -> None:
    done = harness(project, "data", "export", "--split", "test", "t.jsonl")
    assert (done.returncode, "--reveal-test" in done.stderr) == (2, True)
    assert not (project / "t.jsonl").exists()
    assert harness(project, "data", "export", "--split", "test", "t.jsonl", "--reveal-test").returncode == 0
    assert len((project / "t.jsonl").read_text().splitlines()) == 8
    assert '"reveal"' in (project / "ledger.jsonl").read_text()


def test_a_file_goes_out_and_nothing_is_overwritten(project: Path, harness: Harness) -> None:
    (project / "in.jsonl").write_text('{"id": "a", "problem": "é"}\n')
    assert harness(project, "data", "export", "in.jsonl", "out.json").returncode == 0
    assert json.loads((project / "out.json").read_text()) == [{"id": "a", "problem": "é"}]
    assert "is there already" in harness(project, "data", "export", "in.jsonl", "out.json").stderr
    assert harness(project, "data", "export", "in.jsonl").returncode == 2


def test_unknown_formats_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no format \.xlsx"):
        export([], tmp_path / "r.xlsx")
