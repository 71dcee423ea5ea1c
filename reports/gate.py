"""A gate's verdict for people and pipelines: terminal, Markdown, JUnit XML, JSON."""

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from harness.errors import HarnessError
from harness.gate.decide import GateVerdict
from harness.reports.markdown import row, safe
from harness.text.visible import visible

_COLOURS = {
    "RELEASE": "green",
    "BLOCK": "red",
    "INCONCLUSIVE": "yellow",
    "pass": "green",
    "fail": "red",
    "unknown": "yellow",
}


def render_gate(verdict: GateVerdict, console: Console) -> None:
    """Print the verdict first, then every condition."""
    colour = _COLOURS[verdict.decision]
    console.print(f"\n[bold {colour}]{verdict.decision}[/] {escape(verdict.summary)}", highlight=False)
    console.print(f"[dim]{escape(_evidence(verdict))}[/]\n", highlight=False)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("condition", "", "found", "asked"):
        table.add_column(name)
    for condition in verdict.conditions:
        mark = f"[{_COLOURS[condition.result]}]{condition.result}[/]"
        table.add_row(escape(condition.name), mark, escape(condition.figure), escape(condition.threshold))
    console.print(table, highlight=False)
    for condition in verdict.conditions:
        if condition.result != "pass":
            settle = f"; what would settle it: {condition.settle}" if condition.settle else ""
            console.print(f"{escape(condition.name)}: {escape(condition.reason + settle)}", highlight=False)
    console.print()


def _evidence(verdict: GateVerdict) -> str:
    left_out = f", {verdict.items_left_out} left out as leaked" if verdict.items_left_out else ""
    return (
        f"{verdict.candidate} {verdict.fingerprint[:12]} against {verdict.baseline} {verdict.baseline_fingerprint[:12]}, "
        f"{verdict.suite} {verdict.split}, {verdict.items} items{left_out}, lock {verdict.lock[:12]}, "
        f"policy {verdict.policy_digest[:12]}, level {verdict.level:g} a use, "
        f"{max(verdict.uses_left, 0)} of {verdict.uses_planned} uses left, {verdict.judge}"
    )


def gate_markdown(verdict: GateVerdict) -> str:
    """A comment for a pull request, or a step summary."""
    lines = [
        f"## {verdict.decision}: {safe(verdict.candidate)} against {safe(verdict.baseline)}",
        "",
        safe(verdict.summary),
        "",
    ]
    lines += [row(["condition", "result", "found", "asked", "reason"]), row(["---"] * 5)]
    lines += [
        row([safe(each.name), f"**{each.result}**", safe(each.figure), safe(each.threshold), safe(each.reason)])
        for each in verdict.conditions
    ]
    return "\n".join([*lines, "", safe(_evidence(verdict))]) + "\n"


def gate_junit(verdict: GateVerdict) -> str:
    """One test case a condition: a failure where it fails, skipped where it is unknown.

    Control characters, which XML cannot hold, are named.
    """
    results = [condition.result for condition in verdict.conditions]
    suite = ElementTree.Element(
        "testsuite",
        name=f"harness gate {verdict.candidate} against {verdict.baseline}: {verdict.decision}",
        tests=str(len(results)),
        failures=str(results.count("fail")),
        skipped=str(results.count("unknown")),
    )
    for condition in verdict.conditions:
        case = ElementTree.SubElement(suite, "testcase", classname="harness.gate", name=visible(condition.name))
        text = visible(f"found {condition.figure}, asked {condition.threshold}: {condition.reason}")
        if condition.result == "fail":
            ElementTree.SubElement(case, "failure", message=text)
        elif condition.result == "unknown":
            ElementTree.SubElement(case, "skipped", message=f"{text}; {visible(condition.settle or 'undecided')}")
        else:
            ElementTree.SubElement(case, "system-out").text = text
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(suite, encoding="unicode") + "\n"


def gate_json(verdict: GateVerdict) -> str:
    """The verdict as JSON by the schema in docs/schemas/gate.json."""
    return json.dumps(asdict(verdict), indent=1, ensure_ascii=False) + "\n"


def write_gate(verdict: GateVerdict, paths: Mapping[str, Path | None]) -> None:
    """Write the formats whose path is given (``junit``, ``markdown``, ``json``). Raises `HarnessError` where that fails."""
    texts = {
        "junit": gate_junit,
        "markdown": gate_markdown,
        "json": gate_json,
    }
    for kind, path in paths.items():
        if path is not None:
            try:
                path.write_text(texts[kind](verdict), encoding="utf-8")
            except OSError as error:
                raise HarnessError(f"{path}: cannot be written ({error.strerror}); name another file") from None
