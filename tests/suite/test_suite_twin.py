"""The counterfactual twin: only values differ, its gold is right and the original's wrong, planted readers are found."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.errors import ExitCode, InputError
from harness.scoring import score
from harness.suite.item import Split
from harness.suite.suite import load_suite
from harness.suite.twin import Changes, derive, original_items, origins, read_changes

ROOT = Path(__file__).parents[2]
SUITE, TWIN = load_suite("facencial"), load_suite("facencial_twin")
PAIRS = original_items(TWIN, SUITE)
NUMBER = re.compile(r"\d+(?:[.,]\d{3})*")


def _masked(text: str) -> str:
    return NUMBER.sub("#", text.replace("face photos", "face photo"))


def _numbers(text: str) -> set[int]:
    return {int(re.sub(r"[.,]", "", number)) for number in NUMBER.findall(text)}


def test_the_stored_knowledge_is_the_one_derived_now() -> None:
    derived = derive((SUITE.root / "knowledge/facts.toml").read_text("utf-8"), read_changes(TWIN.root / "changes.toml"))
    stored = (TWIN.root / "knowledge/facts.toml").read_text("utf-8")
    assert stored.split("\n\n", 1)[1] == derived, "run: harness suite make-twin"


def test_facts_differ_in_values_only_and_no_old_value_is_left() -> None:
    assert list(TWIN.knowledge.facts) == list(SUITE.knowledge.facts)
    changed = set()
    for fact_id, original in SUITE.knowledge.facts.items():
        twin = TWIN.knowledge[fact_id]
        assert (twin.as_of, twin.unit) == (original.as_of, original.unit)
        assert {_masked(form) for form in twin.said} <= {_masked(form) for form in original.said}
        assert [_masked(form) for form in twin.denied] == [_masked(form) for form in original.denied]
        for language, text in original.text.items():
            assert _masked(twin.text[language]) == _masked(text)
            if twin.text != original.text:
                changed.add(fact_id)
                assert not _numbers(twin.text[language]) & _numbers(text)
        if twin.value != original.value:
            assert twin.said
            assert all(NUMBER.search(form) for form in twin.said)
            assert not set(twin.said) & set(original.said)
    numbers = {fact_id for fact_id, fact in SUITE.knowledge.facts.items() if any(map(_numbers, fact.text.values()))}
    assert numbers - changed == {"service.rating", "credit.unit"}


def test_changed_prices_agree_with_each_other() -> None:
    value = {fact_id: fact.value for fact_id, fact in TWIN.knowledge.facts.items()}
    for package in ("package.lite", "package.d"):
        price, credits = value[package]
        assert price == credits * value[f"{package}_per_photo"]
    assert value["package.d_per_photo"] < value["package.lite_per_photo"]
    assert value["ultra.fee"] == value["ultra.fee_after_delete"]


def test_thirty_intents_in_both_languages_whose_questions_hold_no_answer() -> None:
    languages: dict[str, list[str]] = {}
    for item, original in PAIRS:
        languages.setdefault(item.intent, []).append(item.language)
        kept = {"intent", "domain", "language", "speech_register", "problem", "answerable", "knowledge", "author_kind"}
        assert item.model_dump(include=kept) == original.model_dump(include=kept)
        assert [fact for fact in item.facts_required if isinstance(fact, str)] == [
            fact for fact in original.facts_required if isinstance(fact, str)
        ]
        asked = f"<output>{item.problem}</output>"
        assert not score(asked, item, TWIN.knowledge)["correct"]
        assert not score(asked, original, SUITE.knowledge)["correct"]
    assert len(languages) == 30
    assert all(sorted(found) == ["en", "id"] for found in languages.values())


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair[0].id)
def test_gold_is_right_under_its_own_facts_and_wrong_under_the_others(pair: tuple) -> None:
    item, original = pair
    own = score(item.generated_solution, item, TWIN.knowledge)
    assert own["correct"] == own["format"] == own["language"] == 1
    assert item.expected_answer in item.generated_solution
    assert score(original.generated_solution, item, TWIN.knowledge)["correct_lenient"] == 0
    assert score(item.generated_solution, original, SUITE.knowledge)["correct_lenient"] == 0


def test_an_answer_right_either_way_and_a_missing_one_say_nothing() -> None:
    originals = [(original, original) for _, original in PAIRS]
    completions = {original.id: original.generated_solution for _, original in PAIRS[:30]}
    found = origins(originals, completions, SUITE.knowledge, SUITE.knowledge)
    assert (found.reads.mean, found.recites.mean, found.neither.mean) == (0, 0, 1)


def test_planted_candidates_get_their_planted_shares(tmp_path: Path, harness: Callable) -> None:
    """Rows of one intent stand together, so a share of rows is a share of intents."""
    answers = {
        "reads": [item.generated_solution for item, _ in PAIRS],
        "recites": [original.generated_solution for _, original in PAIRS],
        "mixed": [
            (item.generated_solution, original.generated_solution, item.generated_solution, "<output>Halo!</output>")[
                n % 4
            ]
            for n, (item, original) in enumerate(PAIRS)
        ],
    }
    lines = [f'tasks = "{ROOT / "tasks"}"\nbaseline = "reads"\n']
    for name, completions in answers.items():
        rows = [
            {"id": item.id, "completion": completion, "author_kind": "model", "source": "test"}
            for (item, _), completion in zip(PAIRS, completions, strict=True)
        ]
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        lines.append(f'[candidates.{name}]\nengine = "recorded"\nanswers = "{name}.jsonl"\n')
    (tmp_path / "other.jsonl").write_text(
        json.dumps({"id": "pricing-01-id", "completion": "?", "author_kind": "model", "source": "test"}) + "\n", "utf-8"
    )
    lines.append('[candidates.other]\nengine = "recorded"\nanswers = "other.jsonl"\n')
    (tmp_path / "harness.toml").write_text("".join(lines), "utf-8")

    done = harness(tmp_path, "suite", "twin", *answers, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)["candidates"]
    shares = {name: tuple(row[key]["mean"] for key in ("reads", "recites", "neither")) for name, row in found.items()}
    assert shares == {"reads": (1, 0, 0), "recites": (0, 1, 0), "mixed": (0.5, 0.25, 0.25)}
    assert found["reads"]["reads"]["low"] == pytest.approx(0.025 ** (1 / 30))  # Clopper-Pearson, 30 of 30 intents
    assert (found["mixed"]["rows"], found["mixed"]["intents"]) == (60, 30)

    refused = harness(tmp_path, "suite", "twin", "other")
    assert refused.returncode == ExitCode.BAD_INPUT
    assert "candidate other: not one answer to facencial_twin" in refused.stderr


FACT = """
[time.photo]
id = "Foto jadi dalam 20 detik, bukan 200."
en = "A photo takes 20 seconds."
value = 20
as_of = 2020-02-20
said = [
    "20 detik",
    "a moment",
    "moment|20 .. detik",
]
denied = [
    "20|35 jam",
    "forever",
]
"""


def test_derive_changes_whole_numbers_only_and_drops_forms_without_the_value() -> None:
    derived = derive(FACT, Changes(facts={"time.photo": {"20": "35"}}))
    kept = ("dalam 35 detik, bukan 200.", "as_of = 2020-02-20", "value = 35", '"35 detik"', '"35|20 jam"', '"forever"')
    assert [text for text in kept if text not in derived] == []
    assert "moment" not in derived


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"time.photo": {"20": "200"}}, "fact time.photo: .* already holds '200'"),
        ({"time.phot": {"20": "35"}}, "fact time.phot is not in the knowledge base"),
        ({"time.photo": {"21": "35"}}, "fact time.photo holds none of its values"),
    ],
)
def test_derive_refuses_what_would_mislead(changes: dict[str, dict[str, str]], message: str) -> None:
    with pytest.raises(InputError, match=message):
        derive(FACT, Changes(facts=changes))


def test_an_amount_changes_in_every_writing_and_only_whole() -> None:
    text = '[a.b]\nid = "Rp16.000, Rp16,000, 16000; nicht Rp116.000, 16.0001 oder 160000."\n'
    derived = derive(text, Changes(amounts={16000: 27000}))
    assert derived == '[a.b]\nid = "Rp27.000, Rp27,000, 27000; nicht Rp116.000, 16.0001 oder 160000."\n'


def test_lm_eval_finds_the_twin_as_tasks() -> None:
    from lm_eval.tasks import TaskManager

    manager = TaskManager(include_path=str(ROOT / "tasks"), include_defaults=False)
    loaded = manager.load_task_or_group("facencial_twin_pricing")
    task = loaded["facencial_twin_pricing"]
    docs = list(task.test_docs())
    assert {json.loads(doc["item"])["id"] for doc in docs} == {
        item.id for item in TWIN.items(Split.TEST) if item.domain == "pricing"
    }
    gold = json.loads(docs[0]["item"])["generated_solution"]
    assert task.process_results(docs[0], [gold])["correct"] == 1
