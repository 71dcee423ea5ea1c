"""Several answers an item, from a real model at a temperature."""

import json
from pathlib import Path

import pytest
from conftest import Harness


@pytest.mark.model
def test_samples_are_runs_of_other_seeds_and_split_the_variance(model_project: Path, harness: Harness) -> None:
    with (model_project / "harness.toml").open("a", encoding="utf-8") as file:
        file.write(
            '[candidates.warm]\nmodel = "small"\n'
            "generation = { temperature = 1.0, max_new_tokens = 12, batch_size = 8, seed = 5 }\n"
        )
    found = harness(model_project, "compare", "half", "warm", "--split", "dev", "--samples", "3", "--json")
    assert found.returncode == 0, found.stderr
    result = json.loads(found.stdout)
    warm = next(each for each in result["candidates"] if each["name"] == "warm")
    assert (result["samples"], warm["variance"]["samples"]) == (3, 3)
    runs = json.loads(harness(model_project, "runs", "list", "--json").stdout)
    folders = [Path(run["folder"]) for run in runs if run["candidate"].startswith("warm")]
    assert len(folders) == 3
    answers = [
        [json.loads(line)["completion"] for line in (folder / "samples.jsonl").read_text(encoding="utf-8").splitlines()]
        for folder in folders
    ]
    assert answers[0] != answers[1] != answers[2]


def test_greedy_candidates_have_no_samples(project: Path, harness: Harness) -> None:
    found = harness(project, "compare", "half", "gold", "--split", "dev", "--samples", "3")
    assert (found.returncode, "temperature" in found.stderr) == (2, True)
