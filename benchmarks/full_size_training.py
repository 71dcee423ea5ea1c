"""The shipped QLoRA training on a model of Qwen3-8B's shape and random weights, against plain TRL and Unsloth on one GPU.

Each runs the same rows in a process of its own for the same steps: ``python benchmarks/full_size_training.py --steps 12``.
Prints one JSON document: peak memory, tokens a second after the first steps, and the memory guessed beforehand. Needs a GPU and
no network: the tokenizer is the bundled model's. ``--layers`` makes a smaller model, to try the script.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ["HF_HUB_OFFLINE"] = "1"
ROOT = Path(__file__).parents[1]
WAYS = ("harness", "harness with unsloth", "plain trl")
WARM = 3  # first steps are left out of the speed: kernels are chosen and compiled in them


def make_model(folder: Path, layers: int) -> None:
    """Write the random model and the bundled model's tokenizer."""
    import torch
    from transformers import AutoTokenizer, Qwen3Config, Qwen3ForCausalLM

    from harness.candidates.models import prepare_model
    from harness.config import load_config

    tokenizer = AutoTokenizer.from_pretrained(prepare_model("smollm2-135m", load_config(ROOT / "harness.toml")))
    config = Qwen3Config(
        vocab_size=151936, hidden_size=4096, intermediate_size=12288, num_hidden_layers=layers, num_attention_heads=32,
        num_key_value_heads=8, head_dim=128, max_position_embeddings=40960, tie_word_embeddings=False,
        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id,
    )  # fmt: skip
    torch.set_default_dtype(torch.bfloat16)
    with torch.device("cuda" if torch.cuda.is_available() else "cpu"):
        model = Qwen3ForCausalLM(config)
    model.save_pretrained(folder, max_shard_size="4GB")
    tokenizer.save_pretrained(folder)


def measure(way: str, folder: Path, steps: int, batch: int) -> dict[str, Any]:
    """One way, in this process. The rows are the suite's training split; one step is ``batch`` of them."""
    from harness.trainers.unsloth_backend import choose_backend

    backend = choose_backend("unsloth" if way == "harness with unsloth" else "trl")
    import torch
    from datasets import Dataset
    from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback
    from trl import SFTConfig, SFTTrainer

    from harness.suite.item import Split
    from harness.suite.prompts import messages
    from harness.suite.suite import load_suite
    from harness.trainers.adapters import load_base, lora_config, nf4
    from harness.trainers.arguments import common_arguments
    from harness.trainers.memory import estimate, read_shape
    from harness.trainers.methods import load_recipe
    from harness.trainers.prepare import Example, tokenise
    from harness.trainers.unsloth_backend import unsloth_model

    recipe = load_recipe(ROOT / "trainers/deepseek-8b.toml").model_copy(
        update={"batch_size": batch, "max_length": 1024}
    )
    tokenizer = AutoTokenizer.from_pretrained(folder)
    items = load_suite("facencial").items(Split.TRAIN)
    tokens = [
        tokenise(
            tokenizer,
            Example(
                prompt=messages(item, None), completion=[{"role": "assistant", "content": item.generated_solution}]
            ),
            item.id,
        )
        for item in items
    ]
    tokens = sorted(tokens, key=lambda row: -len(row["input_ids"]))[: steps * batch]  # as many padded tokens for all

    class Clock(TrainerCallback):  # type: ignore[misc]
        def __init__(self) -> None:
            self.ends: list[float] = []

        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            if torch.cuda.is_available():
                torch.cuda.synchronize()
            self.ends.append(time.perf_counter())

    clock = Clock()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as out:
        arguments = {
            **common_arguments(recipe, Path(out)),
            "max_steps": steps,
            "save_strategy": "no",
            "logging_steps": 1,
        }
        if way == "plain trl":
            model = AutoModelForCausalLM.from_pretrained(
                folder, dtype=torch.bfloat16, quantization_config=nf4(recipe),
                device_map={"": 0} if torch.cuda.is_available() else {"": "cpu"},
            )  # fmt: skip
            peft_config = lora_config(recipe)
        elif backend == "unsloth":
            model, peft_config = unsloth_model(folder, recipe), None
        else:
            model, peft_config = load_base(folder, recipe), lora_config(recipe)
        trainer = SFTTrainer(
            model=model, processing_class=tokenizer, peft_config=peft_config, train_dataset=Dataset.from_list(tokens),
            args=SFTConfig(**arguments, max_length=recipe.max_length, train_sampling_strategy="sequential"),
            callbacks=[clock],
        )  # fmt: skip
        loaded = time.perf_counter() - began
        if torch.cuda.is_available():
            torch.cuda.reset_peak_memory_stats()
        trainer.train()
    warm = min(WARM, steps - 1)
    counted = sum(len(row["input_ids"]) for row in tokens[warm * batch :])
    losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    return {
        "way": way,
        "load_seconds": round(loaded, 1),
        "tokens_per_second": round(counted / (clock.ends[-1] - clock.ends[warm - 1]), 1),
        "peak_gib": round(torch.cuda.max_memory_allocated() / 2**30, 2) if torch.cuda.is_available() else None,
        "guessed_gib": round(estimate(read_shape(folder, recipe.rank), recipe, max(map(len, _ids(tokens)))) / 2**30, 2),
        "losses": [round(float(loss), 4) for loss in losses],
    }


def _ids(tokens: list[dict[str, list[int]]]) -> list[list[int]]:
    return [row["input_ids"] for row in tokens]


def main() -> None:
    """Make the model once, run each way in its own process, print the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--layers", type=int, default=36)
    parser.add_argument("--ways", nargs="+", default=list(WAYS), choices=WAYS)
    parser.add_argument("--model", type=Path, help="folder of the random model; made where it is missing")
    parser.add_argument("--one", choices=WAYS, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(measure(given.one, given.model, given.steps, given.batch)))
        return
    with tempfile.TemporaryDirectory() as work:
        folder = given.model or Path(work) / "model"
        began = time.perf_counter()
        if not (folder / "config.json").is_file():
            make_model(folder, given.layers)
        results: dict[str, Any] = {"made_seconds": round(time.perf_counter() - began, 1), "ways": []}
        for way in given.ways:
            command = [sys.executable, __file__, "--one", way, "--model", str(folder), "--steps", str(given.steps),
                       "--batch", str(given.batch)]  # fmt: skip
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            last = done.stdout.strip().splitlines()[-1:] or [""]
            failed = {"way": way, "failed": done.stderr.strip().splitlines()[-3:]}
            results["ways"].append(json.loads(last[0]) if done.returncode == 0 else failed)
        results |= _host()
    print(json.dumps(results, indent=1))


def _host() -> dict[str, Any]:
    import torch
    import transformers
    import trl

    return {
        "device": torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu",
        "versions": {"torch": torch.__version__, "transformers": transformers.__version__, "trl": trl.__version__},
    }


if __name__ == "__main__":
    main()
