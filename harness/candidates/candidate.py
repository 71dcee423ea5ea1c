"""A candidate resolved from the configuration: everything that decides its answers, and the hash of it."""

import json
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from harness.candidates.models import model_identity
from harness.candidates.vllm_settings import VllmSettings
from harness.cluster.settings import RaySettings
from harness.config import CandidateConfig, Config, Generation
from harness.errors import InputError
from harness.hashing import sha256_file, sha256_folder, sha256_json, sha256_text
from harness.parsing import parse_json
from harness.suggest import nearest
from harness.suite.item import Split
from harness.suite.suite import Suite, load_suite
from harness.suite.topics import Topic, load_topics

ADAPTER_WEIGHTS = "adapter_model.safetensors"
ADAPTER_PATTERNS = (ADAPTER_WEIGHTS, "adapter_config.json", "chat_template.jinja")
TRAINING_MANIFEST = "training.json"


@dataclass(frozen=True)
class Candidate:
    """A named row of the comparison. ``identity`` decides its fingerprint; the name is only a label."""

    name: str
    settings: CandidateConfig
    config: Config

    @property
    def engine(self) -> str:
        """Name of the engine that answers for it."""
        return self.settings.engine

    @property
    def inside(self) -> "Candidate":
        """The candidate as one actor of engine ``ray`` answers for it: by the engine inside. Other engines answer themselves."""
        if self.engine != "ray":
            return self
        alone = {"engine": self.settings.inside or "hf", "inside": None, "ray": None}
        return replace(self, settings=self.settings.model_copy(update=alone))

    @property
    def generation(self) -> Generation:
        """Its own generation settings, else the file's."""
        return self.settings.generation or self.config.generation

    @property
    def shared_engine(self) -> tuple[Any, ...]:
        """What candidates have in common that one open engine can answer for."""
        if self.engine == "ray":
            return self.engine, self.ray, *self.inside.shared_engine
        settings, generation = self.settings, self.generation
        machine = self.vllm if self.engine == "vllm" else None
        return self.engine, settings.model, settings.endpoint, generation.dtype, generation.quantization, machine

    @property
    def vllm(self) -> VllmSettings:
        """Its own settings of the vLLM engine, else the file's."""
        return self.settings.vllm or self.config.vllm

    @property
    def ray(self) -> RaySettings:
        """Its own settings of the Ray cluster, else the file's."""
        return self.settings.ray or self.config.ray

    @property
    def local(self) -> bool:
        """Whether its answers are generated on this machine or its cluster, and so can be made again at no cost."""
        return self.inside.engine in ("hf", "vllm")

    @property
    def batch_size(self) -> int:
        """Answers stored at once. What is paid for is stored as it comes."""
        return 1 if self.inside.engine == "openai" else self.generation.batch_size

    @property
    def suite(self) -> Suite:
        """The suite it answers."""
        return load_suite(self.config.suite, self.config.root / self.config.tasks if self.config.tasks else None)

    @cached_property
    def system_prompt(self) -> str | None:
        """Text of the system prompt."""
        path = self.settings.system_prompt
        return _text(self.config.root / path, self.name).strip() if path else None

    @property
    def adapter(self) -> Path | None:
        """Folder of its adapter."""
        return self.config.root / self.settings.adapter if self.settings.adapter else None

    @cached_property
    def example_topics(self) -> list[Topic]:
        """Topics that its examples are found among. Raises `InputError` where a topic file is wrong."""
        examples = self.settings.examples
        return load_topics(self.config.root / examples.folder, self.suite) if examples else []

    @property
    def answers(self) -> Path | None:
        """File of its recorded answers."""
        return self.config.root / self.settings.answers if self.settings.answers else None

    @cached_property
    def chat_template(self) -> str | None:
        """Its own template, else the one stored with its adapter; ``None`` means the model's."""
        if self.settings.chat_template:
            return _text(self.config.root / self.settings.chat_template, self.name)
        stored = self.adapter / "chat_template.jinja" if self.adapter else None
        return stored.read_text(encoding="utf-8") if stored and stored.is_file() else None

    @cached_property
    def training(self) -> dict[str, Any] | None:
        """Training manifest of its adapter, where there is one. Raises `InputError` where the file is none."""
        path = self.adapter / TRAINING_MANIFEST if self.adapter else None
        return _training(path) if path and path.is_file() else None

    @cached_property
    def identity(self) -> dict[str, Any]:
        """Everything that decides its answers, as content hashes and settings. Raises `InputError` on missing files.

        Spread over a cluster, the same engine asks the same model the same: ``ray`` leaves no trace here.
        """
        if self.engine == "ray":
            return self.inside.identity
        if self.engine == "recorded":
            path = self.answers
            if path is None or not path.is_file():
                raise InputError(
                    f"candidate {self.name}: {path} is missing; import its answers: harness import {self.name} FILE.jsonl"
                )
            return {"engine": "recorded", "answers": sha256_file(path)}
        retrieval = self.settings.retrieval
        asked: dict[str, Any] = {
            "system_prompt": sha256_text(self.system_prompt) if self.system_prompt else None,
            "retrieval": {"top": retrieval.top, "knowledge": _knowledge_identity(self.suite)} if retrieval else None,
        }
        if self.settings.reflection:  # only where it is set, so that it changes nobody else's identity
            asked["reflection"] = self.settings.reflection.identity()
        if examples := self.settings.examples:
            topics = sha256_json([topic.model_dump() for topic in self.example_topics])
            asked["examples"] = {"top": examples.top, "topics": topics}
        if self.settings.endpoint:
            sent = {"max_new_tokens": self.generation.max_new_tokens, **self.generation.given()}
            return {"engine": self.engine, "endpoint": self.settings.endpoint.identity(), "generation": sent, **asked}
        model = model_identity(str(self.settings.model), self.config)
        return {
            "engine": self.engine,
            "model": model,
            "adapter": _adapter_identity(self, model),
            "chat_template": sha256_text(self.chat_template) if self.chat_template else None,
            "generation": self.generation.identity(),
            **asked,
        }

    @property
    def fingerprint(self) -> str:
        """SHA-256 of `identity`."""
        return sha256_json(self.identity)

    def sampled(self, number: int) -> "Candidate":
        """The candidate as it gives answer ``number`` (from 0) to each item: by another seed. Greedy answers have one."""
        sent = self.generation.given()
        greedy = sent.get("temperature") == 0 if self.inside.engine == "openai" else self.generation.temperature == 0
        if number == 0 or greedy or self.engine == "recorded":
            return self
        generation = self.generation.model_copy(update={"seed": self.generation.seed + number})
        settings = self.settings.model_copy(update={"generation": generation})
        return replace(self, name=f"{self.name}#{number}", settings=settings)


