"""Labels survive a kill, two processes at once, and every attempt to change them."""

import multiprocessing
import random
import signal
import sqlite3
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from desk import Reader, serving

from harness.errors import HarnessError, InputError, IntegrityError
from harness.labels.people import person_labels, settle
from harness.labels.queue import LEASE_SECONDS, disputes, next_task, progress, save, undo
from harness.labels.records import Arm, Judgement, NewTask, Review, Reviewer
from harness.labels.store import LabelStore
from harness.suite.item import AuthorKind


def review(**changes: object) -> Review:
    values = {
        "id": "r", "kind": "single", "suite": "s", "split": "dev", "lock": "l", "items": 4, "double": 0.0, "seed": 0,
        "created": "2026-11-24",
    }  # fmt: skip
    return Review.model_validate(values | changes)


def filled(path: Path, tasks: int = 4, readers: int = 1) -> LabelStore:
    store = LabelStore(path)
    arms = (Arm(run="1", candidate="a", stratum="d/en/in_scope/a", probability=0.5),)
    new = [
        NewTask(
            item=f"i{number}", retrieved=(), completion=f"answer {number}", readers=2 if readers == 2 else 1, arms=arms
        )
        for number in range(tasks)
    ]
    store.add_review(review(), new)
    return store


def reviewer(store: LabelStore, name: str, kind: AuthorKind = "person") -> Reviewer:
    return store.enter(name, kind)


def give(
    store: LabelStore, who: Reviewer, verdict: str = "correct", role: str = "reading", task: int | None = None
) -> int:
    task = task or next_task(store, "r", who)
    assert task is not None
    assert save(
        store,
        "r",
        task,
        who,
        Judgement.model_validate({"verdict": verdict}),
        "adjudication" if role == "adjudication" else "reading",
    )
    return task


