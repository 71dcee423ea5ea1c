"""The release policy: what a candidate must show against the baseline, and how often the locked test set may be asked."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from harness.hashing import sha256_json


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Critical(_Strict):
    """Domains in which an error costs most, pooled into one group with a margin of its own."""

    domains: tuple[str, ...] = ()
    unanswerable: bool = Field(default=True, description="add every item that the knowledge base does not answer")
    margin: float = Field(default=0.12, gt=0, lt=1)
    least_rows: int = Field(default=300, ge=1)


class Corrected(_Strict):
    """Demand that people's labels on a random sample show it too. A sample drawn of fewer items than this does not count."""

    labels: Literal["person"] = "person"
    least_items: int = Field(default=200, ge=20)
    looks: int = Field(default=4, ge=1, le=20, description="times at which the labels are looked at, evenly spaced")


class Policy(_Strict):
    """Margins and limits are shares from 0 to 1; a limit that is ``None`` is not asked for."""

    margin: float = Field(default=0.07, gt=0, lt=1, description="the candidate may be worse by less than this")
    improvement: float | None = Field(default=None, ge=0, lt=1, description="it must be better by more than this")
    critical: Critical | None = None
    corrected: Corrected | None = None
    alpha: float = Field(default=0.05, gt=0, lt=0.5, description="chance of a false release over all planned uses")
    uses: int = Field(default=5, ge=1, description="candidates that may be tested on the same test questions")
    floors: dict[str, float] = {"politeness": 0.6, "format": 0.95}
    ceilings: dict[str, float] = {"unsupported": 0.10, "invented_price": 0.05}
    leaked_share: float = Field(default=0.02, ge=0, le=1)
    seconds_per_answer: float | None = Field(default=None, gt=0)
    dollars_per_1000_answers: float | None = Field(default=None, ge=0)
    independent_labels: bool = Field(
        default=False,
        description="demand people's labels where the deciding scorer or judge also made the training data",
    )

    @model_validator(mode="after")
    def _limits_are_shares(self) -> "Policy":
        for name, limit in (*self.floors.items(), *self.ceilings.items()):
            if not 0 <= limit <= 1:
                raise ValueError(f"limit of {name} must lie in 0 to 1, got {limit}")
        return self

    @property
    def alpha_per_use(self) -> float:
        """Level of one test: the whole is shared evenly over the planned uses."""
        return self.alpha / self.uses

    @property
    def digest(self) -> str:
        """SHA-256 of the policy: what a look was taken under."""
        return sha256_json(self.model_dump(mode="json"))
