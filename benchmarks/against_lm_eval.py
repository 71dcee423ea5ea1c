"""`harness compare` of a base and three adapters against four `lm_eval` runs, and the engine against bare `generate`.

    python benchmarks/against_lm_eval.py [--per-domain 2] [--new-tokens 48] [--batch 32]

Both sides answer the same items of the development split with the same batch size, precision and length limit, each in
fresh processes. The third adapter is sft-v2 with its effect halved, made here. Prints ratios; nothing asserts a time.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]


def copy_adapters(folder: Path) -> None:
    """Three adapters in ``folder``: the two that ship, and sft-v2 with its effect halved."""
    from safetensors.torch import load_file, save_file

    for name in ("sft-v1", "sft-v2"):
        shutil.copytree(ROOT / "evidence/adapters" / name, folder / name)
        (folder / name / "training.json").unlink()
    shutil.copytree(folder / "sft-v2", folder / "sft-half")
    weights = load_file(folder / "sft-v2" / "adapter_model.safetensors")
    halved = {name: tensor / 2 if "lora_B" in name else tensor for name, tensor in weights.items()}
    save_file(halved, folder / "sft-half" / "adapter_model.safetensors", metadata={"format": "pt"})


def small_project(folder: Path, model: Path, per_domain: int, new_tokens: int, batch: int) -> None:
    """A project on the first items of each domain, with three adapters beside the base."""
    from harness.suite.lock import write_lock
    from harness.suite.suite import Suite

    source, target = ROOT / "tasks" / "facencial", folder / "tasks" / "facencial"
    shutil.copytree(source, target)
    for path in target.glob("data/*/*.jsonl"):
        if path.parent.name == "dev":
            path.write_text(
                "".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[:per_domain]), encoding="utf-8"
            )
    write_lock(Suite("facencial", target))
    copy_adapters(folder)
    tables = "".join(
        f'[candidates.{name}]\nmodel = "base"\nadapter = "{name}"\nsystem_prompt = "{target}/prompts/service.txt"\n'
        for name in ("sft-v1", "sft-v2", "sft-half")
    )
    (folder / "harness.toml").write_text(
        f'tasks = "tasks"\nbaseline = "base"\n[generation]\nmax_new_tokens = {new_tokens}\nbatch_size = {batch}\n'
        f'[models.base]\npath = "{model}"\n'
        f'[candidates.base]\nmodel = "base"\nsystem_prompt = "{target}/prompts/service.txt"\n{tables}',
        encoding="utf-8",
    )


def timed(command: list[str], folder: Path) -> float:
    """Wall seconds of a command; its output is shown if it fails."""
    began = time.perf_counter()
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env={**os.environ, "HF_HUB_OFFLINE": "1"}
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    return time.perf_counter() - began


def lm_eval_seconds(folder: Path, model: Path, new_tokens: int, batch: int) -> float:
    """Four runs of plain lm-eval, one after another."""
    prompt = (folder / "tasks/facencial/prompts/service.txt").read_text(encoding="utf-8").strip()
    metadata = json.dumps({"split": "dev", "tasks": str(folder / "tasks")})
    total = 0.0
    for adapter in (None, "sft-v1", "sft-v2", "sft-half"):
        peft = f",peft={folder / adapter}" if adapter else ""
        total += timed(
            [
                str(Path(sys.executable).parent / "lm_eval"), "run", "--model", "hf",
                "--model_args", f"pretrained={model},dtype=float32{peft}",
                "--include_path", str(folder / "tasks"), "--tasks", "facencial", "--metadata", metadata,
                "--batch_size", str(batch), "--device", "cpu", "--apply_chat_template", "--system_instruction", prompt,
                "--gen_kwargs", f"max_gen_toks={new_tokens},do_sample=False", "--log_samples", "--output_path", str(folder / "out"),
            ],
            folder,
        )  # fmt: skip
    return total


def overhead(folder: Path, rounds: int) -> tuple[float, float, float]:
    """Median seconds of the engine and of bare `generate` on the same planned batches, and their median ratio."""
    import torch

    from harness.candidates.candidate import get_candidate
    from harness.config import load_config
    from harness.engines.hf import HuggingFaceEngine
    from harness.runs.answering import plan_batches
    from harness.suite.item import Split

    config = load_config(folder / "harness.toml")
    candidate = get_candidate("base", config)
    engine = HuggingFaceEngine(candidate)
    engine.select(candidate)
    items = {item.id: item for item in candidate.suite.items(Split.DEV)}
    prompts = dict(zip(items, engine.render(list(items.values())), strict=True))
    lengths = dict(zip(items, engine.lengths(list(prompts.values())), strict=True))
    plan = plan_batches(lengths, candidate.generation.batch_size)
    tokenizer, model = engine._tokenizer, engine._model

    def through_engine() -> None:
        for ids in plan:
            engine.answer([items[i] for i in ids], [prompts[i] for i in ids])

    def bare() -> None:
        for ids in plan:
            batch = tokenizer([prompts[i] for i in ids], return_tensors="pt", padding=True, add_special_tokens=False)
            with torch.inference_mode():
                out = model.generate(
                    **batch, max_new_tokens=candidate.generation.max_new_tokens, do_sample=False,
                    stop_strings=["</output>"], tokenizer=tokenizer, pad_token_id=tokenizer.pad_token_id,
                )  # fmt: skip
            tokenizer.batch_decode(out[:, batch["input_ids"].shape[1] :], skip_special_tokens=True)

    bare()
    times: dict[str, list[float]] = {"engine": [], "bare": []}
    sides = [("engine", through_engine), ("bare", bare)]
    for number in range(rounds):
        for name, call in sides if number % 2 else reversed(sides):  # neither side always comes first
            began = time.perf_counter()
            call()
            times[name].append(time.perf_counter() - began)
    ratios = [one / other for one, other in zip(times["engine"], times["bare"], strict=True)]
    return statistics.median(times["engine"]), statistics.median(times["bare"]), statistics.median(ratios)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--per-domain", type=int, default=2)
    parser.add_argument("--new-tokens", type=int, default=48)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=6)
    arguments = parser.parse_args()
    from harness.candidates.models import prepare_model
    from harness.config import load_config

    model = prepare_model("smollm2-135m", load_config(ROOT / "harness.toml")).resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        small_project(folder, model, arguments.per_domain, arguments.new_tokens, arguments.batch)
        names = ["base", "sft-v1", "sft-v2", "sft-half"]
        ours = timed([sys.executable, "-m", "harness", "compare", *names, "--split", "dev"], folder)
        again = timed([sys.executable, "-m", "harness", "compare", *names, "--split", "dev"], folder)
        stages = {"load": 0.0, "generate": 0.0, "score": 0.0}
        for path in (folder / ".harness/runs").glob("*/manifest.json"):
            timing = json.loads(path.read_text())["timing"]
            stages["load"] = timing["load"]
            stages["generate"] += timing["generate"]
            stages["score"] += timing["score"]
        theirs = lm_eval_seconds(folder, model, arguments.new_tokens, arguments.batch)
        engine, bare, ratio = overhead(folder, arguments.rounds)
    rest = ours - sum(stages.values())
    print(
        f"items {16 * arguments.per_domain}, new tokens {arguments.new_tokens}, batch {arguments.batch}, base and 3 adapters"
    )
    print(
        f"harness compare        {ours:7.1f} s   start and report {rest:.1f}, "
        + ", ".join(f"{k} {v:.1f}" for k, v in stages.items())
    )
    print(f"harness compare, again {again:7.1f} s")
    print(f"four lm_eval runs      {theirs:7.1f} s   ratio {theirs / ours:.2f}")
    print(f"engine {engine:.1f} s, bare generate {bare:.1f} s, overhead {100 * (ratio - 1):+.1f}%")


if __name__ == "__main__":
    main()
