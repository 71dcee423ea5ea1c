"""Examples found for a question: the likest, one a topic, never the question itself."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from harness.candidates.candidate import Candidate, get_candidate
from harness.comparison.join import leaked_items
from harness.config import load_config
from harness.engines.asking import asking
from harness.engines.examples import ExampleFinder
from harness.errors import InputError
from harness.suite.item import Item, Split
from harness.suite.suite import Suite, load_suite
from harness.suite.topics import load_topics

ROOT = Path(__file__).parents[2]
TOPICS = ROOT / "trainers/data/facencial"


def asked(problem: str, language: str = "en") -> Item:
    item = next(item for item in load_suite("facencial").items(Split.DEV) if item.language == language)
    return item.model_copy(update={"problem": problem})


def test_typos_and_slang_find_the_topic_and_the_likest_stands_last() -> None:
    finder = ExampleFinder(load_topics(TOPICS, load_suite("facencial")), 4)
    for language, problem, said in (
        ("en", "wheres the delet buton 4 my modle", "account settings"),
        ("id", "cara ngapuss model gmn kakk", "pengaturan akun"),
    ):
        found = finder.find(asked(problem, language))
        assert len(found) == len({answer for _, answer in found}) == 4
        assert said in found[-1][1]


def test_a_question_is_not_its_own_example() -> None:
    topics = load_topics(TOPICS, load_suite("facencial"))
    finder = ExampleFinder(topics, 3)
    for topic in topics[::100]:
        for question in topic.questions:
            shown = finder.find(asked(question, topic.language))
            assert question not in [each for each, _ in shown]


@pytest.fixture
def shown(project: Path) -> Candidate:
    """A candidate that is shown examples; one of them is a question of the test split."""
    suite = Suite("facencial", project / "tasks/facencial")
    leak = next(item for item in suite.items(Split.TEST) if item.language == "en")
    taught = next(fact for item in suite.items(Split.TRAIN) for fact in item.knowledge)
    row = {
        "topic": "free", "domain": "pricing", "language": "en", "answerable": "in_scope",
        "facts": [taught], "questions": ["How is my model removed?", leak.problem],
        "answers": [{"think": "They ask how.", "output": "In the account settings."}],
        "author_kind": "model", "author": "test",
    }  # fmt: skip
    (project / "topics").mkdir()
    (project / "topics/one.jsonl").write_text(json.dumps(row) + "\n")
    with (project / "harness.toml").open("a") as file:
        file.write(
            '[candidates.shown]\nengine = "openai"\nendpoint = { base_url = "http://127.0.0.1:9/v1", model = "m" }\n'
            'examples = { top = 2, folder = "topics" }\n'
        )
    return get_candidate("shown", load_config(project / "harness.toml"))


def test_examples_are_turns_before_the_question(shown: Candidate) -> None:
    turns = asking(shown)(asked("how do I remove it"))
    assert [turn["role"] for turn in turns[-3:]] == ["user", "assistant", "user"]
    assert turns[-2]["content"] == "<think>They ask how.</think>\n<output>In the account settings.</output>"
    assert [turn["role"] for turn in asking(shown)(asked("ada?", "id"))[-1:]] == ["user"]


def test_the_text_of_examples_is_part_of_the_identity(shown: Candidate, project: Path) -> None:
    path, before = project / "topics/one.jsonl", shown.fingerprint
    path.write_text(path.read_text().replace("In the account settings.", "Ask support."))
    assert get_candidate("shown", load_config(project / "harness.toml")).fingerprint != before


def test_a_test_question_among_the_examples_is_a_leak(shown: Candidate) -> None:
    leaked = leaked_items(shown, shown.suite.columns(Split.TEST))
    assert leaked
    assert all(item.language == "en" for item in shown.suite.items(Split.TEST) if item.id in leaked)


def test_a_missing_folder_of_examples_is_named(project: Path) -> None:
    with (project / "harness.toml").open("a") as file:
        file.write(
            '[candidates.shown]\nmodel = "m"\nexamples = { top = 2, folder = "nowhere" }\n[models.m]\npath = "x"\n'
        )
    with pytest.raises(InputError, match="no topic files"):
        _ = get_candidate("shown", load_config(project / "harness.toml")).example_topics


def test_the_committed_yardstick_is_what_its_command_writes(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "benchmarks/nearest_answers.py"), "--out"]
    subprocess.run([*command, str(tmp_path / "nearest.jsonl")], check=True)
    assert (tmp_path / "nearest.jsonl").read_bytes() == (ROOT / "evidence/answers/nearest.jsonl").read_bytes()
    refused = subprocess.run([*command, str(tmp_path / "none/nearest.jsonl")], capture_output=True, text=True)
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