def test_a_kill_during_labelling_loses_no_acknowledged_label(project: Path, harness: object) -> None:
    """Two readers label as fast as they can; the server is killed at random moments and started again."""
    harness(project, "run", "gold", "half", "--split", "dev")  # type: ignore[operator]
    acknowledged: list[tuple[str, str]] = []
    rng = random.Random(1)

    def work(url: str, name: str) -> None:
        reader = Reader(url)
        try:
            reader.enter(name)
            while True:
                if reader.field("task"):
                    acknowledged.append((name, reader.label("correct", comment="x" * 500)))
                else:
                    reader.post("/undo")
                    reader.get("/")
        except (OSError, AssertionError):
            pass

    for _ in range(3):
        with serving(project, "gold", "half", "--items", "8", "--double", "1") as (process, url):
            readers = [threading.Thread(target=work, args=(url, name)) for name in ("Sari", "Budi")]
            for each in readers:
                each.start()
            target = len(acknowledged) + rng.randint(6, 14)
            while len(acknowledged) < target and any(each.is_alive() for each in readers):
                time.sleep(0.001)
            process.send_signal(signal.SIGKILL)
            for each in readers:
                each.join()
    store = LabelStore(project / ".harness" / "labels.sqlite")
    stored = Counter({each.id: (each.reviewer, str(each.task)) for each in store.labels(undone=True)}.values())
    assert len(acknowledged) > 15
    assert all(stored[key] >= count for key, count in Counter(acknowledged).items())
    with sqlite3.connect(store.path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def _label_all(path: Path, name: str, barrier: object) -> None:
    store = LabelStore(path)
    who = reviewer(store, name)
    barrier.wait()  # type: ignore[attr-defined]
    while (task := next_task(store, "r", who)) is not None:
        save(store, "r", task, who, Judgement(verdict="correct"))


def test_two_processes_share_the_work_and_neither_reads_twice(tmp_path: Path) -> None:
    path = tmp_path / "labels.sqlite"
    filled(path, tasks=60)
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(2)
    workers = [context.Process(target=_label_all, args=(path, name, barrier)) for name in ("Sari", "Budi")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    found = LabelStore(path).readings("r")
    assert sorted(each.task for each in found) == list(range(1, 61))


def test_two_processes_make_one_store(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    with context.Pool(4) as pool:
        pool.map(LabelStore, [tmp_path / "labels.sqlite"] * 8)


def test_undo_marks_and_opens_the_same_task_again(tmp_path: Path) -> None:
    store = filled(tmp_path / "l.sqlite")
    sari = reviewer(store, "Sari")
    first = give(store, sari, "correct")
    second = next_task(store, "r", sari)
    undo(store, "r", sari)
    assert next_task(store, "r", sari) == first
    give(store, sari, "incorrect")
    assert next_task(store, "r", sari) == second
    assert [each.verdict for each in store.labels()] == ["incorrect"]
    assert [each.verdict for each in store.labels(undone=True)] == ["correct", "incorrect"]
    assert undo(store, "r", sari) is not None
    assert undo(store, "r", sari) is None
    assert progress(store, "r", sari).done == 0


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM labels", "UPDATE labels SET verdict = 'incorrect'", "UPDATE labels SET author_kind = 'person', undone = 'x'",
     "UPDATE labels SET undone = NULL"],
)  # fmt: skip
def test_the_file_itself_refuses_changes(tmp_path: Path, statement: str) -> None:
    store = filled(tmp_path / "l.sqlite")
    machine = reviewer(store, "bot", "model")
    give(store, machine)
    undo(store, "r", machine)
    give(store, machine)
    with sqlite3.connect(store.path) as connection, pytest.raises(sqlite3.IntegrityError, match="label"):
        connection.execute(statement)


def test_leases_keep_readers_apart_until_they_expire(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = filled(tmp_path / "l.sqlite", tasks=1)
    sari, budi = reviewer(store, "Sari"), reviewer(store, "Budi")
    task = next_task(store, "r", sari)
    assert next_task(store, "r", budi) is None
    assert next_task(store, "r", sari) == task
    later = time.time() + LEASE_SECONDS + 1
    monkeypatch.setattr(time, "time", lambda: later)
    assert next_task(store, "r", budi) == task


def test_double_tasks_get_two_people_and_models_take_no_persons_place(tmp_path: Path) -> None:
    store = filled(tmp_path / "l.sqlite", tasks=1, readers=2)
    sari, budi, tono = (reviewer(store, name) for name in ("Sari", "Budi", "Tono"))
    bots = [reviewer(store, name, "model") for name in ("bot1", "bot2")]
    for who, verdict in ((bots[0], "correct"), (bots[1], "correct"), (sari, "correct"), (budi, "incorrect")):
        give(store, who, verdict)
    assert next_task(store, "r", tono) is None
    assert next_task(store, "r", sari) is None


def test_only_people_settle_what_people_disagree_on(tmp_path: Path) -> None:
    store = filled(tmp_path / "l.sqlite", tasks=2, readers=2)
    sari, budi, bot, robot = (
        reviewer(store, n, k) for n, k in (("Sari", "person"), ("Budi", "person"), ("bot", "model"), ("robot", "model"))
    )  # type: ignore[arg-type]
    for who, verdicts in (
        (sari, ("correct", "correct")),
        (budi, ("incorrect", "correct")),
        (bot, ("incorrect", "correct")),
        (robot, ("correct", "correct")),
    ):
        for verdict in verdicts:
            give(store, who, verdict)
    assert [each.task for each in disputes(store.readings("r"), "person")] == [1]
    give(store, bot, "incorrect", "adjudication", task=1)
    by_item = {each.item: each for each in person_labels(store)}
    assert (by_item["i0"].verdict, by_item["i0"].how) == ("unsure", "disputed")
    assert (by_item["i1"].verdict, by_item["i1"].how, by_item["i1"].readers) == ("correct", "agreed", 2)
    give(store, sari, "correct", "adjudication", task=1)
    assert {each.item: each.how for each in person_labels(store)}["i0"] == "adjudicated"
    assert disputes(store.readings("r"), "person") == []
    assert all(each.author_kind == "person" for each in person_labels(store))
    with pytest.raises(ValueError, match="never settled together"):
        settle(store.labels())


def test_a_name_is_of_one_kind(tmp_path: Path) -> None:
    store = filled(tmp_path / "l.sqlite")
    reviewer(store, "Sari")
    with pytest.raises(InputError, match="another name"):
        reviewer(store, "SARI", "model")


def test_a_foreign_or_newer_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.sqlite").write_text("not a database, but long enough to be one " * 40)
    with pytest.raises(IntegrityError, match="not a label store"):
        LabelStore(tmp_path / "text.sqlite")
    with sqlite3.connect(tmp_path / "new.sqlite") as connection:
        connection.execute("PRAGMA user_version = 9")
    with pytest.raises(IntegrityError, match="version 9"):
        LabelStore(tmp_path / "new.sqlite")


def test_a_store_that_stays_locked_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = filled(tmp_path / "l.sqlite")
    monkeypatch.setattr("harness.labels.store.WAIT_SECONDS", 0.05)
    with sqlite3.connect(store.path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(HarnessError, match="labels stored before are kept"):
            reviewer(store, "Sari")
