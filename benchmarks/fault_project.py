"""The small project of the fault campaign, and the server that answers and judges in it."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/judge"))

from bodies import body_of, judged
from server import Reply, ScriptedServer

ROOT = Path(__file__).parents[1]
DEV = ("--split", "dev")


class Server(ScriptedServer):
    """Chat Completions answer as a candidate does, Responses as a judge."""

    def reply(self, what: str, api: str, request: dict[str, Any]) -> Reply:
        if api == "responses":
            return super().reply(what, api, request)
        question = request["messages"][-1]["content"]
        text = f"<think>{len(question)}</think><output>Rp {len(question)}.000 per bulan.</output>"
        return 200, {}, json.dumps(body_of(api, request["model"], text)).encode()


def by_answer(prompt: str) -> dict[str, Any]:
    return judged("incorrect" if "Entahlah." in prompt else "correct", 1 + len(prompt) % 5)


def make_project(folder: Path, url: str, rows: int, model: bool) -> None:
    """The shipped development items, ``rows`` a domain, without a test split."""
    from harness.suite.item import Split
    from harness.suite.lock import write_lock
    from harness.suite.suite import Suite

    target = folder / "tasks/facencial"
    shutil.copytree(ROOT / "tasks/facencial", target, ignore=shutil.ignore_patterns("test", "train", "feedback"))
    for path in target.glob("data/dev/*.jsonl"):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join(lines[:rows]), encoding="utf-8")
    write_lock(Suite("facencial", target))
    for name in ("gold", "half"):
        answers = [
            {
                "id": item.id, "author_kind": "model", "source": "benchmark",
                "completion": item.generated_solution if name == "gold" or index % 2 == 0
                else "<think>?</think><output>Entahlah.</output>",
            }
            for index, item in enumerate(Suite("facencial", target).items(Split.DEV))
        ]  # fmt: skip
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in answers), encoding="utf-8")
    text = (
        'tasks = "tasks"\nbaseline = "half"\n[generation]\nmax_new_tokens = 6\nbatch_size = 4\n'
        '[candidates.gold]\nengine = "recorded"\nanswers = "gold.jsonl"\n'
        '[candidates.half]\nengine = "recorded"\nanswers = "half.jsonl"\n'
        f'[candidates.served]\nengine = "openai"\n[candidates.served.endpoint]\nmodel = "scripted"\nbase_url = "{url}"\n'
        "concurrency = 4\nlongest_wait = 0.05\n"
        f'[judge]\nmodel = "scripted"\nbase_url = "{url}"\nembeddings = 0\nconcurrency = 4\nlongest_wait = 0.05\n'
    )
    if model:
        make_model(folder / "tiny")
        text += '[models.tiny]\npath = "tiny"\n[candidates.tiny]\nmodel = "tiny"\n'
    (folder / "harness.toml").write_text(text, encoding="utf-8")


def make_model(folder: Path) -> None:
    """A random Llama of two layers that reads bytes."""
    import torch
    from tokenizers import Tokenizer, decoders, pre_tokenizers
    from tokenizers.models import BPE
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    bpe = Tokenizer(BPE({token: index for index, token in enumerate(["<eos>", *alphabet])}, []))
    bpe.pre_tokenizer, bpe.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=bpe, eos_token="<eos>", pad_token="<eos>")
    tokenizer.chat_template = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant: "
    torch.manual_seed(0)
    shape = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
        max_position_embeddings=4096, eos_token_id=0, pad_token_id=0, bos_token_id=0,
    )  # fmt: skip
    LlamaForCausalLM(shape).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
