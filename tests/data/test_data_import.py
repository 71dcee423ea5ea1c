"""Real files of every kind become rows for review; leaks and canaries are refused; bad files are named by line."""

import json
import mailbox
import pickle
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from conftest import Harness

Import = Callable[..., Any]


@pytest.fixture
def importing(project: Path, harness: Harness) -> Import:
    """Import files of the project into rows.jsonl; the report, with the rows under ``written``."""

    def run(*arguments: str, code: int = 0) -> Any:
        into = project / "rows.jsonl"
        into.unlink(missing_ok=True)
        done = harness(
            project, "data", "import", *arguments, "--into", "rows.jsonl", "--author-kind", "person", "--json"
        )
        assert done.returncode == code, done.stderr
        if code:
            assert not into.exists()
            return done.stderr
        report = json.loads(done.stdout)
        report["written"] = [json.loads(line) for line in into.read_text(encoding="utf-8").splitlines()]
        return report

    return run


ROWS = [
    {"Question": "Zebra, makan apa?\nTelepon 0812-3456-7890", "Answer": "Rumput.", "phone": "0812-3456-7890"},
    {"Question": "Berapa lama gajah tidur; kira-kira?", "Answer": "", "phone": ""},
]


def _as_csv(path: Path, separator: str) -> None:
    import csv

    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(ROWS[0]), delimiter=separator)
        writer.writeheader()
        writer.writerows(ROWS)


def _as_parquet(path: Path) -> None:
    import pandas

    pandas.DataFrame(ROWS).to_parquet(path)


WRITERS: dict[str, Callable[[Path], Any]] = {
    "comma.csv": lambda path: _as_csv(path, ","),
    "semicolon.csv": lambda path: _as_csv(path, ";"),
    "rows.json": lambda path: path.write_text(json.dumps(ROWS, indent=2)),
    "lines.jsonl": lambda path: path.write_text("".join(json.dumps(row) + "\n" for row in ROWS)),
    "frame.parquet": _as_parquet,
}
LINES = {
    "comma.csv": (2, 4),
    "semicolon.csv": (2, 4),
    "rows.json": (2, 7),
    "lines.jsonl": (1, 2),
    "frame.parquet": (1, 2),
}


@pytest.mark.parametrize("name", WRITERS)
def test_tables(project: Path, importing: Import, name: str) -> None:
    WRITERS[name](project / name)
    report = importing(name, "--map", "problem=Question", "--map", "expected_answer=Answer")
    stem = name.partition(".")[0]
    assert report["written"] == [
        {
            "id": f"{stem}-00001",
            "problem": "Zebra, makan apa?\nTelepon <PHONE>",
            "expected_answer": "Rumput.",
            "source": f"{name}:{LINES[name][0]}",
            "author_kind": "person",
            "review": "open",
        },
        {
            "id": f"{stem}-00002",
            "problem": "Berapa lama gajah tidur; kira-kira?",
            "source": f"{name}:{LINES[name][1]}",
            "author_kind": "person",
            "review": "open",
        },
    ]
    assert report["masked"] == {name: {"PHONE": 1}}


@pytest.mark.parametrize("kind", ["saved", "saved-splits", "files"])
def test_hugging_face_folders(project: Path, importing: Import, kind: str) -> None:
    from datasets import Dataset, DatasetDict

    rows = Dataset.from_list([{"problem": "Zebra makan apa?", "generated_solution": "<think>x</think>", "n": 1}])
    folder = project / "set"
    if kind == "saved":
        rows.save_to_disk(folder)
    elif kind == "saved-splits":
        DatasetDict({"train": rows, "test": rows}).save_to_disk(folder)
    else:
        folder.mkdir()
        rows.to_parquet(folder / "train.parquet")
    report = importing("set")
    sources = {"saved": ["set:1"], "saved-splits": ["set[train]:1", "set[test]:1"], "files": ["set[train]:1"]}
    assert [row["source"] for row in report["written"]] == sources[kind]
    assert report["written"][0]["generated_solution"] == "<think>x</think>"


