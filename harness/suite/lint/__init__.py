"""What is wrong, or looks wrong, with the items of a suite."""

from harness.suite.lint.check import lint
from harness.suite.lint.finding import Finding

__all__ = ["Finding", "lint"]
