"""Corrections: what a teacher writes in place of a run's wrong answers, checked before it may be trained on."""

from harness.corrections.record import Correction, load_corrections

__all__ = ["Correction", "load_corrections"]
