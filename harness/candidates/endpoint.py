"""``[candidates.NAME.endpoint]``: a served model, reached over HTTP, as a candidate."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from harness.scoring.judge.settings import OPENAI, Prices


class Endpoint(BaseModel):
    """An OpenAI-compatible server and the model it serves. The key is read from the environment and stands nowhere else."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())

    model: str = Field(min_length=1, description="the model name that is sent")
    base_url: str = Field(default=OPENAI, pattern="^https?://", description="address up to and with /v1")
    reports: str | None = Field(
        default=None,
        description="model name that the server reports; default: the one sent, or that with a date behind it",
    )
    key_variable: str = Field(default="OPENAI_API_KEY", description="environment variable that holds the key")
    reasoning_effort: str | None = Field(default=None, description="sent only where given")
    concurrency: int = Field(default=16, ge=1, le=1000, description="calls at once")
    timeout: float = Field(default=120.0, gt=0, description="seconds for one call, from first to last byte")
    retries: int = Field(default=5, ge=0, le=20, description="further tries of one call; rate limits do not count")
    longest_wait: float = Field(
        default=60.0, gt=0, description="seconds between two tries, unless the server asks for more"
    )
    prices: Prices | None = None

    @property
    def asked(self) -> str:
        """The model name that is sent."""
        return self.model

    @property
    def api(self) -> Literal["chat"]:
        """Chat Completions: what every compatible server speaks."""
        return "chat"

    def serves(self, reported: str) -> bool:
        """Whether ``reported`` is the model meant: a plain name may be answered by a dated one of it."""
        if self.reports is not None:
            return reported == self.reports
        return reported == self.model or reported.startswith((f"{self.model}-20", f"{self.model}@20"))

    def identity(self) -> dict[str, Any]:
        """What decides the text of an answer."""
        found = {"model": self.model, "base_url": self.base_url.rstrip("/"), "reasoning_effort": self.reasoning_effort}
        return {name: value for name, value in found.items() if value is not None}
