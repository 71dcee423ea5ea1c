"""All rules over all splits."""

from harness.suite.item import Split
from harness.suite.lint.finding import Finding, Placed
from harness.suite.lint.rows import row_findings
from harness.suite.lint.sets import intents, registers, repeated_wording
from harness.suite.suite import Suite, split_conflicts


def lint(suite: Suite) -> list[Finding]:
    """Everything found in a suite, errors first, then by place. Raises `InputError` where a row or ``suite.toml`` cannot be read."""
    suite.traffic()
    rows = [Placed(split, row) for split in Split for row in suite.rows(split)]
    findings = [finding for placed in rows for finding in row_findings(placed, suite)]
    findings += [
        Finding("error", row.path, row.line, row.item.id, "split", said) for row, said in split_conflicts(suite)
    ]
    findings += _domains_without_task(suite)
    findings += [*repeated_wording(rows), *intents(rows), *registers(rows)]
    return sorted(findings, key=lambda found: (found.level, str(found.path), found.line))


def _domains_without_task(suite: Suite) -> list[Finding]:
    """Domains that plain lm-eval would leave out of the group."""
    if not (suite.root / f"{suite.name}.yaml").is_file():
        return []
    paths = {domain: suite.root / f"{suite.name}_{domain}.yaml" for domain in suite.domains()}
    said = f"missing; lm-eval leaves the domain out; run: harness suite tasks {suite.name}"
    return [Finding("error", path, 1, domain, "tasks", said) for domain, path in paths.items() if not path.is_file()]
