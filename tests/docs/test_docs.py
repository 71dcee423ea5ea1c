"""The documentation holds: what it tells a reader to type exists and runs, what it shows is printed, its links lead somewhere."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from doc_blocks import ROOT, Page, pages, read_page
from doc_checks import faults, inline_faults
from doc_project import copy_project, difference, refreshed, run_page

PAGES = pages()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_names_exists(page: Page) -> None:
    found = [fault for block in page.blocks if block.kind == "shell" for fault in faults(block)]
    found += inline_faults(page)
    found += [f"{block.where}: a mark needs a reason" for block in page.blocks for mark in ("not run", "slow")
              if block.marks.get(mark) == ""]  # fmt: skip
    assert found == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Page) -> None:
    here = ROOT / page.name
    for line, link in page.links:
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (here.parent / path).resolve() if path else here
        assert target.exists(), f"{page.name}:{line}: {link}"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
            assert anchor in slugs, f"{page.name}:{line}: {link}"


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if any(block.kind == "shell" and block.status == "run" for block in page.blocks)],
    ids=lambda page: page.name,
)
def test_commands_run_and_print_what_is_shown(page: Page, tmp_path: Path) -> None:
    ledger = (ROOT / "ledger.jsonl").read_bytes()
    for ran in run_page(page, copy_project(tmp_path / "project", page.small), slow=False):
        assert not ran.fault, f"{ran.block.where}: {ran.fault}"
    assert (ROOT / "ledger.jsonl").read_bytes() == ledger


def test_the_reference_is_what_the_docstrings_say() -> None:
    command = [sys.executable, str(ROOT / "docs/make_reference.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


PLANTED = """
```sh
harness compare base --splt dev
harness suite budgt
python benchmarks/nowhere.py
```

    make nothing

<!-- not run: a reason -->
```sh
pip install 'harness[nope]'
```

Text with `harness rank --pair`, `harness correct RUN` and `harness judge run …`.

<!-- exit: 3 -->
```sh
echo printed
```
<!-- output -->
```text
another
```
"""


def test_planted_mistakes_are_found(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(PLANTED, encoding="utf-8")
    page = read_page(tmp_path / "page.md", tmp_path)
    found = [fault for block in page.blocks if block.kind == "shell" for fault in faults(block)] + inline_faults(page)
    said = (
        "'--splt'",
        "suite budgt",
        "no file benchmarks/nowhere.py",
        "no target nothing",
        "no extra nope",
        "'--pair'",
    )
    assert len(found) == len(said)
    assert all(part in fault for part, fault in zip(said, found, strict=True)), found
    assert [block.status for block in page.blocks if block.kind == "shell"] == ["run", "run", "not run", "run"]
    last = Page("page.md", page.blocks[-2:], (), (), small=False)
    ended, shown = run_page(last, tmp_path, slow=False)
    assert "exit code 0, not 3" in ended.fault
    assert "-another" in shown.fault


def test_shown_output_may_leave_lines_out() -> None:
    printed = "a\nb\nc  \nd\n"
    assert difference("a\n…\nd\n", printed) == ""
    assert difference("a\n…\nx\n", printed)
    assert difference("a\nb\nc\n", printed)
    assert refreshed("0\n…\n1\n2\n", printed) == "a\n…\nc\nd\n"
