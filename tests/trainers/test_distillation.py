"""Distillation: what is kept of a teacher's answers, and a cut student that nears its teacher."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.candidates.candidate import get_candidate
from harness.config import load_config
from harness.errors import InputError
from harness.journal import with_checksum
from harness.runs.store import Run
from harness.suite.item import Split
from harness.trainers.answers import answers_of

pytestmark = pytest.mark.model
Train = Callable[..., tuple[Any, dict[str, Any]]]

ANSWERS = 'method = "distill-answers"\nteacher = "oracle"\nfeedback = true\nepochs = 2\nbatch_size = 1\n'
LOGITS = 'method = "distill-logits"\nteacher = "first"\nepochs = 2\nbatch_size = 1\nmax_new_tokens = 8\n'
SFT = "epochs = 1\nbatch_size = 1\n"


def test_a_student_learns_only_the_answers_that_pass(trained: Train, tiny_project: Path) -> None:
    done, manifest = trained("first", ANSWERS)
    suite = get_candidate("first", load_config(tiny_project / "harness.toml")).suite
    asked = suite.items(Split.TRAIN) + suite.items(Split.FEEDBACK)
    assert manifest["row_ids"] == [item.id for item in asked][::2]
    assert manifest["answers"] == {
        "asked": len(asked),
        "kept": len(asked) // 2,
        "dropped": len(asked) // 2,
        "failed": {"correct": len(asked) // 2, "language": len(asked) // 2},  # a bare "Entahlah." is too short to tell
    }
    assert manifest["instruments"] == ["correct", "format", "language", "unsupported"]
    assert manifest["teacher_candidate"] == "oracle"
    assert (
        manifest["teacher_fingerprint"]
        == get_candidate("oracle", load_config(tiny_project / "harness.toml")).fingerprint
    )
    assert done.losses[-1][1] < done.losses[0][1]


def test_a_teacher_that_failed_half_way_is_not_asked_again_for_what_it_answered(tiny_project: Path) -> None:
    config = load_config(tiny_project / "harness.toml")
    items = get_candidate("oracle", config).suite.items(Split.FEEDBACK)
    run = Run(config.runs_folder / answers_of("oracle", items, config).run)
    samples, manifest = run.folder / "samples.jsonl", run.folder / "manifest.json"
    lines = samples.read_text(encoding="utf-8").splitlines(keepends=True)
    marked = json.loads(lines[0]) | {"completion": "<think>kept</think><output>kept</output>"}
    del marked["crc32"]
    first_batch = [with_checksum(json.dumps(marked)) + "\n", *lines[1:3]]
    samples.write_text("".join(first_batch) + lines[3][:20], encoding="utf-8")  # killed while writing the second batch
    state = json.loads(manifest.read_text())
    for key in ("samples_sha256", "sealed", "scores", "digest"):
        del state[key]
    manifest.write_text(json.dumps(state))
    again = answers_of("oracle", items, config)
    assert set(again.completions) == {item.id for item in items}
    assert again.completions[marked["id"]] == marked["completion"]


def test_a_teacher_whose_every_answer_fails_is_an_error(trained: Train, tiny_project: Path) -> None:
    path = tiny_project / "oracle.jsonl"
    rows = [json.loads(line) | {"completion": "no tags"} for line in path.read_text(encoding="utf-8").splitlines()]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    with pytest.raises(InputError, match=r"no answer of teacher oracle to \d+ questions passed .*format"):
        trained("first", ANSWERS)


def test_a_yardstick_is_no_teacher(trained: Train, tiny_project: Path) -> None:
    with (tiny_project / "harness.toml").open("a") as file:
        file.write("reference = true\n")
    with pytest.raises(InputError, match="oracle is a yardstick"):
        trained("first", ANSWERS)


def test_unknown_filters_are_named(trained: Train) -> None:
    with pytest.raises(InputError, match=r"unknown metric 'corect'.*correct"):
        trained("first", ANSWERS + 'filters = ["corect"]\n')


def test_a_cut_student_nears_its_teacher_and_the_control_knows_no_teacher(trained: Train) -> None:
    _, teacher = trained("first", SFT)
    done, manifest = trained("student", LOGITS)
    assert done.losses[-1][1] < done.losses[0][1]
    assert manifest["teacher_candidate"] == "first"
    assert manifest["base_sha256"] != teacher["base_sha256"]
    assert manifest["row_ids"] == teacher["row_ids"]
    assert manifest["instruments"] == []
    _, control = trained("student", SFT)
    assert "teacher" not in control
    assert control["data_sha256"] == manifest["data_sha256"]


@pytest.mark.parametrize(
    ("teacher", "said"),
    [("oracle", "no local model"), ("reader", "other knowledge entries"), ("other", "system prompt")],
)
def test_an_unfit_teacher_of_logits_is_refused(trained: Train, tiny_project: Path, teacher: str, said: str) -> None:
    with (tiny_project / "harness.toml").open("a") as file:
        file.write(
            '[candidates.reader]\nmodel = "tiny"\nretrieval = { top = 2 }\n'
            '[candidates.other]\nmodel = "tiny"\nsystem_prompt = "tasks/facencial/prompts/service.txt"\n'
        )
    with pytest.raises(InputError, match=said):
        trained("student", LOGITS.replace('"first"', f'"{teacher}"'))