class _Settings(BaseModel):
    paraphrases: str | None = Field(None, max_length=200)  # a folder; no name in it may be longer than 255 bytes


class _Training(BaseModel):
    """What is read of a training manifest; the rest is told, not used."""

    suite: str
    split: Split
    rows: int
    row_ids: tuple[str, ...]
    settings: _Settings = Field(default_factory=lambda: _Settings.model_validate({}))
    base_sha256: str | None = None
    instruments: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    taught: tuple[tuple[str, ...], ...] = ()
    dev: dict[str, dict[str, tuple[float, float]]] | None = None


def _training(path: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = parse_json(path.read_bytes())
        _Training.model_validate(manifest)
    except json.JSONDecodeError as error:
        raise InputError(f"{path}: not JSON ({error.msg}); restore it, or train the adapter again") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the whole"
        raise InputError(f"{path}: {where}: {first['msg']}; restore it, or train the adapter again") from None
    return manifest


def _text(path: Path, name: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"candidate {name}: {path} cannot be read ({error.strerror})") from None


def _knowledge_identity(suite: Suite) -> str:
    """Digest of what retrieval can put into a prompt; how facts are scored does not belong to it."""
    facts = [[fact.id, fact.text] for fact in suite.knowledge.stated()]
    return sha256_json({"heading": suite.settings.knowledge_heading, "facts": facts})


def _adapter_identity(candidate: Candidate, model: str) -> str | None:
    """Digest of the adapter's files. Raises `InputError` where it is missing or was trained on another base."""
    adapter = candidate.adapter
    if adapter is None:
        return None
    for name in (ADAPTER_WEIGHTS, "adapter_config.json"):
        if not (adapter / name).is_file():
            pickled = sorted(path.name for path in adapter.glob("*.bin")) if name == ADAPTER_WEIGHTS else []
            if pickled:
                raise InputError(
                    f"candidate {candidate.name}: {adapter / pickled[0]} is a pickle, which can run any code when it is read; "
                    f"only {ADAPTER_WEIGHTS} is loaded: have it saved with safe_serialization=True"
                )
            raise InputError(
                f"candidate {candidate.name}: {adapter / name} is missing; train it: harness train {candidate.name}"
            )
    base = (candidate.training or {}).get("base_sha256")
    if base is not None and base != model:
        raise InputError(
            f"candidate {candidate.name}: its adapter was trained on another base "
            f"({base[:12]}, not {candidate.settings.model} {model[:12]}); name the model it was trained on"
        )
    return sha256_folder(adapter, ADAPTER_PATTERNS)


def get_candidate(name: str, config: Config) -> Candidate:
    """The candidate ``name``. Raises `InputError` with the nearest name."""
    if name not in config.candidates:
        raise InputError(f"no candidate {name!r} in harness.toml{nearest(name, config.candidates)}")
    return Candidate(name, config.candidates[name], config)
