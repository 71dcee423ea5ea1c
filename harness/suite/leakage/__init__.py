"""Training rows that a test question could have been copied from."""

from harness.suite.leakage.find import NEAR, Leak, cached_leaks, find_leaks
from harness.suite.leakage.grams import normalise

__all__ = ["NEAR", "Leak", "cached_leaks", "find_leaks", "normalise"]
