"""The review over real HTTP: who may come in, what a foreign page can do, what the pages give away."""

import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
import uvicorn
from conftest import Harness
from desk import Reader, serving

from harness.candidates.candidate import get_candidate
from harness.config import load_config
from harness.gate.ledger import read_ledger
from harness.labels.store import LabelStore
from harness.review.app import create_app
from harness.review.pages import guideline, words
from harness.review.server import address, labels_path, listen, prepare
from harness.review.visit import Desk
from harness.runs.answering import complete_runs
from harness.suite.item import Split

TOKEN = 'a töken; of "some" length=1'
HOSTILE = (
    "<script>document.title='owned'</script></div></form><form action=//evil><input name=csrf><img src=x onerror=alert(1)>"
    '<style>*{display:none}</style>" onmouseover="x \' {{ 7*7 }} &lt;b&gt; <!-- \u202egnp.exe \u200b ]]> javascript:alert(1)'
)


class Served:
    """A review served from this process, with its store and the names that must not be seen."""

    def __init__(self, folder: Path, token: str | None, pairs: bool = False) -> None:
        config = load_config(folder / "harness.toml")
        candidates = [get_candidate(name, config) for name in ("zqgold", "zqhalf")]
        runs = complete_runs(candidates, Split.DEV, config)
        self.store, review = prepare(candidates, Split.DEV, config, 8, 0.5, 0, pairs)
        items = {item.id: item for item in candidates[0].suite.items(Split.DEV)}
        desk = Desk(self.store, review, items, candidates[0].suite.knowledge, token)
        self.secrets = [*runs, *(run.key for run in runs.values()), *items]
        self.listening = listen("127.0.0.1", 0)
        self.url = address(self.listening, "127.0.0.1", token)
        self.server = uvicorn.Server(uvicorn.Config(create_app(desk), log_level="warning", server_header=False))
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.listening]})

    def __enter__(self) -> "Served":
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self.server.should_exit = True
        self.thread.join()


@pytest.fixture
def blind(project: Path) -> Path:
    """The project with candidates whose names stand in no text, one of them hostile."""
    path = project / "harness.toml"
    text = (
        path.read_text(encoding="utf-8")
        .replace("candidates.gold", "candidates.zqgold")
        .replace("candidates.half", "candidates.zqhalf")
    )
    path.write_text(text.replace('baseline = "half"', 'baseline = "zqhalf"'), encoding="utf-8")
    answers = project / "half.jsonl"
    rows = [json.loads(line) for line in answers.read_text(encoding="utf-8").splitlines()]
    for row in rows:
        if "Entahlah" in row["completion"]:
            row["completion"] = f"<think>{HOSTILE}</think><output>{HOSTILE}</output>"
    answers.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return project


@pytest.fixture
def served(blind: Path) -> Iterator[Served]:
    with Served(blind, None) as found:
        yield found


@pytest.fixture
def guarded(blind: Path) -> Iterator[Served]:
    with Served(blind, TOKEN) as found:
        yield found


def guards(reader: Reader) -> None:
    policy = str(reader.headers["content-security-policy"])
    for part in (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ):
        assert part in policy
    assert "unsafe" not in policy
    assert reader.headers["x-content-type-options"] == "nosniff"
    assert reader.headers["cache-control"] == "no-store"
    assert reader.headers["referrer-policy"] == "same-origin"


def test_every_response_is_guarded(served: Served) -> None:
    reader = Reader(served.url)
    for path, status in (
        ("/", 200),
        ("/guideline", 303),
        ("/static/review.js", 200),
        ("/static/review.css", 200),
        ("/static/../app.py", 404),
        ("/nowhere", 404),
        ("/label", 405),
    ):
        reader.get(path)
        assert reader.status == status, path
        guards(reader)
    reader.enter("Sari")
    guards(reader)
    reader.post("/label", csrf="wrong", task="1", verdict="correct")
    assert reader.status == 403
    guards(reader)
    session = next(name for name in reader.cookies if name.endswith("session"))
    fresh = Reader(served.url)
    fresh.get("/")
    cookie = fresh.headers["set-cookie"]
    assert cookie.startswith(session)
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


