"""The second suite, of another trade: its gold is right, other answers are not, and two candidates compare on it."""

import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.scoring import score
from harness.suite.item import Split
from harness.suite.lock import verify
from harness.suite.suite import load_suite

ROOT = Path(__file__).parents[2]
SUITE = load_suite("seluler")
TEST = SUITE.items(Split.TEST)


def test_it_is_small_whole_and_says_that_it_is_invented() -> None:
    verify(SUITE)
    languages = defaultdict(list)
    for item in TEST:
        languages[item.domain, item.intent].append(item.language)
    assert (len(TEST), len(languages), len({domain for domain, _ in languages})) == (40, 20, 4)
    assert all(sorted(found) == ["en", "id"] for found in languages.values())
    assert {item.speech_register for item in TEST} == {"formal", "chatty", "slang", "typo", "terse", "long"}
    assert "invented" in SUITE.settings.service
    assert all(SUITE.has(split) for split in Split)


@pytest.mark.parametrize("split", Split)
def test_its_gold_scores_full_marks(split: Split) -> None:
    for item in SUITE.items(split):
        found = score(item.generated_solution, item, SUITE.knowledge)
        assert found["correct"] == found["format"] == found["language"] == 1, item.id
        assert found["unsupported"] == 0, item.id


def test_no_item_takes_an_empty_phrase_its_own_question_or_another_intents_gold() -> None:
    empty = {"id": "Terima kasih sudah bertanya, Kak.", "en": "Thank you for asking, we are glad to hear from you."}
    for item in TEST:
        others = [
            other.expected_answer
            for other in TEST
            if other.language == item.language and not set(other.facts_required) & set(item.facts_required)
        ]
        for answer in (empty[item.language], item.problem, *others):
            assert (
                score(f"<think>One two.</think>\n<output>{answer}</output>", item, SUITE.knowledge)["correct"] == 0
            ), (
                item.id,
                answer,
            )


def test_two_recorded_candidates_compare_on_it(tmp_path: Path, harness: Callable) -> None:
    lines = [f'suite = "seluler"\ntasks = "{ROOT / "tasks"}"\nbaseline = "half"\n']
    for name, wrong in (("gold", ()), ("half", range(0, 40, 4))):
        rows = [
            {
                "id": item.id,
                "completion": "<think>?</think><output>Entahlah.</output>" if n in wrong else item.generated_solution,
                "author_kind": "model",
                "source": "test",
            }
            for n, item in enumerate(TEST)
        ]
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        lines.append(f'[candidates.{name}]\nengine = "recorded"\nanswers = "{name}.jsonl"\n')
    (tmp_path / "harness.toml").write_text("".join(lines), "utf-8")
    done = harness(tmp_path, "compare", "gold", "half", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["suite"], found["items"], found["intents"]) == ("seluler", 40, 20)
    correct = {candidate["name"]: candidate["metrics"]["correct"]["mean"] for candidate in found["candidates"]}
    assert correct == {"gold": 1, "half": 0.75}
    (verdict,) = found["verdicts"]
    assert (verdict["diff"], verdict["outcome"]) == (0.25, "better")
