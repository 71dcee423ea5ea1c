"""At least 10,000 hostile files for every reader: ``python benchmarks/fuzz.py [--cases 10000] [--reader NAME ...]``.

Prints a table of readers, cases, how many were refused with one line, and faults (any other exception), each with the content
that caused it, in hexadecimal, at the end. Exits with 1 where there is a fault. The readers are those of ``tests/fuzz``, the
files are drawn through hypothesis.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "fuzz"))

from fuzz_contents import content
from fuzz_reader import Reader
from fuzz_readers import readers

from harness.errors import HarnessError

SHARED_MEMORY = Path("/dev/shm")


def fuzz(reader: Reader, cases: int) -> tuple[Counter[str], dict[str, bytes]]:
    """How the cases ended, and one content by kind of fault."""
    ends: Counter[str] = Counter()
    faults: dict[str, bytes] = {}

    @settings(max_examples=cases, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(chance=st.randoms(use_true_random=True))
    def once(chance: Random) -> None:
        given_content = content(reader.seed, chance)
        try:
            reader.read(given_content)
            ends["read"] += 1
        except HarnessError as error:
            one_line = bool(str(error).strip()) and len(str(error).splitlines()) == 1
            ends["refused" if one_line else "fault"] += 1
            if not one_line:
                faults.setdefault("not one line", given_content)
        except Exception as error:
            ends["fault"] += 1
            faults.setdefault(f"{type(error).__name__}: {str(error)[:80]}", given_content)

    while sum(ends.values()) < cases:  # hypothesis stops early where it believes to have seen everything
        once()
    return ends, faults


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--reader", action="append")
    given_arguments = parser.parse_args()
    found: dict[str, dict[str, bytes]] = {}
    memory = SHARED_MEMORY if SHARED_MEMORY.is_dir() else None  # flushing to a disk would take most of the time
    with tempfile.TemporaryDirectory(dir=memory) as work:
        print("| reader | cases | read | refused in one line | faults | seconds |\n|---|---:|---:|---:|---:|---:|")
        for name, reader in readers(Path(work)).items():
            if given_arguments.reader and name not in given_arguments.reader:
                continue
            began = time.perf_counter()
            ends, found[name] = fuzz(reader, given_arguments.cases)
            shown = (sum(ends.values()), ends["read"], ends["refused"], ends["fault"])
            took = time.perf_counter() - began
            print(f"| {name} | {' | '.join(f'{count:,}' for count in shown)} | {took:.0f} |", flush=True)
    for name, faults in found.items():
        for kind, content_of in faults.items():
            print(f"{name}: {kind}: {content_of[:400].hex()}")
    return 1 if any(found.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
