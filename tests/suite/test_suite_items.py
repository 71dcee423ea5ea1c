"""The suite that ships, bad files, leaks, and what lm-eval sees."""

import json
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.errors import ExitCode, InputError
from harness.scoring import METRICS, score
from harness.scoring.completion import parse
from harness.scoring.correct import correct
from harness.scoring.wellformed import wellformed
from harness.suite import lm_eval_task
from harness.suite.item import Item, Split
from harness.suite.leakage import Leak, find_leaks, normalise
from harness.suite.prompts import messages, user_turn
from harness.suite.suite import Suite, load_suite, read_jsonl

SUITE = load_suite("facencial")


@pytest.mark.parametrize("split", Split)
def test_every_gold_answer_is_right_and_well_formed(split: Split) -> None:
    wrong = {}
    for item in SUITE.items(split):
        completion = parse(item.generated_solution)
        found = correct.score(completion, item, SUITE.knowledge) | wellformed.score(completion, item, SUITE.knowledge)
        if not found["correct"] == found["format"] == 1:
            wrong[item.id] = found
        assert item.expected_answer in item.generated_solution, item.id
    assert not wrong


def test_an_intent_stands_in_one_split_and_one_domain() -> None:
    places = defaultdict(set)
    for split in Split:
        for item in SUITE.items(split):
            places[item.intent].add((split, item.domain))
    assert {intent: where for intent, where in places.items() if len(where) > 1} == {}


def test_ids_stand_once_in_the_whole_suite() -> None:
    ids = Counter(item.id.casefold() for split in Split for item in SUITE.items(split))
    assert ids.most_common(1)[0][1] == 1


@pytest.mark.parametrize("domain", SUITE.domains())
def test_a_domain_is_tested_by_thirty_intents_in_both_languages(domain: str) -> None:
    items = [item for item in SUITE.items(Split.TEST) if item.domain == domain]
    languages = defaultdict(list)
    for item in items:
        languages[item.intent].append(item.language)
    assert len(items) >= 60
    assert len(languages) >= 30
    assert all(sorted(found) == ["en", "id"] for found in languages.values())


def test_there_are_sixteen_domains_in_every_split() -> None:
    assert len(SUITE.domains()) == 16
    for split in Split:
        assert sorted({item.domain for item in SUITE.items(split)}) == SUITE.domains()


@pytest.mark.parametrize("split", [Split.TRAIN, Split.FEEDBACK, Split.DEV])
def test_no_shipped_split_holds_a_test_question(split: Split) -> None:
    asked, held = ([(item.id, item.problem) for item in SUITE.items(which)] for which in (split, Split.TEST))
    assert find_leaks(asked, held) == []


# --- bad files ------------------------------------------------------------------------------------------------------


@pytest.fixture
def copied(tmp_path: Path) -> Suite:
    """One domain of dev and the knowledge base."""
    root = tmp_path / "tasks" / "facencial"
    shutil.copytree(SUITE.root / "knowledge", root / "knowledge")
    (root / "data/dev").mkdir(parents=True)
    shutil.copy(SUITE.root / "data/dev/pricing.jsonl", root / "data/dev")
    return Suite("facencial", root)


def edit(number: int, change: Callable[[dict[str, Any]], object]) -> Callable[[bytes], bytes]:
    def changed(data: bytes) -> bytes:
        lines = data.decode().splitlines()
        row = json.loads(lines[number - 1])
        change(row)
        lines[number - 1] = json.dumps(row)
        return ("\n".join(lines) + "\n").encode()

    return changed


def truncated(data: bytes) -> bytes:
    lines = data.splitlines(keepends=True)
    return b"".join(lines[:2]) + lines[2][:70]