def test_markdown(project: Path, importing: Import) -> None:
    (project / "faq.md").write_text(
        "# FAQ\n\nintro\n\n## Zebra makan apa?\n\nRumput.\n\n- segar\n\n## Gajah tidur berapa lama?\nDua jam.\n\n## Catatan\n\nx\n"
    )
    (project / "pairs.md").write_text(
        "Q: Zebra makan apa?\nA: Rumput.\n\n**T:** Gajah tidur?\n\n**J:** Dua jam.\n\nQ: Tanpa jawaban\n"
    )
    (project / "notes.md").write_text("# Judul\n\nParagraf satu\nbersambung.\n\n- butir dua\n")
    report = importing("faq.md", "pairs.md", "notes.md")
    assert [(row["source"], row["problem"], row.get("expected_answer")) for row in report["written"]] == [
        ("faq.md:5", "Zebra makan apa?", "Rumput.\n\n- segar"),
        ("faq.md:11", "Gajah tidur berapa lama?", "Dua jam."),
        ("pairs.md:1", "Zebra makan apa?", "Rumput."),
        ("pairs.md:4", "Gajah tidur?", "Dua jam."),
        ("pairs.md:8", "Tanpa jawaban", None),
        ("notes.md:3", "Paragraf satu\nbersambung.", None),
        ("notes.md:6", "butir dua", None),
    ]


def _mail(sender: str, body: str, **headers: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "Facencial Support <support@facencial.com>", "Tanya"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(body)
    return message


def test_a_mailbox(project: Path, importing: Import) -> None:
    box = mailbox.mbox(project / "in.mbox")
    indonesian = (
        "Halo, ini Budi.\nZebra makan apa? WA saya 0812-3456-7890\n\nTerima kasih, saya juga mau tahu soal gajah.\n\n"
        "Salam,\nBudi Santoso\nDirektur\n\nPada Sel, 24 Nov 2026 pukul 10.00 Facencial Support <support@facencial.com> menulis:\n\n"
        "> Ada yang bisa dibantu?\n"
    )
    english = "How long do elephants sleep?\n\nBest regards,\nSarah\n\nOn Tue, 24 Nov 2026, Facencial <support@facencial.com> wrote:\n\n> Hi\n"
    html = EmailMessage()
    html["From"] = "x@example.org"
    html.set_content("<p>hanya HTML</p>", subtype="html")
    box.add(_mail("Budi Santoso <budi@contoh.id>", indonesian, Message_ID="<1@contoh.id>"))
    box.add(
        _mail(
            "Facencial Support <support@facencial.com>", "Rumput, Kak Budi.\n\nSalam,\nTim", In_Reply_To="<1@contoh.id>"
        )
    )
    box.add(_mail("Sarah <sarah@example.org>", english))
    box.add(html)
    latin = _mail("Zoë <z@example.org>", "placeholder")
    latin.set_content("Où dort l'éléphant?\n\nDikirim dari iPhone saya\n", charset="iso-8859-1", cte="8bit")
    box.add(latin)
    box.close()
    starts = [
        n for n, line in enumerate((project / "in.mbox").read_bytes().split(b"\n"), 1) if line.startswith(b"From ")
    ]
    report = importing("in.mbox")
    assert [(row["source"], row["problem"], row.get("expected_answer")) for row in report["written"]] == [
        (
            f"in.mbox:{starts[0]}",
            "Halo, ini <NAME>.\nZebra makan apa? WA saya <PHONE>\n\nTerima kasih, saya juga mau tahu soal gajah.",
            "Rumput, Kak <NAME>.",
        ),
        (f"in.mbox:{starts[2]}", "How long do elephants sleep?", None),
        (f"in.mbox:{starts[4]}", "Où dort l'éléphant?", None),
    ]
    assert report["refused"] == [{"source": f"in.mbox:{starts[3]}", "reason": "no question in plain text"}]
    assert report["masked"] == {"in.mbox": {"NAME": 2, "PHONE": 1}}


def test_names_of_a_file_are_masked(project: Path, importing: Import) -> None:
    (project / "names.txt").write_text("Joko Widianto\n\nRatna\n")
    (project / "t.jsonl").write_text('{"problem": "joko widianto dan Ratna melihat zebra"}\n')
    report = importing("t.jsonl", "--names", "names.txt")
    assert report["written"][0]["problem"] == "<NAME> dan <NAME> melihat zebra"


def test_test_questions_and_canaries_are_refused_apart(project: Path, importing: Import, harness: Harness) -> None:
    held = [json.loads(line) for line in (project / "tasks/facencial/data/test/pricing.jsonl").read_text().splitlines()]
    rows = [
        {"problem": "Zebra makan apa?"},
        {"problem": held[0]["problem"].upper()},
        {"problem": "Gajah tidur?", "expected_answer": f"Dua jam. {held[1]['canary']}"},
    ]
    (project / "t.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    report = importing("t.jsonl")
    assert [row["problem"] for row in report["written"]] == ["Zebra makan apa?"]
    first, second = report["refused"]
    assert first["source"] == "t.jsonl:2"
    assert first["reason"].startswith(f"repeats test question {held[0]['id']} (normalised")
    assert second == {"source": "t.jsonl:3", "reason": "holds the canary of a test set"}
    listed = [json.loads(line) for line in (project / "rows.refused.jsonl").read_text().splitlines()]
    assert listed == report["refused"]
    done = harness(project, "data", "import", "t.jsonl", "--into", "new.jsonl", "--author-kind", "person")
    assert "2 refused, listed in new.refused.jsonl" in done.stdout


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", "problem\nbaik\nkaf\xe9\n".encode("latin-1"), "a.csv:3: not UTF-8"),
        ("a.csv", b"problem,n\nx,1\ny\n", "a.csv:3: fewer cells"),
        ("a.csv", b'problem\n"open\n', "a.csv:2: not readable as CSV"),
        ("a.csv", b"Problem,n\nx,1\n", "a.csv:2: no column 'problem'; did you mean 'Problem'?"),
        ("a.jsonl", b'{"problem": "x"}\n{"problem": 3}\n', "a.jsonl:2: column 'problem' holds int"),
        ("a.json", b'[\n{"problem": "x"},\n3]', "a.json:3: an object is wanted"),
        ("a.json", b'{"problem": "x"}', "a.json:1: a list of objects"),
        ("a.parquet", b"PAR1 not really", "a.parquet: not readable as Parquet"),
        ("a.mbox", b"Hello there\n", "a.mbox:1: not a mailbox"),
        ("a.docx", b"PK", "no reader for .docx"),
    ],
)
def test_bad_files_are_named_by_line(project: Path, importing: Import, name: str, content: bytes, said: str) -> None:
    (project / name).write_bytes(content)
    assert said in importing(name, code=2)


