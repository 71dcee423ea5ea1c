"""Input checks shared by the room: each raises ValueError with one line."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Codes: TypeAlias = npt.NDArray[np.intp]


def open_unit(value: float, name: str) -> float:
    """``value`` as a float strictly between 0 and 1."""
    if not 0 < value < 1:
        raise ValueError(f"{name} must lie strictly between 0 and 1, got {value}")
    return float(value)


def successes(x: float, n: float, what: str = "successes") -> None:
    """Require 0 <= x <= n and a finite n > 0."""
    if not (np.isfinite(n) and n > 0):
        raise ValueError(f"trials for {what} must be positive and finite, got {n}")
    if not 0 <= x <= n:
        raise ValueError(f"{what} must lie between 0 and the {n} trials, got {x}")


def whole(value: int, name: str, least: int = 0) -> int:
    """``value`` as an int not below ``least``."""
    if value != value or int(value) != value or value < least:
        raise ValueError(f"{name} must be a whole number of at least {least}, got {value}")
    return int(value)


def vector(x: npt.ArrayLike, name: str, least: int = 1) -> Floats:
    """``x`` as a finite one-dimensional float array of at least ``least`` values."""
    values = np.asarray(x, dtype=np.float64)
    if values.ndim != 1 or values.size < least:
        raise ValueError(f"{name} must be one-dimensional with at least {least} value(s), got shape {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError(f"{name} holds a value that is not finite")
    return values


def matrix(x: npt.ArrayLike, name: str) -> Floats:
    """``x`` as a finite two-dimensional, non-empty float array."""
    values = np.asarray(x, dtype=np.float64)
    if values.ndim != 2 or values.size == 0:
        raise ValueError(f"{name} must be two-dimensional and not empty, got shape {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError(f"{name} holds a value that is not finite")
    return values


def cluster_codes(cluster: npt.ArrayLike, rows: int) -> tuple[Codes, int]:
    """Labels as codes 0..G-1, one a row, and G. Labels are strings or numbers of one kind."""
    labels = np.asarray(cluster)
    if labels.shape != (rows,):
        raise ValueError(f"cluster must hold one label for each of the {rows} rows, got shape {labels.shape}")
    missing = labels.dtype == object and any(label is None or label != label for label in labels)
    if missing or (labels.dtype.kind == "f" and np.isnan(labels).any()):
        raise ValueError("cluster holds a missing label")
    try:
        distinct, codes = np.unique(labels, return_inverse=True)
    except TypeError as error:
        raise ValueError("cluster labels must be all strings or all numbers") from error
    return codes.astype(np.intp), len(distinct)


def cluster_sums(values: Floats, codes: Codes) -> Floats:
    """Sums [G] by cluster. A sum that is 0 but for rounding becomes 0, or a test would run on rounding alone."""
    sums = np.bincount(codes, weights=values).astype(np.float64)
    sums[np.abs(sums) <= 1e-12 * np.abs(values).max()] = 0.0
    return sums


def is_constant(values: Floats) -> bool:
    """Whether all values are equal up to rounding: thirds of 1 do not add up exactly."""
    return bool(np.ptp(values) <= 1e-12 * np.abs(values).max())
