"""Seconds that ``import harness`` and ``harness --help`` add to a bare start of Python: medians, taken in turns."""

import statistics
import subprocess
import sys
import time

ROUNDS = 15
COMMANDS = {
    "python": [sys.executable, "-c", "pass"],
    "import harness": [sys.executable, "-c", "import harness"],
    "harness --help": [sys.executable, "-m", "harness", "--help"],
}


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    rounds = [{name: seconds(command) for name, command in COMMANDS.items()} for _ in range(ROUNDS)]
    medians = {name: statistics.median(each[name] for each in rounds) for name in COMMANDS}
    for name, median in medians.items():
        print(
            f"{name:16}{median:7.3f} s   {median - medians['python']:+.3f} s   {median / medians['python']:.2f} times python"
        )


if __name__ == "__main__":
    main()
