"""``[ray]``, ``[candidates.NAME.ray]`` or ``[judge.ray]``: which cluster, and how much of it. No part of any identity."""

from pydantic import BaseModel, ConfigDict, Field


class RaySettings(BaseModel):
    """A pool of Ray actors; each holds the engine or asks the judge."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    address: str | None = Field(
        default=None,
        pattern=r"^(auto|[^/]+:\d+)$",
        description="HOST:PORT of a running cluster, or auto for the one this machine belongs to; default: RAY_ADDRESS, else "
        "a cluster of this machine alone. Commands run on a node of the cluster, so ray:// is not taken",
    )
    actors: int | None = Field(default=None, ge=1, description="default: as many as the cluster has room for")
    cpus: int = Field(default=1, ge=1, description="CPUs an actor takes; also the threads it computes with")
    gpus: float | None = Field(
        default=None, gt=0, description="GPUs an actor takes, or a share of one; default: 1 where the cluster has any"
    )
    wait: float = Field(
        default=900.0, gt=0, description="seconds to wait while no actor is ready: for room, and for the first to load"
    )
