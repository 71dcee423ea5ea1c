"""Labels go out and come in: hostile text cannot act in a sheet or a terminal, and bad rows are named by line."""

import csv
import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from conftest import Harness
from openpyxl import Workbook

from harness.candidates.candidate import get_candidate
from harness.config import load_config
from harness.errors import InputError
from harness.labels.agreement import agreement
from harness.labels.importing import read_sheet, store_sheet
from harness.labels.people import person_labels
from harness.labels.queue import next_task, save
from harness.labels.records import Judgement, Label
from harness.labels.store import LabelStore
from harness.review.server import labels_path, prepare, stored_answers
from harness.runs.answering import complete_runs
from harness.suite.item import Split
from harness.text.visible import pieces, visible

HOSTILE = (
    "=HYPERLINK(\"http://evil\",\"x\")\x1b]0;owned\x07\x1b[2J \u009b31m \u202egnp.exe\u202c Rp10\u200b\u200b.000 "
    "<script>alert(1)</script> \ud800"
)  # fmt: skip


BAD_ROWS = [
    ("nobody,gold,correct,5,Sari,,", "no item 'nobody'"),
    ("ITEM,golf,correct,5,Sari,,", "no candidate 'golf' in harness.toml; did you mean 'gold'?"),
    ("ITEM,gold,right,5,Sari,,", "verdict 'right': correct, incorrect or unsure"),
    ("ITEM,gold,first,5,Sari,,", "verdict 'first': correct, incorrect or unsure"),
    ("ITEM,gold,correct,6,Sari,,", "politeness '6': 1 to 5, or empty"),
    ("ITEM,gold,correct,5,Sari,-3,", "seconds '-3': a number of seconds, 0 or more"),
    ("ITEM,gold,correct,5,,,", "who labelled?"),
    ("ITEM,,correct,5,Sari,,", "whose answer?"),
    ("ITEM,gold,incorrect,5,Sari,,", "Sari has labelled this answer already; nothing was imported"),
]


@pytest.fixture
def answered(project: Path) -> Path:
    """The project with stored runs, and a hostile answer to every item ``half`` gets wrong."""
    path = project / "half.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for row in rows:
        if "Entahlah" in row["completion"]:
            row["completion"] = f"<think>x</think><output>{HOSTILE.replace(chr(0xD800), '')}</output>"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    config = load_config(project / "harness.toml")
    complete_runs([get_candidate(name, config) for name in ("gold", "half")], Split.DEV, config)
    return project


def reviewed(folder: Path, pairs: bool = False) -> LabelStore:
    """A review of all eight items, every task labelled by Sari and, where wanted, by Budi."""
    config = load_config(folder / "harness.toml")
    candidates = [get_candidate(name, config) for name in ("gold", "half")]
    store, review = prepare(candidates, Split.DEV, config, 8, 0.5, 0, pairs)
    for name, flaw in (("Sari", 0), ("Budi", 3)):
        who = store.enter(name, "person")
        while (task := next_task(store, review.id, who)) is not None:
            verdict = "incorrect" if flaw and task % flaw == 0 else "correct"
            said = Judgement(
                verdict="first" if pairs else verdict, politeness=4, comment=f"+cmd|' /C calc'!A{task}\n\x1b[31m"
            )  # type: ignore[arg-type]
            save(store, review.id, task, who, said)
    return store


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_nothing_in_an_export_acts(answered: Path, harness: Harness, suffix: str) -> None:
    store = reviewed(answered)
    done = harness(answered, "review", "export", f"labels.{suffix}", "--json")
    assert done.returncode == 0, done.stderr
    raw = (answered / f"labels.{suffix}").read_bytes()
    text = raw.decode("utf-8")
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069]", text)
    assert "owned" in text
    if suffix == "csv":
        rows = list(csv.DictReader(text.splitlines(keepends=True)))
        cells = [cell for row in rows for cell in row.values()]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
        assert any(row["answer"].startswith("'=HYPERLINK") for row in rows)
    else:
        rows = [json.loads(line) for line in text.splitlines()]
        assert any("\x1b]0;owned" in row["answer"] for row in rows)
    assert len(rows) == len(store.labels()) == json.loads(done.stdout)["by_people"]
    assert {row["author_kind"] for row in rows} == {"person"}
    assert set(rows[0]) == {*Label.model_fields, "answer", "other_answer"}