def doubled(data: bytes) -> bytes:
    row = json.loads(data.splitlines()[0])
    return data + json.dumps({**row, "id": row["id"].upper()}).encode()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda data: b"", ["pricing.jsonl: the file is empty"]),
        (lambda data: b" \n\n", ["pricing.jsonl: the file is empty"]),
        (truncated, ["pricing.jsonl:3: not JSON", "column"]),
        (lambda data: b"\n" + data + b"{", ["pricing.jsonl:12: not JSON"]),
        (lambda data: data + b"[1]\n", ["pricing.jsonl:11: a JSON object is wanted, not list"]),
        (lambda data: data.replace(b"\n", b"\n\xff", 4), ["pricing.jsonl:2: not UTF-8"]),
        (lambda data: "Kakak é".encode("utf-16"), ["pricing.jsonl:1: not UTF-8"]),
        (lambda data: b"\xef\xbb\xbf" + data, ["pricing.jsonl:1: begins with a byte order mark"]),
        (lambda data: data.decode().encode("utf-16-le"), ["pricing.jsonl:1: not UTF-8"]),
        (lambda data: data + '{"id": "é"}\n'.encode("latin-1"), ["pricing.jsonl:11: not UTF-8"]),
        (edit(4, lambda row: row.update(facts_required=["packge.d"])),
         ["pricing.jsonl:4: unknown fact 'packge.d'; did you mean 'package.d'?"]),
        (edit(2, lambda row: row.update(knowledge=["ultra.fees"])),
         ["pricing.jsonl:2: unknown fact 'ultra.fees'; did you mean 'ultra.fee'?"]),
        (edit(1, lambda row: row.update(facts_forbidden=["zzzz.qqqq"])), ["pricing.jsonl:1: unknown fact", "known: "]),
        (edit(1, lambda row: row.update(facts_required=[])), ["pricing.jsonl:1: field facts_required"]),
        (edit(5, lambda row: row.update(domain="credits")), ["pricing.jsonl:5: domain 'credits' in the file of domain 'pricing'"]),
        (edit(2, lambda row: row.pop("problem")), ["pricing.jsonl:2: field problem"]),
        (edit(2, lambda row: row.update(problem="")), ["pricing.jsonl:2: field problem"]),
        (edit(3, lambda row: row.update(language="fr")), ["pricing.jsonl:3: field language"]),
        (edit(3, lambda row: row.update(extra=1)), ["pricing.jsonl:3: field extra"]),
        (doubled, ["pricing.jsonl:11: id 'PRICING-DEV-01-ID' stands twice, first at", "pricing.jsonl:1 (case"]),
    ],
)  # fmt: skip
def test_bad_input_is_named(copied: Suite, change: Callable[[bytes], bytes], said: list[str]) -> None:
    path = copied.root / "data/dev/pricing.jsonl"
    assert len(copied.items(Split.DEV)) == 10
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(InputError) as raised:
        copied.items(Split.DEV)
    assert raised.value.exit_code == ExitCode.BAD_INPUT == 2
    assert all(part in str(raised.value) for part in said), raised.value
    assert "\n" not in str(raised.value)


def test_a_missing_split_file_or_suite_is_named(copied: Suite) -> None:
    with pytest.raises(InputError, match="no items"):
        copied.items(Split.TEST)
    with pytest.raises(InputError, match="no such file"):
        list(read_jsonl(copied.root / "none.jsonl"))
    with pytest.raises(InputError, match="did you mean 'facencial'"):
        load_suite("facential", copied.root.parent)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("[a.b]\nid = 'x'\nas_of = 2026-01-01", "facts.toml:1: fact a.b has no text in language 'en'"),
        ("\n# c\n[a.b]\nen = 'x'\nas_of = 2026-01-01", "facts.toml:3: fact a.b has no text in language 'id'"),
        ("[a]\nid = 'x'", "facts.toml:1: key id stands outside a fact"),
        ("a = 1", "facts.toml: key a stands outside a fact"),
        ("[a.b]\nid = 'x'\nen = 'x'", "fact a.b, field as_of"),
        ("[a.b]\nid = 'x'\nen = 'x'\nas_of = 2026-01-01\nsaid = ['... x']", "fact a.b, field said: .*form '... x'"),
        (
            "[a.b]\nid = 'x'\nen = 'x'\nas_of = 2026-01-01\nsay = ['x']",
            "fact a.b, unknown field say; did you mean 'said'",
        ),
        ("[a.b", "not readable as TOML"),
    ],
)
def test_a_bad_fact_is_named(copied: Suite, table: str, said: str) -> None:
    (copied.root / "knowledge/facts.toml").write_text(table)
    with pytest.raises(InputError, match=said):
        _ = copied.knowledge