def test_a_foreign_page_cannot_label(served: Served) -> None:
    reader, other = Reader(served.url), Reader(served.url)
    reader.enter("Sari")
    other.enter("Budi")
    task, csrf = reader.field("task"), reader.field("csrf")
    good = {"task": task, "verdict": "correct"}
    for attempt in (
        {"csrf": ""}, {"csrf": other.field("csrf")}, {"csrf": csrf[:-1]}, {"origin": "http://evil.example"}, {"origin": "null"},
        {"origin": reader.origin.replace("http", "https")}, {"origin": reader.origin + ".evil.example"},
    ):  # fmt: skip
        reader.post("/label", **{"csrf": csrf, **good, **attempt})
        assert reader.status == 403, attempt
    reader.ask("POST", "/label", f"csrf={csrf}&task={task}&verdict=correct")
    assert reader.status == 403
    reader.get(f"/label?csrf={csrf}&task={task}&verdict=correct")
    assert reader.status == 405
    assert served.store.labels() == []
    reader.post("/label", csrf=csrf, **good)
    assert reader.status == 303
    assert len(served.store.labels()) > 0


def test_a_rebound_name_is_refused(served: Served) -> None:
    reader = Reader(served.url)
    reader.get("/", Host="evil.example")
    assert reader.status == 400
    guards(reader)
    reader.get("/", Host=f"localhost:{reader.place.port}")
    assert reader.status == 200


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"task": "1", "verdict": "maybe"}, 400),
        ({"task": "1", "verdict": "first"}, 400),
        ({"task": "1"}, 400),
        ({"task": "x", "verdict": "correct"}, 400),
        ({"task": "99999", "verdict": "correct"}, 400),
        ({"task": "1", "verdict": "correct", "clarity": "6"}, 400),
        ({"task": "1", "verdict": "correct", "comment": "x" * 5000}, 400),
        ({"task": "1", "verdict": "correct", "comment": "x" * 70000}, 413),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_form_that_is_no_label_stores_nothing(served: Served, fields: dict[str, str], status: int) -> None:
    reader = Reader(served.url)
    reader.enter("Sari")
    reader.post("/label", **fields)
    assert reader.status == status
    assert served.store.labels() == []


