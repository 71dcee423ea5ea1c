"""Evaluation-first release harness for fine-tuned customer-service models."""

__version__ = "0.1.0"
