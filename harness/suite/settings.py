"""``suite.toml``: what a suite is called, what marks its test rows, and how often its domains are asked about."""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harness.errors import InputError
from harness.parsing import parse_toml
from harness.suggest import nearest
from harness.suite.canary import CANARY_PATTERN

FILE_NAME = "suite.toml"


class SuiteSettings(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    title: str = Field(min_length=1)
    service: str = Field(min_length=1, description="the company, in a few words")
    version: int = Field(ge=1)
    canary: str = Field(pattern=CANARY_PATTERN, description="the string that every test row carries")
    knowledge_heading: dict[Literal["id", "en"], str] = Field(
        min_length=2, description="line above retrieved facts in a prompt, by language"
    )
    traffic: dict[str, float] = Field({}, description="share of customers' messages by domain, in any unit")


def load_settings(path: Path) -> SuiteSettings:
    """Read ``suite.toml``. Raises `InputError` naming file and key."""
    try:
        return SuiteSettings.model_validate(parse_toml(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise InputError(f"{path}: missing; every suite has one, copy it from another suite") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not readable as TOML: {error}") from None
    except ValidationError as error:
        first = min(error.errors(), key=lambda found: found["type"] != "extra_forbidden")  # a misspelt key also lacks
        where = ".".join(map(str, first["loc"]))
        if first["type"] == "extra_forbidden":
            raise InputError(f"{path}: unknown key {where}{nearest(where, SuiteSettings.model_fields)}") from None
        if first["loc"] == ("canary",) and first["type"] == "string_pattern_mismatch":
            raise InputError(f"{path}: canary: wanted is {CANARY_PATTERN!r}; make one: harness suite init") from None
        raise InputError(f"{path}: {where}: {first['msg']}") from None


def traffic_weights(given: Mapping[str, float], domains: Iterable[str], source: Path | str) -> dict[str, float]:
    """Weight of each domain, summing to 1; equal where none is given.

    Raises `InputError`, naming ``source``, for an unknown or missing domain and a weight that is not at least 0.
    """
    names = sorted(domains)
    if not given:
        return dict.fromkeys(names, 1 / len(names)) if names else {}
    for domain, weight in given.items():
        if domain not in names:
            raise InputError(f"{source}: traffic.{domain}: no such domain{nearest(domain, names)}")
        if not 0 <= weight < float("inf"):
            raise InputError(f"{source}: traffic.{domain}: a weight of at least 0 is wanted, not {weight}")
    if missing := [domain for domain in names if domain not in given]:
        raise InputError(
            f"{source}: traffic has no weight for domain {missing[0]}; give one, 0 if nobody asks about it"
        )
    total = sum(given.values())
    if total == 0:
        raise InputError(f"{source}: every weight under traffic is 0; give shares of customers' messages")
    return {domain: given[domain] / total for domain in names}