def test_no_knowledge_base(copied: Suite) -> None:
    (copied.root / "knowledge/facts.toml").unlink()
    with pytest.raises(InputError, match="no knowledge base here"):
        _ = copied.knowledge


# --- leaks ----------------------------------------------------------------------------------------------------------

ASKED = "Berapa biaya training Ultra Realistic, Kak?"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (ASKED, "exact"),
        (ASKED.upper(), "normalised"),
        ("  berapa biaya   training ultra realistic kak!!! ", "normalised"),
        ("Berapa biaya training Ultra Realistic ya, Kak?", "near"),
        ("Halo, berapa biaya training Ultra Realistic?", "near"),
        ("Apakah ada WhatsApp yang bisa dihubungi?", None),
        ("Berapa?", None),
        ("", None),
    ],
)
def test_kinds_of_leak(text: str, kind: str | None) -> None:
    leaks = find_leaks(
        [("train-1", text), ("train-2", "Sama sekali lain isinya")], [("test-0", "Hal lain"), ("test-1", ASKED)]
    )
    assert [(leak.train_id, leak.test_id, leak.kind) for leak in leaks] == (
        [("train-1", "test-1", kind)] if kind else []
    )
    assert all((leak.similarity == 1) == (leak.kind != "near") for leak in leaks)


def test_similarity_is_jaccard_of_five_grams() -> None:
    (leak,) = find_leaks([("a", "abcdefg")], [("b", "abcdefgh")])  # 3 grams, 4 grams, 3 shared
    assert leak == Leak("a", "b", "near", 0.75)
    assert find_leaks([("a", "abcdefg")], [("b", "abcdefgh")], near=0.76) == []


def test_leaks_come_most_similar_first_and_none_from_nothing() -> None:
    rows = [("b", ASKED + " ya"), ("a", ASKED)]
    assert [leak.train_id for leak in find_leaks(rows, [("t", ASKED)])] == ["a", "b"]
    assert find_leaks([], rows) == find_leaks(rows, []) == []
    assert normalise(" Rp16.000, _KAK_! ") == "rp16 000 kak"


# --- prompts and lm-eval --------------------------------------------------------------------------------------------


def test_prompts_put_knowledge_and_system_before_the_message() -> None:
    item, fact = SUITE.items(Split.DEV)[0], SUITE.knowledge["ultra.fee"]
    assert messages(item, None) == [{"role": "user", "content": item.problem}]
    assert messages(item, "S", [fact], SUITE.settings.knowledge_heading) == [
        {"role": "system", "content": "S"},
        {"role": "user", "content": f"Yang diketahui tentang Facencial:\n- {fact.text['id']}\n\n{item.problem}"},
    ]


@pytest.mark.parametrize(("split", "domain"), [("test", "pricing"), ("dev", "not_known"), ("train", "hostile")])
def test_lm_eval_sees_what_the_harness_sees(split: str, domain: str) -> None:
    pytest.importorskip("datasets")
    docs = list(lm_eval_task.load("facencial", domain, split=split, num_fewshot=0)["test"])
    items = [item for item in SUITE.items(Split(split)) if item.domain == domain]
    assert [lm_eval_task.item_of(doc) for doc in docs] == items
    for doc, item in zip(docs, items, strict=True):
        assert lm_eval_task.doc_to_text(doc) == user_turn(item) == item.problem
        assert doc["expected_answer"] == item.expected_answer
    for completion in (items[0].generated_solution, items[1].expected_answer, "Rp99.000", ""):
        found = lm_eval_task.process_results(docs[0], [completion])
        assert found == score(completion, items[0], SUITE.knowledge)
        assert set(found) == set(METRICS)


def test_an_item_survives_json() -> None:
    for item in SUITE.items(Split.DEV):
        assert Item.model_validate_json(item.model_dump_json(by_alias=True)) == item
