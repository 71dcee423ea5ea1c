"""The queue of refused corrections: read and rewritten on the review page, and what comes back from it."""

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest
from desk import Reader, serving
from scripted_project import command, judged_by
from server import Script, ScriptedServer
from taught_project import _key, answered, correct, dataset, suite, teaching, wrong_items

from harness.corrections import load_corrections
from harness.errors import InputError
from harness.labels.people import person_labels
from harness.labels.store import LabelStore
from harness.suite.suite import Suite

__all__ = ["_key", "answered", "suite"]  # fixtures
PLANTED = "Harganya Rp99.999 saja, Kak."


@pytest.fixture
def queued(answered: Path, suite: Suite) -> Path:
    """Two of four corrections are wrong and queued."""
    planted = {item.id: PLANTED for item in wrong_items(suite)[:2]}
    with ScriptedServer(Script(decide=teaching(suite, planted))) as server:
        judged_by(answered, server.url)
        assert correct(answered)["queued"] == 2
    return answered


def collect(project: Path) -> dict[str, Any]:
    done = command(project, "correct", "collect", "half", "--json")
    assert done.exit_code == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def enter(reader: Reader, suite: Suite, kind: str = "person") -> dict[str, str]:
    """Enter as a reviewer; gold answers by question."""
    reader.enter("Sari" if kind == "person" else "GPT", kind)
    return {item.problem: item.expected_answer for item in wrong_items(suite)}


def shown_answer(reader: Reader, gold: dict[str, str]) -> str:
    """The right answer to the question on the page."""
    return next(answer for problem, answer in gold.items() if problem in reader.text)


def written(reader: Reader) -> dict[str, str]:
    """Reasoning and answer as they stand in the form: what a browser sends where nothing was changed."""
    found = dict(re.findall(r'<textarea name="(think|output)"[^>]*>(.*?)</textarea>', reader.text, re.DOTALL))
    return {name: html.unescape(text) for name, text in found.items()}


def serve_queue(project: Path) -> Any:
    return serving(project, "half", what="corrections")


def test_a_person_rewrites_a_refused_correction(queued: Path, suite: Suite) -> None:
    before = len(load_corrections(dataset(queued).path))
    with serve_queue(queued) as (_, url):
        reader = Reader(url)
        gold = enter(reader, suite)
        assert "unsupported: " in reader.text.lower()
        assert PLANTED in reader.text
        assert "scripted" not in reader.text
        reader.label("incorrect", think="Jelas.", output=shown_answer(reader, gold))
        reader.label("incorrect", think="Jelas.", output="Harganya Rp88.888 saja, Kak.")
    found = collect(queued)
    assert (found["rewritten"], found["passed"], found["waiting"]) == (1, 0, 0)
    ((_, reviewer, reasons),) = found["still"]
    assert reviewer == "Sari"
    assert any("rp88.888" in reason.lower() for reason in reasons)
    made = load_corrections(dataset(queued).path)
    assert len(made) == before + 1
    assert (made[-1].author_kind, made[-1].author, made[-1].teacher, made[-1].think) == (
        "person",
        "Sari",
        "judge",
        "Jelas.",
    )
    assert made[-1].output in gold.values()
    assert made[-1].overruled == ()
    assert collect(queued)["rewritten"] == 0  # nothing enters twice
    assert correct(queued)["known"] == 4


def test_what_is_taken_back_does_not_count(queued: Path, suite: Suite) -> None:
    with serve_queue(queued) as (_, url):
        reader = Reader(url)
        gold = enter(reader, suite)
        reader.label("incorrect", think="Jelas.", output=shown_answer(reader, gold))
        reader.post("/undo")
        reader.get("/")
        assert "Jelas." in reader.text  # what was written is there to go on with
    assert collect(queued) == {"rewritten": 0, "passed": 0, "still": [], "waiting": 2}


def test_a_person_may_overrule_a_scorer_and_a_model_may_not(queued: Path, suite: Suite) -> None:
    with serve_queue(queued) as (_, url):
        for kind in ("model", "person"):
            reader = Reader(url)
            enter(reader, suite, kind)
            assert written(reader)["output"] == PLANTED
            for _ in range(2 if kind == "model" else 1):
                reader.label("correct", **written(reader))
            if kind == "model":
                assert collect(queued) == {"rewritten": 0, "passed": 0, "still": [], "waiting": 2}
    assert collect(queued) == {"rewritten": 0, "passed": 1, "still": [], "waiting": 1}
    made = load_corrections(dataset(queued).path)[-1]
    assert made.author_kind == "model"
    assert any(reason.startswith("correct") for reason in made.overruled)
    assert "labels by people" in made.instruments


def test_no_verdict_overrules_the_form(answered: Path, suite: Suite) -> None:
    planted = {item.id: "<output>Halo" for item in wrong_items(suite)}
    with ScriptedServer(Script(decide=teaching(suite, planted))) as server:
        judged_by(answered, server.url)
        assert correct(answered, "--limit", "1")["queued"] == 1
    with serve_queue(answered) as (_, url):
        reader = Reader(url)
        enter(reader, suite)
        reader.label("correct")
    assert collect(answered)["waiting"] == 1


def test_labels_of_the_queue_are_no_labels_of_the_run(queued: Path, suite: Suite) -> None:
    with serve_queue(queued) as (_, url):
        reader = Reader(url)
        enter(reader, suite)
        reader.label("incorrect")
    labels = person_labels(LabelStore(queued / ".harness/labels.sqlite"))
    runs = {path.name for path in (queued / ".harness/runs").iterdir()}
    assert [(label.candidate, label.run in runs, label.probability) for label in labels] == [("judge", False, None)]
    with pytest.raises(InputError, match="no person has labelled"):
        command(queued, "correct", "half", "--by", "labels")


def test_an_empty_queue_is_said(answered: Path) -> None:
    with pytest.raises(InputError, match="nothing is queued"):
        command(answered, "review", "corrections", "half")
