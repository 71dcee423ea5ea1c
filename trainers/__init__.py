"""Trainers: each reads a small TOML and writes a candidate for the harness to rank."""
