"""A run on disk: torn files recover, edits are noticed, two processes never share it."""

import fcntl
import json
import shutil
from pathlib import Path

import pytest

from harness.candidates.candidate import get_candidate
from harness.config import load_config
from harness.errors import HarnessError, IntegrityError
from harness.runs.answering import complete_runs, request
from harness.runs.store import Run, Sample
from harness.suite.item import Split


@pytest.fixture
def run(project: Path) -> Run:
    config = load_config(project / "harness.toml")
    return complete_runs([get_candidate("half", config)], Split.DEV, config)["half"]


def test_a_complete_run_verifies(run: Run) -> None:
    assert run.verify()["candidate"]["name"] == "half"


def test_a_run_without_scores_says_how_to_finish_it(run: Run) -> None:
    manifest = run.manifest()
    del manifest["scores"]
    (run.folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(IntegrityError, match=r"not complete; resume it: harness run half --split dev$"):
        run.verify()


@pytest.mark.parametrize("edit", ["answer", "score", "truncate", "bit", "manifest", "move"])
def test_one_edit_is_noticed(run: Run, edit: str) -> None:
    samples, scores, manifest = (run.folder / name for name in ("samples.jsonl", "scores.jsonl", "manifest.json"))
    if edit == "answer":
        samples.write_text(samples.read_text().replace("Entahlah", "Rp10.000", 1))
    elif edit == "score":
        scores.write_text(scores.read_text().replace('"correct": 0.0', '"correct": 1.0', 1))
    elif edit == "truncate":
        samples.write_bytes(samples.read_bytes()[:-20])
    elif edit == "bit":
        data = bytearray(samples.read_bytes())
        data[100] ^= 1
        samples.write_bytes(data)
    elif edit == "manifest":
        changed = json.loads(manifest.read_text())
        changed["candidate"]["identity"]["answers"] = "0" * 64
        manifest.write_text(json.dumps(changed))
    elif edit == "move":
        run = Run(run.folder.rename(run.folder.with_name("0" * 32)))
    with pytest.raises(IntegrityError) as caught:
        run.verify()
    assert caught.value.exit_code == 4


def test_a_torn_line_and_a_partial_batch_are_dropped(run: Run) -> None:
    lines = (run.folder / "samples.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (run.folder / "samples.jsonl").write_text("".join(lines[:4]) + lines[4][:30], encoding="utf-8")
    assert run.recover() == {0}  # batches hold three
    assert (run.folder / "samples.jsonl").read_text(encoding="utf-8") == "".join(lines[:3])


def test_a_resumed_run_equals_an_undisturbed_one(project: Path, run: Run) -> None:
    config = load_config(project / "harness.toml")
    whole = (run.folder / "samples.jsonl").read_bytes(), run.scores()
    manifest = run.manifest()
    del manifest["samples_sha256"], manifest["scores"]
    (run.folder / "manifest.json").write_text(json.dumps(manifest))
    (run.folder / "samples.jsonl").write_bytes(whole[0][: len(whole[0]) // 2])
    (run.folder / "scores.jsonl").unlink()
    again = complete_runs([get_candidate("half", config)], Split.DEV, config)["half"]
    assert ((again.folder / "samples.jsonl").read_bytes(), again.scores()) == whole


@pytest.mark.parametrize("bit", range(0, 8 * 3000, 2003))
def test_a_flipped_bit_in_an_interrupted_run_is_answered_again(project: Path, run: Run, bit: int) -> None:
    """While a run grows there is no digest of its answers yet; each line has a checksum of its own."""
    config = load_config(project / "harness.toml")
    whole = (run.folder / "samples.jsonl").read_bytes()
    manifest = run.manifest()
    del manifest["samples_sha256"], manifest["scores"]
    (run.folder / "manifest.json").write_text(json.dumps(manifest))
    damaged = bytearray(b"".join(whole.splitlines(keepends=True)[:6]))
    damaged[bit // 8 % len(damaged)] ^= 1 << bit % 8
    (run.folder / "samples.jsonl").write_bytes(damaged)
    again = complete_runs([get_candidate("half", config)], Split.DEV, config)["half"]
    assert sorted((again.folder / "samples.jsonl").read_bytes().splitlines()) == sorted(whole.splitlines())


def test_a_flipped_bit_anywhere_in_a_manifest_is_noticed(run: Run) -> None:
    path = run.folder / "manifest.json"
    whole, manifest = path.read_bytes(), run.manifest()
    for place in range(0, len(whole), 7):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << place % 7
        path.write_bytes(damaged)
        try:
            found = run.manifest()
        except IntegrityError:
            continue
        assert {name: found[name] for name in manifest} == manifest  # only the digest's own name was hit


def test_scores_are_not_written_while_another_process_writes_them(project: Path, run: Run) -> None:
    config = load_config(project / "harness.toml")
    manifest = run.manifest()
    del manifest["scores"]
    (run.folder / "manifest.json").write_text(json.dumps(manifest))
    with (run.folder / ".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with pytest.raises(HarnessError, match="another process"):
            complete_runs([get_candidate("half", config)], Split.DEV, config)


def test_a_second_process_is_turned_away(run: Run) -> None:
    with (run.folder / ".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with pytest.raises(HarnessError, match="another process"), run.locked():
            pass


def test_a_full_disk_is_one_line_and_keeps_what_is_stored(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (run.folder / "samples.jsonl").read_bytes()
    shutil.move(run.folder / "samples.jsonl", run.folder / "kept")
    (run.folder / "samples.jsonl").symlink_to("/dev/full")
    with pytest.raises(HarnessError, match="No space left on device"):
        run.append([Sample("x", 0, "p", "c" * 100)])
    assert (run.folder / "kept").read_bytes() == before


def test_identity_is_content(project: Path) -> None:
    text = (project / "harness.toml").read_text()
    text += '[candidates.same]\nengine = "recorded"\nanswers = "half.jsonl"\n'
    (project / "harness.toml").write_text(text)
    config = load_config(project / "harness.toml")
    keys = {name: request(get_candidate(name, config), Split.DEV).key for name in config.candidates}
    assert keys["same"] == keys["half"]
    assert keys["gold"] != keys["half"]
    assert request(get_candidate("half", config), Split.TEST).key != keys["half"]


@pytest.mark.parametrize(
    "change", ['system_prompt = "other.txt"', "generation = { max_new_tokens = 25 }", "retrieval = { top = 2 }"]
)
def test_whatever_decides_answers_changes_the_key(project: Path, change: str) -> None:
    (project / "model").mkdir()
    (project / "model/config.json").write_text("{}")
    (project / "model/model.safetensors").write_bytes(b"")
    (project / "other.txt").write_text("Be kind.")
    text = (project / "harness.toml").read_text()
    text += f'[models.m]\npath = "model"\n[candidates.a]\nmodel = "m"\n[candidates.b]\nmodel = "m"\n{change}\n'
    (project / "harness.toml").write_text(text)
    config = load_config(project / "harness.toml")
    first, second = (request(get_candidate(name, config), Split.DEV).key for name in "ab")
    assert first != second


def test_scores_follow_the_gold_without_new_answers(project: Path, run: Run) -> None:
    from harness.suite.lock import write_lock
    from harness.suite.suite import Suite

    path = project / "tasks/facencial/data/dev/pricing.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    rows[0]["facts_required"] = [["tidak akan pernah ada"]]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    write_lock(Suite("facencial", project / "tasks/facencial"))
    config = load_config(project / "harness.toml")
    before, samples = run.scores(), (run.folder / "samples.jsonl").read_bytes()
    again = complete_runs([get_candidate("half", config)], Split.DEV, config)["half"]
    assert again.key == run.key
    assert (again.folder / "samples.jsonl").read_bytes() == samples
    assert again.scores() != before


def test_an_answer_may_hold_any_line_separator(project: Path) -> None:
    path = project / "half.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    rows[0]["completion"] = "<think>x</think><output>one\u2028two\u0085three</output>"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    config = load_config(project / "harness.toml")
    run = complete_runs([get_candidate("half", config)], Split.DEV, config)["half"]
    assert "one\u2028two\u0085three" in {sample.completion[24:-9] for sample in run.samples()}
    run.verify()


@pytest.mark.parametrize(
    ("key", "value"),
    [("engine", {"author_kinds": ["person"]}), ("adapter_proof", {"largest_logit_change": 9}), ("plan", None)],
)
def test_the_account_of_a_run_is_sealed(run: Run, key: str, value: object) -> None:
    path = run.folder / "manifest.json"
    manifest = json.loads(path.read_text())
    if value is None:
        del manifest[key]
    else:
        manifest[key] = value
    path.write_text(json.dumps(manifest))
    with pytest.raises(IntegrityError, match=r"manifest\.json"):
        run.verify()
