"""The command line."""

import sys


def main() -> None:
    """Print a placeholder; replaced as commands land."""
    sys.stdout.write("harness\n")
