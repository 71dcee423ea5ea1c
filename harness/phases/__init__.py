"""Phases of a project: what each reached, which of them stand on one line, and which improvement is shown."""

from harness.phases.lines import Customers, Line, Measurement, Phase, PhaseReport, Step
from harness.phases.measure import report

__all__ = ["Customers", "Line", "Measurement", "Phase", "PhaseReport", "Step", "report"]