def test_an_export_comes_back_with_its_sampling_probabilities(answered: Path, harness: Harness) -> None:
    before = person_labels(reviewed(answered))
    assert harness(answered, "review", "export", "labels.csv").returncode == 0
    store = answered / ".harness" / "labels.sqlite"
    again = harness(answered, "review", "import", "labels.csv", "--author-kind", "person")
    assert again.returncode == 2
    assert "labels.csv:2: Sari has labelled this answer already" in again.stderr
    sheet = [
        row
        for row in csv.DictReader((answered / "labels.csv").open(encoding="utf-8", newline=""))
        if row["reviewer"] == "Sari"
    ]
    distinct = {(row["item"], row["answer_sha256"]) for row in sheet}
    book = Workbook()
    columns = ["item", "candidate", "verdict", "politeness", "comment", "answer_sha256"]
    assert book.active is not None
    book.active.append(columns)
    for row in sheet:
        book.active.append(
            [int(row[name]) if name == "politeness" else row[name].replace("\x1b", "") for name in columns]
        )
    book.save(answered / "labels.xlsx")
    done = harness(answered, "review", "import", "labels.xlsx", "--author-kind", "model", "--reviewer", "bot", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"labels": len(distinct), "sampled": len(distinct), "author_kind": "model"}
    assert person_labels(LabelStore(store)) == before
    assert "model-made" in harness(answered, "review", "status").stdout


