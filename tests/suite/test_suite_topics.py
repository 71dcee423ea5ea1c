"""Topic files: validated with file and line, expanded into the same rows every time."""

import json
from pathlib import Path
from typing import Any

import pytest

from harness.errors import InputError
from harness.suite.suite import load_suite
from harness.suite.topics import Topic, expand, load_topics
from harness.suite.trained import trained_questions

SUITE = load_suite("facencial")
TOPIC: dict[str, Any] = {
    "topic": "pricing.lite", "domain": "pricing", "language": "en", "answerable": "in_scope", "facts": ["package.lite"],
    "questions": [f"question {number}?" for number in range(6)],
    "answers": [{"think": f"t{number}", "output": f"o{number}"} for number in range(3)],
    "author_kind": "model", "author": "a model",
}  # fmt: skip


def write(folder: Path, *rows: dict[str, Any]) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "pricing.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return folder


def test_every_question_is_a_row_and_answers_take_turns() -> None:
    topic = Topic.model_validate(TOPIC)
    rows = list(expand(topic, seed=1))
    assert [row.problem for row in rows] == TOPIC["questions"]
    given = [row.expected_answer for row in rows]
    assert given[:3] == given[3:]
    assert sorted(given[:3]) == ["o0", "o1", "o2"]
    assert rows == list(expand(topic, seed=1))
    assert rows[0].facts_required == ("package.lite",)
    assert rows[0].generated_solution == f"<think>t{given[0][1]}</think>\n<output>{given[0]}</output>"


def test_a_topic_can_be_capped_and_a_question_answered_more_than_once() -> None:
    rows = list(expand(Topic.model_validate(TOPIC), seed=1, questions=2, answers=2))
    assert len(rows) == len({row.id for row in rows}) == 4
    assert len({row.problem for row in rows}) == 2
    assert rows[0].expected_answer != rows[1].expected_answer


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"facts": ["package.lyte"]}, r"pricing.jsonl:2: unknown fact 'package.lyte'.*package.lite"),
        ({"facts": ["refund.reason"]}, r"pricing.jsonl:2: fact 'refund.reason' is withheld"),
        ({"domain": "prices"}, r"pricing.jsonl:2: unknown domain 'prices'"),
        ({"answers": []}, r"pricing.jsonl:2: field answers"),
        ({"note": "?"}, r"pricing.jsonl:2: field note"),
        (
            {"topic": "pricing.lite"},
            r"pricing.jsonl:2: topic pricing.lite stands twice in en, first at .*pricing.jsonl:1",
        ),
    ],
)
def test_broken_topics_are_named(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    folder = write(tmp_path / "topics", TOPIC, {**TOPIC, "topic": "pricing.other", **change})
    with pytest.raises(InputError, match=said):
        load_topics(folder, SUITE)


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    folder = write(tmp_path / "topics", {key: value for key, value in TOPIC.items() if key != "facts"})
    with pytest.raises(InputError, match=r"pricing.jsonl:1: field facts"):
        load_topics(folder, SUITE)


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no topic files"):
        load_topics(tmp_path, SUITE)


def test_trained_questions_are_found_again_by_their_ids_until_the_file_changes(tmp_path: Path) -> None:
    write(tmp_path / "topics", TOPIC)
    rows = list(expand(Topic.model_validate(TOPIC), seed=0, answers=2))
    training = {"split": "train", "row_ids": [row.id for row in rows], "settings": {"paraphrases": "topics"}}
    assert trained_questions(SUITE, training, tmp_path) == [(row.id, row.problem) for row in rows]
    write(tmp_path / "topics", {**TOPIC, "questions": ["another question?"]})
    assert trained_questions(SUITE, training, tmp_path) is None
    first = SUITE.items("train")[0]  # type: ignore[arg-type]
    corrected = {"split": "train", "row_ids": [f"{first.id}~0123abcd"]}
    assert trained_questions(SUITE, corrected, tmp_path) == [(f"{first.id}~0123abcd", first.problem)]