class Tags(HTMLParser):
    """Every tag and attribute name of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.actions: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.actions += [str(value) for name, value in attrs if name in ("action", "href", "src")]


@pytest.mark.parametrize("pairs", [False, True], ids=["single", "pairs"])
def test_pages_give_nothing_away_and_no_answer_acts(blind: Path, pairs: bool) -> None:
    """Every page two readers see: no candidate, run or item id; no markup that an answer brought."""
    pages = []
    with Served(blind, None, pairs) as served:
        for name, verdicts in (
            ("Sari", ("first" if pairs else "correct",)),
            ("Budi", ("equal" if pairs else "incorrect",)),
        ):
            reader = Reader(served.url)
            reader.enter(name)
            while reader.field("task"):
                pages.append(reader.text)
                reader.label(verdicts[0], comment=HOSTILE)
            pages.append(reader.text)
        pages.append(reader.get("/adjudicate"))
        assert "/settle" in reader.text
        secrets = served.secrets
    assert sum("owned" in page for page in pages) > 2
    for page in pages:
        for secret in secrets:
            assert secret not in page
        assert "\u202e" not in page
        assert "\u200b" not in page
        found = Tags()
        found.feed(page)
        assert found.tags <= {
            "html", "head", "meta", "title", "link", "script", "body", "header", "div", "p", "b", "i", "span", "nav", "a", "form",
            "input", "button", "progress", "main", "section", "article", "aside", "h1", "h2", "h3", "bdi", "details", "summary",
            "kbd", "ul", "li", "fieldset", "legend", "label", "textarea", "footer", "dl", "dt", "dd",
        }  # fmt: skip
        assert not {name for name in found.attributes if name.startswith("on") or name == "style"}
        assert all(action.startswith("/") and not action.startswith("//") for action in found.actions)
        assert page.count("<script") == 1
        assert "{{ 7*7 }}" in page or "owned" not in page


def test_undo_shows_what_was_said_and_a_second_send_changes_nothing(served: Served) -> None:
    reader = Reader(served.url)
    reader.enter("Sari")
    csrf = reader.field("csrf")
    task = reader.label("incorrect", politeness="4", comment="harga salah")
    assert "1 labelled" in reader.text
    reader.post("/label", csrf=csrf, task=task, verdict="correct")
    assert reader.location == "/?note=twice"
    reader.get("/")
    reader.post("/undo")
    reader.get(reader.location)
    assert reader.field("task") == task
    assert re.search(r'value="incorrect"[^>]* checked', reader.text)
    assert re.search(r'name="politeness" value="4" checked', reader.text)
    assert "harga salah</textarea>" in reader.text
    reader.label("correct")
    assert {(label.verdict, label.undone is None) for label in served.store.labels(undone=True)} == {
        ("incorrect", False),
        ("correct", True),
    }


def test_a_pairs_verdict_is_stored_by_side_not_by_place(blind: Path) -> None:
    """Readers who always prefer the hostile answer agree, wherever each of them saw it."""
    with Served(blind, None, pairs=True) as served:
        for name in ("Sari", "Budi", "Tono", "Rina"):
            reader = Reader(served.url)
            reader.enter(name)
            while reader.field("task"):
                before, _, _ = reader.text.partition("Second answer")
                reader.label("first" if "owned" in before else "second")
        labels = served.store.labels()
    assert {label.shown_first for label in labels} == {1, 2}
    for label in labels:
        assert {"first": label.candidate, "second": label.other_candidate}[label.verdict] == "zqhalf"


def test_models_say_so_and_names_keep_their_kind(served: Served) -> None:
    reader = Reader(served.url)
    reader.enter("bot", "model")
    assert "model-made labels" in reader.text
    reader.label("correct")
    assert {label.author_kind for label in served.store.labels()} == {"model"}
    other = Reader(served.url)
    for name, kind in (("Bot", "person"), ("Sari", ""), ("", "person"), ("x\u202ey", "person"), ("x" * 61, "person")):
        other.get("/")
        other.post("/enter", name=name, author_kind=kind)
        assert other.status == 400, name


def test_both_languages_say_everything() -> None:
    english, indonesian = words("en"), words("id")
    assert english.keys() == indonesian.keys()
    same = {key for key, text in english.items() if indonesian[key] == text}
    assert same == {"token"}
    assert guideline("en").count("<h2>") == guideline("id").count("<h2>") > 4


def test_language_follows_the_browser_until_it_is_chosen(served: Served) -> None:
    reader = Reader(served.url)
    assert '<html lang="id">' in reader.get("/", Accept_Language="id-ID,id;q=0.9,en;q=0.5")
    assert '<html lang="en">' in reader.get("/")
    reader.post("/language", language="id", back="//evil.example")
    assert reader.location == "/"
    assert "Nama Anda" in reader.get("/")


def test_without_the_token_nothing_is_seen(guarded: Served) -> None:
    reader = Reader(guarded.url.partition("?")[0])
    for path in ("/", "/guideline", "/adjudicate", "/?token=wrong"):
        reader.get(path)
        assert reader.status == 401
        assert "Label customer-service" not in reader.text
        guards(reader)
    csrf = reader.field("csrf")
    for path in ("/enter", "/label", "/undo", "/settle", "/leave"):
        reader.post(path, csrf=csrf, name="Sari", author_kind="person", task="1", verdict="correct")
        assert reader.status == 401
    reader.post("/token", csrf=csrf, token="wrong")
    assert reader.status == 401
    reader.post("/token", token=TOKEN)
    assert reader.status == 200
    cookie = next(value for value in reader.headers.get_all("set-cookie") or [] if "token=" in value)
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    reader.enter("Sari")
    assert reader.field("task")
    linked = Reader(guarded.url)
    linked.get(f"/?{linked.place.query}&name=Budi")
    assert linked.headers["refresh"] == "0; url=/?name=Budi"
    assert 'value="Budi"' in linked.get("/?name=Budi")


def test_the_command_makes_a_token_off_this_machine_and_records_a_look(blind: Path, harness: Harness) -> None:
    assert harness(blind, "run", "zqgold", "zqhalf", "--split", "test").returncode == 0
    refused = harness(blind, "review", "start", "zqgold", "--token", "short", "--split", "test")
    assert refused.returncode == 2
    assert "at least 16 characters" in refused.stderr
    assert not (blind / "ledger.jsonl").exists()
    with serving(blind, "zqgold", "zqhalf", "--split", "test", host="0.0.0.0") as (_, url):
        token = url.partition("token=")[2]
        assert len(token) >= 32
        reader = Reader(url.replace(socket.gethostname(), "127.0.0.1"))
        reader.get("/")
        assert reader.status == 401
        reader.get(f"/?token={token}")
        assert reader.status == 200
    (look,) = read_ledger(blind / "ledger.jsonl")
    assert look.what == "reveal"
    assert set(look.candidates) == {"zqgold", "zqhalf"}
    review = LabelStore(labels_path(load_config(blind / "harness.toml"))).reviews()[0]
    assert (review.lock, review.split) == (look.lock, "test")


def test_what_is_missing_is_said_in_one_line(blind: Path, harness: Harness) -> None:
    for arguments, said in (
        (["zqgold"], "no complete run of zqgold on dev; make it first: harness run zqgold --split dev"),
        (["zqgolt"], "did you mean 'zqgold'?"),
    ):
        done = harness(blind, "review", "start", *arguments)
        assert done.returncode == 2
        assert said in done.stderr
        assert done.stderr.count("\n") == 1
    assert "no reviews yet" in harness(blind, "review", "status").stdout
