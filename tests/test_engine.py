"""The hf engine on real weights: adapters act and leave no trace, runs survive a kill, lm-eval agrees."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import ROOT, Harness

from harness.candidates.candidate import get_candidate
from harness.candidates.models import prepare_model
from harness.config import load_config
from harness.errors import InputError, IntegrityError
from harness.suite.item import Split

pytestmark = pytest.mark.model


def test_adapters_switch_and_leave_the_base_as_it_was(model_project: Path) -> None:
    import torch

    from harness.engines.hf import HuggingFaceEngine

    config = load_config(model_project / "harness.toml")
    base, tuned = get_candidate("base", config), get_candidate("tuned", config)
    items = base.suite.items(Split.DEV)[:3]
    engine = HuggingFaceEngine(base)
    engine.select(base)
    before = engine.answer(items, engine.render(items))
    assert engine.proof() is None
    engine.select(tuned)
    proof = engine.proof()
    assert proof is not None
    assert proof["largest_logit_change"] > 1
    adapted = engine.answer(items, engine.render(items))
    engine.select(base)
    assert engine.answer(items, engine.render(items)) == before
    assert all(one != other for one, other in zip(adapted, before, strict=True))

    generate = engine._generate

    def small_memory(prompts: list[str]) -> list[str]:
        if len(prompts) > 2:
            raise torch.OutOfMemoryError("out of memory")
        return generate(prompts)

    engine._generate = small_memory  # type: ignore[method-assign]
    engine.select(tuned)
    halved = engine.answer(items, engine.render(items))
    assert halved == adapted


def test_the_stop_tag_is_kept(model_project: Path) -> None:
    from harness.engines.hf import HuggingFaceEngine

    path = model_project / "harness.toml"
    path.write_text(path.read_text().replace("max_new_tokens = 24", "max_new_tokens = 160"))
    tuned = get_candidate("tuned", load_config(path))
    engine = HuggingFaceEngine(tuned)
    engine.select(tuned)
    (completion,) = engine.answer(items := tuned.suite.items(Split.DEV)[:1], engine.render(items))
    assert completion.startswith("<think>")
    assert completion.endswith("</output>")


def test_an_adapter_without_effect_is_an_error(model_project: Path) -> None:
    from safetensors.torch import load_file, save_file

    from harness.engines.hf import HuggingFaceEngine

    path = model_project / "adapter/adapter_model.safetensors"
    weights = {name: tensor * (0 if "lora_B" in name else 1) for name, tensor in load_file(path).items()}
    save_file(weights, path, metadata={"format": "pt"})
    tuned = get_candidate("tuned", load_config(model_project / "harness.toml"))
    engine = HuggingFaceEngine(tuned)
    engine.select(tuned)
    with pytest.raises(IntegrityError, match="changes no logit"):
        engine.proof()


def test_corrupt_weights_are_one_line(model_project: Path, harness: Harness) -> None:
    (model_project / "adapter/adapter_model.safetensors").write_bytes(b"\x00" * 1000)
    done = harness(model_project, "run", "tuned", "--split", "dev")
    assert done.returncode == 2
    assert "does not load on small" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_adapter_of_another_base_is_refused_before_loading(model_project: Path) -> None:
    shutil.copy(ROOT / "evidence/adapters/sft-v1/training.json", model_project / "adapter")
    with pytest.raises(InputError, match="trained on another base"):
        _ = get_candidate("tuned", load_config(model_project / "harness.toml")).identity


def test_the_shipped_adapters_belong_to_the_shipped_base() -> None:
    config = load_config(ROOT / "harness.toml")
    for name in ("sft-v1", "sft-v2"):
        candidate = get_candidate(name, config)
        assert candidate.training is not None
        assert candidate.identity["adapter"]
        assert sum(path.stat().st_size for path in (ROOT / str(candidate.settings.adapter)).iterdir()) <= 12 * 2**20


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "harness", *arguments]
    return subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ
    )


def first_batch(folder: Path, process: subprocess.Popen[str]) -> Path:
    """Wait until a batch is stored."""
    while process.poll() is None:
        for path in folder.glob(".harness/runs/*/samples.jsonl"):
            if path.stat().st_size:
                return path
        time.sleep(0.02)
    raise AssertionError(f"ended before a batch was stored: {process.communicate()}")


def test_a_killed_run_goes_on_and_ends_the_same(model_project: Path, harness: Harness) -> None:
    whole = harness(model_project, "run", "base", "--split", "dev", "--json")
    assert whole.returncode == 0, whole.stderr
    folder = Path(json.loads(whole.stdout)["base"]["folder"])
    undisturbed = (folder / "samples.jsonl").read_bytes(), (folder / "scores.jsonl").read_bytes()
    shutil.rmtree(model_project / ".harness/runs")

    killed = start(model_project, "run", "base", "--split", "dev")
    first_batch(model_project, killed)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    stored = (folder / "samples.jsonl").read_bytes()
    assert len(stored) < len(undisturbed[0])

    interrupted = start(model_project, "run", "base", "--split", "dev")
    while (folder / "samples.jsonl").stat().st_size <= len(stored) and interrupted.poll() is None:
        time.sleep(0.02)
    interrupted.send_signal(signal.SIGINT)
    _, errors = interrupted.communicate()
    if interrupted.returncode:  # it may have ended just before the signal
        assert interrupted.returncode == 130
        assert "interrupted; what was answered is kept" in errors

    assert harness(model_project, "run", "base", "--split", "dev").returncode == 0
    assert ((folder / "samples.jsonl").read_bytes(), (folder / "scores.jsonl").read_bytes()) == undisturbed


def test_lm_eval_and_harness_agree(model_project: Path, base_model: Path, tmp_path: Path) -> None:
    from harness.engines.hf import HuggingFaceEngine
    from harness.scoring import METRICS, score
    from harness.scoring.completion import parse

    base = get_candidate("base", load_config(model_project / "harness.toml"))
    metadata = json.dumps({"split": "dev", "tasks": str(model_project / "tasks")})
    done = subprocess.run(
        [
            str(Path(sys.executable).parent / "lm_eval"), "run", "--model", "hf",
            "--model_args", f"pretrained={base_model},dtype=float32", "--include_path", str(ROOT / "tasks"),
            "--tasks", "facencial_pricing", "--metadata", metadata, "--batch_size", "4", "--device", "cpu",
            "--apply_chat_template", "--system_instruction", str(base.system_prompt),
            "--gen_kwargs", "max_gen_toks=24,do_sample=False", "--log_samples", "--output_path", str(tmp_path / "out"),
        ],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    (logged,) = (tmp_path / "out").rglob("samples_*.jsonl")
    samples = [json.loads(line) for line in logged.read_text(encoding="utf-8").splitlines()]
    theirs = {json.loads(sample["doc"]["item"])["id"]: sample for sample in samples}

    items = [item for item in base.suite.items(Split.DEV) if item.domain == "pricing"]
    engine = HuggingFaceEngine(base)
    engine.select(base)
    prompts = engine.render(items)
    for item, prompt, completion in zip(items, prompts, engine.answer(items, prompts), strict=True):
        sample = theirs[item.id]
        assert sample["arguments"]["gen_args_0"]["arg_0"] == prompt
        assert parse(sample["resps"][0][0]).text == parse(completion).text
        scores = score(completion, item, base.suite.knowledge)
        assert {name: sample[name] for name in METRICS} == pytest.approx(scores)


def test_a_packaged_model_is_converted_once() -> None:
    config = load_config(ROOT / "harness.toml")
    folder = prepare_model("smollm2-135m", config)
    stamp = (folder / "model.safetensors").stat().st_mtime_ns
    assert prepare_model("smollm2-135m", config) == folder
    assert (folder / "model.safetensors").stat().st_mtime_ns == stamp


def test_retrieval_finds_what_the_committed_prompts_show() -> None:
    """Ties broken by the knowledge base's order, not by the machine."""
    from harness.engines.retrieval import Retriever
    from harness.suite.prompts import user_turn
    from harness.suite.suite import load_suite

    suite = load_suite("facencial")
    items = {item.id: item for item in suite.items(Split.TEST)}
    for manifest in (ROOT / "evidence/runs").glob("*/manifest.json"):
        found = json.loads(manifest.read_text(encoding="utf-8"))
        retrieval = found["candidate"]["settings"].get("retrieval")
        if retrieval:
            retriever = Retriever(suite.knowledge, retrieval["top"])
            heading = suite.settings.knowledge_heading
            samples = [json.loads(line) for line in manifest.with_name("samples.jsonl").read_text("utf-8").splitlines()]
            shown = [user_turn(items[each["id"]], retriever.find(items[each["id"]]), heading) for each in samples]
            assert [turn in each["prompt"] for turn, each in zip(shown, samples, strict=True)] == [True] * 960
            return
    raise AssertionError("no committed run that retrieves")
