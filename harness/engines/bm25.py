"""The package bm25s, imported so that it takes no GPU memory.

It imports JAX where JAX is installed, and JAX then claims three quarters of the GPU's memory for itself: seen on an H100, where
trainings of candidates that retrieve were refused for want of memory.
"""

import os

os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")

from bm25s import BM25

__all__ = ["BM25"]
