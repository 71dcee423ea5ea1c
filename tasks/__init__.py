"""Suites as lm-eval tasks; also usable with plain ``lm_eval --include_path tasks``."""