class _Bomb:
    def __reduce__(self) -> tuple[Any, tuple[str, str]]:
        return (Path.write_text, (Path("went-off"), "boom"))


@pytest.mark.parametrize("name", ["rows.pkl", "rows.PICKLE", "missing.joblib"])
def test_a_pickle_from_outside_is_never_read(project: Path, importing: Import, name: str) -> None:
    if "missing" not in name:
        (project / name).write_bytes(pickle.dumps(_Bomb()))
    said = importing(name, code=2)
    assert "a pickle can run any code" in said
    assert "Parquet, CSV or JSON Lines" in said
    assert not (project / "went-off").exists()


def test_nothing_is_overwritten(project: Path, harness: Harness) -> None:
    (project / "t.jsonl").write_text('{"problem": "Zebra makan apa?"}\n')
    done = harness(project, "data", "import", "t.jsonl", "--into", "t.jsonl", "--author-kind", "person")
    assert (done.returncode, "is there already" in done.stderr) == (2, True)


@pytest.mark.model
def test_rows_over_the_candidates_context_are_listed_and_kept(model_project: Path, harness: Harness) -> None:
    (model_project / "t.jsonl").write_text(
        json.dumps({"problem": "zebra " * 9000}) + "\n" + json.dumps({"problem": "Zebra makan apa?"}) + "\n"
    )
    done = harness(
        model_project,
        "data",
        "import",
        "t.jsonl",
        "--into",
        "r.jsonl",
        "--author-kind",
        "model",
        "--candidate",
        "tuned",
        "--json",
    )
    assert done.returncode == 0, done.stderr
    lengths = json.loads(done.stdout)["lengths"]
    assert [row["id"] for row in lengths["over_long"]] == ["t-00001"]
    assert lengths["over_long"][0]["tokens"] > 9000 > lengths["context"] > 1000
    assert len((model_project / "r.jsonl").read_text().splitlines()) == 2
