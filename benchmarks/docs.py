"""Runs every command of the documentation that can run here, the slow ones too, each page in a copy of the project: ``make docs``.

``--list`` only says of each block whether it is run, slow or not run, and why. ``--write`` puts what was printed into the pages.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests/docs"))

from doc_blocks import Page, pages  # noqa: E402
from doc_project import Ran, copy_project, refreshed, run_page  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="*", help="Parts of page names [default: all].")
    parser.add_argument("--list", action="store_true", help="Run nothing.")
    parser.add_argument("--write", action="store_true", help="Put what was printed into the pages.")
    parser.add_argument("--quick", action="store_true", help="Leave the slow blocks out.")
    chosen = parser.parse_args()
    found = [page for page in pages() if not chosen.pages or any(part in page.name for part in chosen.pages)]
    if chosen.list:
        list_blocks(found)
        return 0
    faults = 0
    for page in found:
        if any(block.kind == "shell" and block.status != "not run" for block in page.blocks):
            with tempfile.TemporaryDirectory() as folder:
                ran = list(run_page(page, copy_project(Path(folder) / "project", page.small), slow=not chosen.quick))
            faults += report(ran, chosen.write)
            if chosen.write:
                write(page, ran)
    print(f"{faults} faults")
    return 1 if faults else 0


def list_blocks(found: Sequence[Page]) -> None:
    blocks = [block for page in found for block in page.blocks if block.kind == "shell"]
    for block in blocks:
        print(f"{block.status:8} {block.where:32} {block.marks.get(block.status, '')}".rstrip())
    counts = {status: sum(block.status == status for block in blocks) for status in ("run", "slow", "not run")}
    print(", ".join(f"{count} {status}" for status, count in counts.items()))


def report(ran: Sequence[Ran], writing: bool) -> int:
    faults = [each for each in ran if each.fault and not (writing and each.block.kind == "output")]
    for each in ran:
        if each.block.kind == "shell":
            print(f"{'FAULT' if each in faults else 'ok':6}{each.seconds:7.1f} s  {each.block.where}", flush=True)
        if each in faults:
            print(each.fault)
    return len(faults)


def write(page: Page, ran: Sequence[Ran]) -> None:
    """Replace outputs that differ, from the last to the first, so that line numbers before them hold."""
    path = ROOT / page.name
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    for each in reversed([each for each in ran if each.block.kind == "output" and each.fault]):
        start, length = each.block.line, len(each.block.text.splitlines())
        lines[start : start + length] = [refreshed(each.block.text, each.printed)]
    path.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
