"""The vllm engine. The part that runs it needs a Python with vllm: this one, or the one that HARNESS_VLLM_PYTHON names.

HARNESS_VLLM_PYTHON=/path/to/venv/bin/python pytest tests/engines/test_vllm.py     # docs/engines.md says how to make it
"""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Harness

from harness.candidates.candidate import get_candidate
from harness.candidates.vllm_settings import VllmSettings
from harness.config import Generation, load_config
from harness.engines.vllm_arguments import adapter_rank, engine_arguments
from harness.errors import InputError
from harness.runs.store import Run

PYTHON = os.environ.get("HARNESS_VLLM_PYTHON") or (sys.executable if find_spec("vllm") else None)
needs_vllm = pytest.mark.skipif(
    PYTHON is None, reason="no vllm here, and HARNESS_VLLM_PYTHON names no Python that has it"
)


@pytest.fixture
def vllm_project(model_project: Path) -> Path:
    """The project with base and tuned on both engines, and one that reflects."""
    path = model_project / "harness.toml"
    text = path.read_text(encoding="utf-8")
    both = text[text.index("[candidates.base]") :].replace('model = "small"', 'model = "small"\nengine = "vllm"')
    both = both.replace("[candidates.base]", "[candidates.base-vllm]").replace(
        "[candidates.tuned]", "[candidates.tuned-vllm]"
    )
    prompt = model_project / "tasks/facencial/prompts/service.txt"
    second = (
        f'[candidates.second]\nengine = "vllm"\nmodel = "small"\nadapter = "adapter"\nsystem_prompt = "{prompt}"\n'
        'reflection = { en = "Check it.", id = "Periksa." }\n'
    )
    path.write_text(text + both + second, encoding="utf-8")
    return model_project


def run_vllm(folder: Path, *names: str) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return subprocess.run(
        [str(PYTHON), "-m", "harness", "run", *names, "--split", "dev", "--json"],
        cwd=folder, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": paths, "VLLM_CPU_KVCACHE_SPACE": "1"},
    )  # fmt: skip


@needs_vllm
@pytest.mark.model
def test_one_engine_answers_for_base_and_adapters_as_hf_does(vllm_project: Path, harness: Harness) -> None:
    done = run_vllm(vllm_project, "base-vllm", "tuned-vllm", "second")
    assert done.returncode == 0, done.stderr[-3000:]
    runs = {name: Run(Path(row["folder"])) for name, row in json.loads(done.stdout[done.stdout.index("{") :]).items()}
    theirs = harness(vllm_project, "run", "base", "tuned", "--split", "dev", "--json")
    assert theirs.returncode == 0, theirs.stderr
    for name, row in json.loads(theirs.stdout).items():
        mine = {sample.id: sample for sample in runs[f"{name}-vllm"].samples()}
        other = Run(Path(row["folder"])).samples()
        assert {sample.id: sample.prompt for sample in other} == {key: sample.prompt for key, sample in mine.items()}
        same = [mine[sample.id].completion == sample.completion for sample in other]
        assert sum(same) >= 6, name  # of 8: other arithmetic may turn a near-tie
    proof = runs["tuned-vllm"].manifest()["adapter_proof"]
    assert proof["largest_logprob_change"] > 0.1 > proof["noise"]
    for name, run in runs.items():
        manifest = run.verify()
        assert set(manifest["timing"]) == {"load", "adapter", "render", "generate", "store", "score"}
        assert manifest["usage"]["replies"] == (16 if name == "second" else 8)
    first = {sample.id: sample.completion for sample in runs["tuned-vllm"].samples()}
    for sample in runs["second"].samples():
        assert sample.draft is not None
        assert sample.second_prompt is not None
        assert sample.draft in sample.second_prompt
    drafts = [sample.draft == first[sample.id] for sample in runs["second"].samples()]
    assert sum(drafts) >= 6


@needs_vllm
@pytest.mark.model
def test_an_adapter_without_effect_is_an_error_in_vllm(vllm_project: Path) -> None:
    from safetensors.torch import load_file, save_file

    path = vllm_project / "adapter/adapter_model.safetensors"
    weights = {name: tensor * (0 if "lora_B" in name else 1) for name, tensor in load_file(path).items()}
    save_file(weights, path, metadata={"format": "pt"})
    done = run_vllm(vllm_project, "tuned-vllm")
    assert done.returncode == 4, done.stderr[-3000:]
    assert "changes no log-probability" in done.stderr


@pytest.mark.skipif(find_spec("vllm") is not None, reason="vllm is installed here")
def test_without_vllm_one_line_says_what_to_install(vllm_project: Path, harness: Harness) -> None:
    done = harness(vllm_project, "run", "base-vllm", "--split", "dev")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert "engine vllm needs vllm; run: pip install vllm" in done.stderr


def test_machine_settings_share_an_engine_and_leave_the_identity(vllm_project: Path) -> None:
    path = vllm_project / "harness.toml"
    base, tuned = (get_candidate(name, load_config(path)) for name in ("base-vllm", "tuned-vllm"))
    assert base.shared_engine == tuned.shared_engine
    path.write_text(path.read_text() + "[candidates.second.vllm]\nenforce_eager = true\n[vllm]\nmax_model_len = 2048\n")
    config = load_config(path)
    again, second = get_candidate("base-vllm", config), get_candidate("second", config)
    assert again.fingerprint == base.fingerprint
    assert again.shared_engine != base.shared_engine
    assert second.shared_engine != again.shared_engine
    assert get_candidate("base", config).fingerprint != again.fingerprint  # other arithmetic, another run


@pytest.mark.parametrize(
    ("ranks", "on_gpu", "found"),
    [
        ([], False, {}),
        ([16], True, {"enable_lora": True, "max_loras": 1, "max_lora_rank": 16}),
        ([4, 24, 8], False, {"enable_lora": True, "max_loras": 4, "max_lora_rank": 32}),
    ],
)
def test_room_for_adapters(ranks: list[int], on_gpu: bool, found: dict[str, Any]) -> None:
    arguments = engine_arguments(Generation(dtype="bfloat16"), VllmSettings(), ranks, on_gpu)
    assert {name: value for name, value in arguments.items() if "lora" in name} == found


def test_what_vllm_cannot_do_is_said_before_it_starts() -> None:
    with pytest.raises(InputError, match="int8 works with engine hf only"):
        engine_arguments(Generation(quantization="int8"), VllmSettings(), [], False)
    with pytest.raises(InputError, match="rank 1024 is over vLLM's limit of 512"):
        engine_arguments(Generation(), VllmSettings(), [1024], False)
    with pytest.raises(InputError, match="adapters in 16 bits only"):
        engine_arguments(Generation(), VllmSettings(), [16], True)
    assert engine_arguments(Generation(quantization="nf4"), VllmSettings(), [], False)["quantization"] == "bitsandbytes"


def test_the_rank_is_that_of_the_largest_layer(tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text(json.dumps({"r": 8, "rank_pattern": {"q_proj": 24}}))
    assert adapter_rank(tmp_path) == 24
