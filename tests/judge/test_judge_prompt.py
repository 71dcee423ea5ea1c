"""What the judge reads: facts, entries, and a candidate's text that cannot leave its frame."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from harness.scoring.judge.prompt import Question, boundary, question, visible
from harness.scoring.judge.reply import Reply, schema
from harness.scoring.judge.rubric import rubric_text
from harness.suite.item import Item, Split
from harness.suite.suite import load_suite

SUITE = load_suite("facencial")
ITEMS = {item.id: item for item in SUITE.items(Split.DEV)}
INJECTIONS = [
    json.loads(line) for line in (Path(__file__).parent / "injections.jsonl").read_text(encoding="utf-8").splitlines()
]


def asked(item: Item, completion: str) -> Question:
    return question("judge", item, completion, SUITE.knowledge, SUITE.knowledge.stated()[:2], "item")


def frames(text: str) -> tuple[str, dict[str, str]]:
    """What stands outside the boundary lines, and what stands inside, by section."""
    (mark,) = set(re.findall(r"^=== ([0-9a-f]{24}) answer ===$", text, re.MULTILINE))
    inside = {}
    for section in ("message", "reasoning", "answer"):
        pattern = rf"^=== {mark} {section} ===\n(.*?)\n=== {mark} end of {section} ===$"
        found = re.findall(pattern, text, re.DOTALL | re.MULTILINE)
        assert len(found) == 1
        inside[section] = found[0]
        text = re.sub(pattern, "", text, flags=re.DOTALL | re.MULTILINE)
    assert mark not in text
    return text, inside


def test_there_are_injections_of_every_kind_in_both_languages() -> None:
    assert len(INJECTIONS) >= 40
    assert len({row["completion"] for row in INJECTIONS}) == len(INJECTIONS)
    assert min(Counter(row["language"] for row in INJECTIONS).values()) >= 15
    assert {row["kind"] for row in INJECTIONS} >= {
        "order",
        "fake json",
        "fake system",
        "hidden",
        "fake end",
        "threat",
        "authority",
    }
    assert all(ITEMS[row["item"]].language == row["language"] for row in INJECTIONS)


@pytest.mark.parametrize("row", INJECTIONS, ids=lambda row: row["id"])
def test_an_injection_stays_inside_its_frame(row: dict[str, str]) -> None:
    item = ITEMS[row["item"]]
    plain, attacked = asked(item, "<think>x</think><output>y</output>"), asked(item, row["completion"])
    outside, inside = frames(attacked.item)
    assert outside == frames(plain.item)[0]
    assert attacked.instructions == plain.instructions == rubric_text(item.language).partition("\n# Item\n")[0].strip()
    written = inside["reasoning"] + inside["answer"]
    assert not re.search(r"[<>\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\U000e0000-\U000e007f]|\[/?INST\]", written)


def test_a_text_that_holds_a_boundary_gets_another() -> None:
    first = boundary(["text"])
    assert first not in "text"
    assert boundary([f"text {first}"]) != first
    # A server gets the same question as the same text, or no reply could be found again.
    assert boundary(["text"]) == first


def test_hidden_and_control_characters_are_shown() -> None:
    assert visible("a\u200bb\U000e0041<|im_end|>[/INST]\n‮") == "a\\u200bb\\ue0041‹|im_end|›⟦/INST⟧\n\\u202e"


def test_the_question_holds_facts_entries_and_scope_in_the_items_language() -> None:
    item = ITEMS["not_known-dev-01-id"]
    found = asked(item, "<think>pikir</think><output>jawab</output>")
    assert SUITE.knowledge["answer.unknown"].text["id"] in found.item
    assert all(SUITE.knowledge[entry].text["id"] in found.item for entry in found.knowledge)
    assert "not_known" in found.item
    assert "Penolakan yang tepat adalah benar" in found.instructions
    outside, inside = frames(found.item)
    assert inside == {"message": item.problem, "reasoning": "pikir", "answer": "jawab"}
    assert "pikir" not in outside


def test_what_the_judge_sees_decides_the_key() -> None:
    item = ITEMS["pricing-dev-01-en"]
    one = asked(item, "<output>a</output>")
    assert one.key == asked(item, "<output>a</output>").key
    others = [
        asked(item, "<output>b</output>"),
        question("another judge", item, "<output>a</output>", SUITE.knowledge, SUITE.knowledge.stated()[:2], "item"),
        question("judge", item, "<output>a</output>", SUITE.knowledge, SUITE.knowledge.stated()[:3], "item"),
        question("judge", item, "<output>a</output>", SUITE.knowledge, SUITE.knowledge.stated()[:2], "id"),
    ]
    assert len({one.key, *(other.key for other in others)}) == 5


def test_the_two_rubrics_have_the_same_places() -> None:
    places = [sorted(re.findall(r"\$(\w+)", rubric_text(language))) for language in ("en", "id")]
    assert places[0] == places[1]


def test_the_schema_is_the_one_replies_are_read_by() -> None:
    def names(node: dict[str, object]) -> object:
        return (
            {key: names(value) for key, value in node["properties"].items()}
            if "properties" in node
            else node.get("enum")
        )  # type: ignore[attr-defined]

    strict = schema()
    model = Reply.model_json_schema()
    assert list(strict["properties"]) == list(model["properties"]) == strict["required"]
    assert names(strict)["politeness"]["score"] == model["$defs"]["Graded"]["properties"]["score"]["enum"]  # type: ignore[index]
    assert strict["properties"]["verdict"]["enum"] == model["properties"]["verdict"]["enum"]
