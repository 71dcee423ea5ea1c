"""Candidates that check their answer once: both turns are stored and counted, the second is scored."""

import json
from pathlib import Path

import pytest
from conftest import Harness
from judge.server import Reply, Script, ScriptedServer, body_of

from harness.candidates.candidate import get_candidate
from harness.config import load_config
from harness.errors import InputError
from harness.runs.store import Run

FIRST = "<think>Kira-kira.</think><output>Mungkin Rp 100.000.</output>"
SECOND = "<think>Dicek.</think><output>Rp 520.000 per bulan.</output>"


class Rethinking(ScriptedServer):
    """Answers anew where its own answer stands before the last message."""

    def reply(self, what: str, api: str, request: dict) -> Reply:  # type: ignore[type-arg]
        turns = [message["role"] for message in request["messages"]]
        text = SECOND if "assistant" in turns else FIRST
        return 200, {}, json.dumps(body_of(api, request["model"], text)).encode()


def served(project: Path, url: str, reflection: str) -> Path:
    path = project / "harness.toml"
    kept = path.read_text(encoding="utf-8").partition("[candidates.served]")[0]
    path.write_text(
        f'{kept}[candidates.served]\nengine = "openai"\n{reflection}'
        f'[candidates.served.endpoint]\nmodel = "scripted"\nbase_url = "{url}"\nconcurrency = 1\n'
        "prices = { input = 1.0, output = 10.0 }\n",
        encoding="utf-8",
    )
    return path


def test_a_served_model_answers_twice_and_both_are_kept_and_paid(project: Path, harness: Harness) -> None:
    with Rethinking(Script()) as server:
        served(project, server.url, 'reflection = { en = "Check it.", id = "Periksa." }\n')
        done = harness(project, "run", "served", "--split", "dev", "--json")
        asked = server.script.asked
    assert done.returncode == 0, done.stderr
    run = Run(Path(json.loads(done.stdout)["served"]["folder"]))
    assert {(sample.draft, sample.completion) for sample in run.samples()} == {(FIRST, SECOND)}
    later = [request["messages"] for request in asked if len(request["messages"]) == 3]
    assert len(asked) == 16
    assert len(later) == 8
    assert {turns[2]["content"] for turns in later} == {"Check it.", "Periksa."}
    items = {
        item.id: item for item in get_candidate("served", load_config(project / "harness.toml")).suite.items("dev")
    }
    for sample in run.samples():
        turns = json.loads(str(sample.second_prompt))
        assert turns in later
        assert turns[0]["content"] == items[sample.id].problem
        assert turns[1] == {"role": "assistant", "content": FIRST}
        assert turns[2]["content"] == ("Periksa." if items[sample.id].language == "id" else "Check it.")
    manifest = run.verify()
    assert manifest["usage"]["replies"] == 16
    assert manifest["cost_dollars"] == pytest.approx(16 * (1000 * 1.0 + 200 * 10.0) / 1e6)


def test_the_request_is_part_of_the_identity(project: Path) -> None:
    url = "http://127.0.0.1:9/v1"
    forms = ("", "reflection = false\n", "reflection = true\n", 'reflection = { en = "Check it." }\n')
    plain, off, on, own = (
        get_candidate("served", load_config(served(project, url, form))).fingerprint for form in forms
    )
    assert plain == off
    assert len({plain, on, own}) == 3


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ('engine = "recorded"\nanswers = "gold.jsonl"\nreflection = true\n', "engine recorded has no reflection"),
        ('engine = "openai"\nendpoint = { model = "m" }\nreflection = { eng = "Check" }\n', "did you mean 'en'"),
        ('engine = "openai"\nendpoint = { model = "m" }\nreflection = "yes"\n', "reflection"),
    ],
)
def test_reflection_that_cannot_be_meant(project: Path, keys: str, said: str) -> None:
    path = project / "harness.toml"
    path.write_text(f"{path.read_text(encoding='utf-8')}[candidates.x]\n{keys}", encoding="utf-8")
    with pytest.raises(InputError, match=said):
        load_config(path)


@pytest.mark.model
def test_the_small_model_reads_its_own_answer(model_project: Path) -> None:
    from harness.engines import Batch, open_engine
    from harness.suite.item import Split

    path = model_project / "harness.toml"
    text = path.read_text(encoding="utf-8").replace("[candidates.tuned]\n", "[candidates.tuned]\nreflection = true\n")
    path.write_text(text, encoding="utf-8")
    config = load_config(path)
    base, tuned = get_candidate("base", config), get_candidate("tuned", config)
    items = base.suite.items(Split.DEV)[:2]
    engine = open_engine([base, tuned])
    batches = []
    for candidate in (tuned, base):
        engine.select(candidate)
        prompts = engine.render(items)
        assert len(engine.lengths(prompts)) == 2
        batches.append(Batch(candidate, 0, items, prompts))
    plain, twice = engine.stream(batches)  # what does not reflect comes first
    assert (plain.batch, twice.batch) == (batches[1], batches[0])
    assert not plain.drafts
    assert len(plain.usage) == 2
    assert len(twice.usage) == 4
    for completion, draft in zip(twice.completions, twice.drafts, strict=True):
        assert draft.completion in draft.second_prompt
        assert "Periksa jawaban" in draft.second_prompt or "Check your answer" in draft.second_prompt
        assert completion
