"""A base and three adapters on engine vllm: `harness compare` against four `lm_eval --model vllm` runs, and against vLLM alone.

    python benchmarks/vllm_speed.py --rows 840 --out speed.json [--dtype bfloat16] [--model FOLDER] [--enforce-eager]

The rows are those of the development split, repeated with a number behind the question. Every side is a fresh process and gets
the same model, precision, prompts, token limit, stop and prefix caching. "vLLM alone" is one `LLM.generate` over all prompts of
all four candidates, with its own rendering, on an engine that is loaded already: it is compared with the stages render,
generate and store of `harness`. Nothing asserts a time.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from against_lm_eval import ROOT, copy_adapters, timed

NAMES = ("base", "sft-v1", "sft-v2", "sft-half")
RANK = 16


def project(
    folder: Path,
    model: Path,
    arguments: argparse.Namespace,
    engines: tuple[str, ...] = ("vllm",),
    batch: int = 40,
    names: tuple[str, ...] = NAMES,
) -> None:
    """A project whose development split has the rows asked for, of all domains alike, with the candidates on each engine."""
    import shutil

    from harness.suite.lock import write_lock
    from harness.suite.suite import Suite

    target = folder / "tasks" / "facencial"
    shutil.copytree(ROOT / "tasks" / "facencial", target)
    paths = sorted(target.glob("data/dev/*.jsonl"))
    known = {path: [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] for path in paths}
    total = sum(map(len, known.values()))
    repeated: dict[Path, list[str]] = {path: [] for path in paths}
    deepest = max(map(len, known.values()))
    flat = [(path, known[path][place]) for place in range(deepest) for path in paths if place < len(known[path])]
    for number in range(arguments.rows):
        path, row = flat[number % total]
        if again := number // total:
            row = row | {"id": f"{row['id']}-{again}", "problem": f"{row['problem']} ({again})"}
        repeated[path].append(json.dumps(row, ensure_ascii=False) + "\n")
    for path, lines in repeated.items():
        if lines:
            path.write_text("".join(lines), encoding="utf-8")
        else:
            path.unlink()
    settings = target / "suite.toml"
    settings.write_text(settings.read_text(encoding="utf-8").partition("[traffic]")[0], encoding="utf-8")
    write_lock(Suite("facencial", target))
    if len(names) > 1:
        copy_adapters(folder)
    prompt = f'system_prompt = "{target}/prompts/service.txt"\n'
    tables = "".join(
        f'[candidates.{name}{"" if engine == engines[0] else "-" + engine}]\nengine = "{engine}"\nmodel = "base"\n{prompt}'
        + ("" if name == "base" else f'adapter = "{name}"\n')
        for engine in engines
        for name in names
    )
    machine = "".join(f"{name} = {json.dumps(value)}\n" for name, value in machine_settings(arguments).items())
    (folder / "harness.toml").write_text(
        'tasks = "tasks"\nbaseline = "base"\n'
        f'[generation]\nmax_new_tokens = {arguments.new_tokens}\ndtype = "{arguments.dtype}"\nbatch_size = {batch}\n'
        f'[vllm]\n{machine}[models.base]\npath = "{model}"\n{tables}',
        encoding="utf-8",
    )


def machine_settings(arguments: argparse.Namespace) -> dict[str, Any]:
    """vLLM's arguments that all sides share."""
    return {"max_model_len": 2048} | ({"enforce_eager": True} if arguments.enforce_eager else {})


def lm_eval_runs(folder: Path, model: Path, arguments: argparse.Namespace) -> list[float]:
    """Wall seconds of four plain lm-eval runs, one after another."""
    prompt = (folder / "tasks/facencial/prompts/service.txt").read_text(encoding="utf-8").strip()
    shared = {"dtype": arguments.dtype, "enable_prefix_caching": True, **machine_settings(arguments)}
    domains = sorted(path.stem for path in (folder / "tasks/facencial/data/dev").glob("*.jsonl"))
    taken = []
    for name in NAMES:
        given = {"pretrained": model, **shared}
        if name != "base":
            given |= {"lora_local_path": folder / name, "max_lora_rank": RANK}
        command = [
            sys.executable, "-m", "lm_eval", "run", "--model", "vllm",
            "--model_args", ",".join(f"{key}={value}" for key, value in given.items()),
            "--include_path", str(folder / "tasks"), "--tasks", ",".join(f"facencial_{domain}" for domain in domains),
            "--metadata", json.dumps({"split": "dev", "tasks": str(folder / "tasks")}),
            "--batch_size", "auto", "--apply_chat_template", "--system_instruction", prompt,
            "--gen_kwargs", f"until=</output>,max_gen_toks={arguments.new_tokens},do_sample=False",
            "--log_samples", "--output_path", str(folder / "out"),
        ]  # fmt: skip
        taken.append(timed(command, folder))
    return taken