def test_a_review_goes_out_as_a_blind_sheet_and_its_labels_come_back(answered: Path, harness: Harness) -> None:
    done = harness(answered, "review", "sheet", "blank.csv", "gold", "half", "--items", "6")
    assert done.returncode == 0, done.stderr
    with (answered / "blank.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    answers = {(row["item"], row["answer_sha256"]) for row in rows}
    assert len(answers) == len(rows)
    assert len({item for item, _ in answers}) == 6
    assert not {"candidate", "run"} & set(rows[0])
    assert all(row["question"] and row["known"] and not row["verdict"] for row in rows)
    assert not [row for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]
    assert (
        harness(answered, "review", "import", "blank.csv", "--author-kind", "model", "--reviewer", "b").returncode == 2
    )
    for row in rows:
        row["verdict"] = "incorrect" if "HYPERLINK" in row["answer"] else "correct"
    with (answered / "filled.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    done = harness(answered, "review", "import", "filled.csv", "--author-kind", "model", "--reviewer", "b", "--json")
    assert json.loads(done.stdout) == {"labels": len(rows), "sampled": len(rows), "author_kind": "model"}
    labels = LabelStore(answered / ".harness" / "labels.sqlite").labels()
    wrong = {label.candidate for label in labels if label.verdict == "incorrect"}
    assert wrong == {"half"}  # each label went to the answer it was given for
    assert {label.probability for label in labels} == {6 / 8}


def test_labels_of_answers_nobody_drew_have_no_probability(answered: Path, harness: Harness) -> None:
    item = json.loads((answered / "gold.jsonl").read_text(encoding="utf-8").splitlines()[0])["id"]
    (answered / "own.csv").write_text(
        f"item;candidate;verdict;reviewer;comment\n{item};gold;Benar;Sari;oke\n", encoding="utf-8-sig"
    )
    done = harness(answered, "review", "import", "own.csv", "--author-kind", "person")
    assert done.returncode == 0, done.stderr
    (label,) = person_labels(LabelStore(answered / ".harness" / "labels.sqlite"))
    assert (label.verdict, label.probability, label.readers) == ("correct", None, 1)
    assert "correct no judge" in done.stdout


def test_bad_rows_are_named_by_line_and_nothing_is_stored(answered: Path, harness: Harness) -> None:
    config = load_config(answered / "harness.toml")
    suite = get_candidate("gold", config).suite
    items = {item.id: (Split.DEV, item) for item in suite.items(Split.DEV)}
    item, sheet, store = next(iter(items)), answered / "labels.csv", LabelStore(labels_path(config))

    def lookup(name: str, split: Split) -> tuple[str, Mapping[str, str]]:
        answers = stored_answers(get_candidate(name, config), split, config)
        return answers.run, answers.completions

    for row, said in BAD_ROWS:
        text = f'item,candidate,verdict,politeness,reviewer,seconds,comment\n{item},gold,correct,,Sari,,"two\nlines"\n{row}\n'
        sheet.write_text(text.replace("ITEM", item), encoding="utf-8")
        with pytest.raises(InputError) as error:
            store_sheet(store, sheet, read_sheet(sheet, items, lookup, None, {}), suite.name, "lock", "person")
        assert str(error.value).startswith(f"{sheet}:4: {said}")
        assert store.labels() == []
    sheet.write_text("item,candidate,vedict\n", encoding="utf-8")
    done = harness(answered, "review", "import", "labels.csv", "--author-kind", "person")
    assert done.returncode == 2
    assert "labels.csv:1: no column 'verdict'; did you mean 'vedict'?" in done.stderr
    assert done.stderr.count("\n") == 1


def test_hidden_characters_are_named_and_the_rest_is_kept() -> None:
    said = visible(HOSTILE)
    for name in ("U+001B", "U+009B", "U+202E", "U+200B ×2", "U+D800"):
        assert f"⟨{name}⟩" in said
    ordinary = "Halo Kak 👩\u200d💻 👨🏽\u200d🚀 ❤\ufe0f\u200d🔥, harga Rp50.000\n\tya: é ú مرحبا"
    assert visible(ordinary) == ordinary
    assert "".join(text for text, hidden in pieces(HOSTILE) if not hidden) in HOSTILE.translate(
        {ord(character): None for character in "\x1b\x07\u009b\u202e\u202c\u200b\ud800"}
    )
    assert visible("a\u200d\u200db") == "a⟨U+200D ×2⟩b"


def test_agreement_is_that_of_an_independent_count(answered: Path, harness: Harness) -> None:
    store = reviewed(answered)
    readings = store.readings(store.reviews()[0].id)
    found = agreement(readings, "person")
    both = {}
    for each in readings:
        both.setdefault(each.task, {})[each.reviewer] = each.verdict
    twice = [pair for pair in both.values() if len(pair) == 2]
    same = sum(pair["Sari"] == pair["Budi"] for pair in twice) / len(twice)
    right = [sum(pair[name] == "correct" for pair in twice) / len(twice) for name in ("Sari", "Budi")]
    chance = right[0] * right[1] + (1 - right[0]) * (1 - right[1])
    assert (found.tasks, found.same) == (len(twice), same)
    (pair,) = found.pairs
    assert pair.kappa == pytest.approx((same - chance) / (1 - chance))
    assert found.scales["politeness"] is None
    assert agreement(readings, "model").tasks == 0
    said = harness(answered, "review", "status")
    assert "labelled twice" in said.stdout, said.stderr
    json.loads(harness(answered, "review", "status", "--json").stdout)


def test_pairs_are_exported_with_both_sides_and_are_no_single_labels(answered: Path, harness: Harness) -> None:
    store = reviewed(answered, pairs=True)
    assert store.labels()
    assert all(
        label.other_run and {label.candidate, label.other_candidate} == {"gold", "half"} for label in store.labels()
    )
    assert person_labels(store) == []
    assert harness(answered, "review", "export", "pairs.csv").returncode == 0
