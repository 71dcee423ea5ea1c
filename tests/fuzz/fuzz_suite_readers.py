"""Readers of suites and settings, each with a valid file of its kind."""

import json
import shutil
from pathlib import Path
from typing import Any

from fuzz_reader import Reader, written


def new_suite(folder: Path) -> Any:
    """A small suite that the harness wrote itself, and another test domain to be broken."""
    from harness.suite.scaffold import init_suite

    return init_suite("shop", folder, str(folder))


def suite_readers(work: Path) -> dict[str, Reader]:
    from harness.suite.item import Split
    from harness.suite.knowledge import load_knowledge
    from harness.suite.lint import lint
    from harness.suite.lock import read_lock, verify
    from harness.suite.settings import load_settings
    from harness.suite.suite import Suite
    from harness.suite.topics import expand, load_topics
    from harness.suite.twin import derive, read_changes

    suite = new_suite(work / "suites")
    copy = work / "broken" / "shop"
    shutil.copytree(suite.root, copy)
    items = copy / "data" / "test" / "example.jsonl"
    seed = items.read_bytes()

    def read_items(_: Path) -> object:
        found = Suite("shop", copy)
        list(lint(found))
        return found.items(Split.TEST)

    def read_locked(_: Path) -> object:
        return verify(Suite("shop", suite.root)) if read_lock(suite) else None

    topic = {
        "topic": "price", "domain": "example", "language": "en", "answerable": "in_scope", "facts": ["price.basic"],
        "questions": ["What does it cost?"], "answers": [{"think": "It is known.", "output": "Rp25.000."}],
        "author_kind": "model", "author": "a model",
    }  # fmt: skip

    def topics(path: Path) -> object:
        return [list(expand(each, 0)) for each in load_topics(path.parent, suite)]

    source = (suite.root / "knowledge" / "facts.toml").read_text(encoding="utf-8")
    return {
        "suite items": Reader(written(items, read_items), seed),
        "suite.toml": Reader(written(work / "suite.toml", load_settings), (suite.root / "suite.toml").read_bytes()),
        "facts.toml": Reader(written(work / "facts.toml", load_knowledge), source.encode()),
        "changes.toml": Reader(
            written(work / "changes.toml", lambda path: derive(source, read_changes(path))),
            b'[amounts]\n25000 = 27000\n[facts."price.basic"]\n25 = "27"\n',
        ),
        "lock.json": Reader(written(suite.root / "lock.json", read_locked), (suite.root / "lock.json").read_bytes()),
        "topic files": Reader(written(work / "topics" / "a.jsonl", topics), json.dumps(topic).encode() + b"\n"),
    }


def settings_readers(work: Path) -> dict[str, Reader]:
    from harness.candidates.candidate import Candidate, get_candidate
    from harness.config import load_config
    from harness.engines.vllm_arguments import adapter_rank
    from harness.suite.suite import Suite
    from harness.suite.trained import trained_questions
    from harness.trainers.methods import load_recipe

    folder = work / "project"
    folder.mkdir()
    adapter = folder / "adapter"
    config = (
        b'suite = "facencial"\nbaseline = "a"\nmetrics = ["rougeL"]\n[generation]\nmax_new_tokens = 24\n'
        b'[models.m]\nhub = "some/model"\n[candidates.a]\nmodel = "m"\nadapter = "adapter"\n[candidates.b]\nengine = "recorded"\n'
        b'answers = "b.jsonl"\n[candidates.c]\nengine = "openai"\n[candidates.c.endpoint]\nbase_url = "http://127.0.0.1:1/v1"\nmodel = "m"\n'
        b'[gate]\nmargin = 0.02\n[judge]\nmodel = "gpt-5"\n[[phases]]\nname = "1"\ncandidate = "a"\n'
    )  # fmt: skip
    (folder / "harness.toml").write_bytes(config)
    suite = Suite("shop", work / "suites" / "shop")

    def training(_: Path) -> object:
        candidate: Candidate = get_candidate("a", load_config(folder / "harness.toml"))
        found = candidate.training
        return trained_questions(suite, found, folder) if found is not None else None

    manifest = {
        "method": "sft", "suite": "shop", "split": "train", "settings": {"paraphrases": None}, "row_ids": ["example-01-id"], "rows": 1,
        "base_sha256": "0", "instruments": [], "lock": "0",
    }  # fmt: skip
    return {
        "harness.toml": Reader(written(work / "harness.toml", load_config), config),
        "training recipe": Reader(
            written(work / "recipe.toml", load_recipe),
            b'method = "sft"\nepochs = 1.0\nlearning_rate = 2e-4\nrank = 16\nseed = 1\n',
        ),
        "training manifest": Reader(written(adapter / "training.json", training), json.dumps(manifest).encode()),
        "adapter config": Reader(
            written(adapter / "adapter_config.json", lambda path: adapter_rank(path.parent)),
            b'{"peft_type": "LORA", "r": 16, "rank_pattern": {"q_proj": 8}}',
        ),
    }