def bare(folder: Path, out: Path) -> None:
    """One engine, one `LLM.generate` over everything; seconds and completions to ``out``."""
    from transformers import AutoTokenizer
    from vllm import LLM, SamplingParams, TokensPrompt
    from vllm.lora.request import LoRARequest

    from harness.candidates.candidate import get_candidate
    from harness.config import load_config
    from harness.suite.item import Split

    config = load_config(folder / "harness.toml")
    names = tuple(config.candidates)
    candidates = [get_candidate(name, config) for name in names]
    model = str(config.models["base"].path)
    began = time.perf_counter()
    tokenizer = AutoTokenizer.from_pretrained(model)
    adapters = {"enable_lora": True, "max_loras": 4, "max_lora_rank": RANK} if len(names) > 1 else {}
    llm = LLM(
        model=model, dtype=config.generation.dtype, enable_prefix_caching=True, **adapters,
        **config.vllm.model_dump(exclude_none=True),
    )  # fmt: skip
    loras = {
        name: LoRARequest(name, number, str(folder / name)) if number else None for number, name in enumerate(names)
    }
    stop = SamplingParams(
        temperature=0, max_tokens=config.generation.max_new_tokens, stop=["</output>"], include_stop_str_in_output=True
    )
    for lora in loras.values():  # adapters are read before the clock runs, as those of harness are
        llm.generate("Halo", SamplingParams(max_tokens=1), lora_request=lora, use_tqdm=False)
    loaded = time.perf_counter()
    asked = [
        (candidate.name, item.id, [{"role": "system", "content": candidate.system_prompt}, {"role": "user", "content": item.problem}])
        for candidate in candidates
        for item in candidate.suite.items(Split.DEV)
    ]  # fmt: skip
    texts = [tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True) for _, _, turns in asked]
    prompts = [TokensPrompt(prompt_token_ids=ids) for ids in tokenizer(texts, add_special_tokens=False)["input_ids"]]
    rendered = time.perf_counter()
    outputs = llm.generate(prompts, stop, lora_request=[loras[name] for name, _, _ in asked], use_tqdm=False)
    done = time.perf_counter()
    completions = {
        f"{name} {item}": output.outputs[0].text for (name, item, _), output in zip(asked, outputs, strict=True)
    }
    seconds = {"load": loaded - began, "render": rendered - loaded, "generate": done - rendered}
    out.write_text(json.dumps({"seconds": seconds, "completions": completions}), encoding="utf-8")


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """All sides, one after another."""
    from harness.candidates.models import prepare_model
    from harness.config import load_config
    from harness.runs.store import list_runs

    model = arguments.model or prepare_model("smollm2-135m", load_config(ROOT / "harness.toml"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        names = NAMES[:1] if arguments.base_only else NAMES
        project(folder, Path(model).resolve(), arguments, names=names)
        command = "run" if arguments.base_only else "compare"
        ours = timed([sys.executable, "-m", "harness", command, *names, "--split", "dev"], folder)
        runs = list_runs([folder / ".harness/runs"])
        stages: dict[str, float] = {}
        tokens, answers = 0, {}
        for run in runs:
            manifest = run.manifest()
            for stage, seconds in manifest["timing"].items():  # the engine is loaded once for all
                stages[stage] = seconds if stage == "load" else stages.get(stage, 0.0) + seconds
            tokens += manifest["usage"]["completion_tokens"]
            label = manifest["candidate"]["name"]
            answers |= {f"{label} {sample.id}": sample.completion for sample in run.samples()}
        engine = runs[0].manifest()["engine"]
        timed([sys.executable, __file__, "--bare", str(folder), "--out", str(folder / "bare.json")], folder)
        alone = json.loads((folder / "bare.json").read_text(encoding="utf-8"))
        theirs = [] if arguments.without_lm_eval else lm_eval_runs(folder, Path(model).resolve(), arguments)
    work = sum(stages[stage] for stage in ("render", "generate", "store"))
    alone_work = alone["seconds"]["render"] + alone["seconds"]["generate"]
    return {
        "rows": arguments.rows,
        "candidates": len(names),
        "new_tokens": arguments.new_tokens,
        "dtype": arguments.dtype,
        "machine": machine_settings(arguments),
        "engine": engine,
        "multiprocessing": os.environ.get("VLLM_ENABLE_V1_MULTIPROCESSING", "0 in harness, vLLM's default elsewhere"),
        "harness_compare_seconds": ours,
        "harness_stages": stages,
        "harness_tokens_per_second": tokens / stages["generate"],
        "vllm_alone_seconds": alone["seconds"],
        "identical_answers": sum(answers[key] == text for key, text in alone["completions"].items()) / len(answers),
        "lm_eval_seconds": theirs,
        "times_faster_than_lm_eval": sum(theirs) / ours if theirs else None,
        "overhead_over_vllm_alone": work / alone_work - 1,
    }


def table(found: dict[str, Any]) -> str:
    """The figures to read."""
    stages = ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in found["harness_stages"].items())
    alone = ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in found["vllm_alone_seconds"].items())
    lines = [
        f"{found['rows']} rows, {found['candidates']} candidates of one base, {found['new_tokens']} new tokens, {found['engine']['device']}",
        f"harness compare     {found['harness_compare_seconds']:8.1f} s   {stages}",
        f"vLLM alone          {sum(found['vllm_alone_seconds'].values()):8.1f} s   {alone}",
        f"overhead            {100 * found['overhead_over_vllm_alone']:+8.1f} %   of render, generate and store over vLLM alone",
        f"identical answers   {100 * found['identical_answers']:8.1f} %   harness and vLLM alone",
    ]
    if theirs := found["lm_eval_seconds"]:
        each = ", ".join(f"{seconds:.1f}" for seconds in theirs)
        lines.append(
            f"four lm_eval runs   {sum(theirs):8.1f} s   {each}; {found['times_faster_than_lm_eval']:.2f} times harness"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=840)
    parser.add_argument("--new-tokens", type=int, default=160)
    parser.add_argument("--dtype", default="bfloat16")
    parser.add_argument("--model", type=Path, help="folder with the weights; default: the packaged model")
    parser.add_argument("--enforce-eager", action="store_true")
    parser.add_argument("--without-lm-eval", action="store_true")
    parser.add_argument("--base-only", action="store_true", help="no adapters: for a model of another shape")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--bare", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.bare:
        bare(arguments.bare, arguments.out)
        return
    sys.path.insert(0, str(ROOT))  # a checkout that is not installed
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    found = measure(arguments)
    arguments.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(table(found))


if __name__ == "__main__":
    main()
