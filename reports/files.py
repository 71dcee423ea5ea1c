"""Write a comparison's reports: Markdown, JSON and HTML, beside each other."""

import json
from dataclasses import asdict
from pathlib import Path

from harness.comparison import Comparison
from harness.errors import HarnessError
from harness.journal import replace_file
from harness.reports.html import to_html
from harness.reports.markdown import to_markdown


def write_reports(comparison: Comparison, folder: Path) -> list[Path]:
    """Write the three files and return their paths. Raises `HarnessError` where the folder cannot be written."""
    name = "-vs-".join(result.name for result in comparison.candidates) + f"-{comparison.split}"
    texts = {
        "md": to_markdown(comparison),
        "json": json.dumps(asdict(comparison), indent=1, ensure_ascii=False) + "\n",
        "html": to_html(comparison),
    }
    paths = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for suffix, text in texts.items():
            path = folder / f"{name}.{suffix}"
            replace_file(path, text)
            paths.append(path)
    except OSError as error:
        raise HarnessError(
            f"{folder}: reports cannot be written ({error.strerror}); make it writable or set store elsewhere"
        ) from None
    return paths
