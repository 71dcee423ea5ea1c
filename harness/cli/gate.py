"""``harness gate``."""

from pathlib import Path

import click

from harness.cli.common import as_json_option, console, current_config, print_json
from harness.errors import InputError


@click.command("gate")
@click.argument("name", metavar="CANDIDATE")
@click.option("--baseline", help="Candidate on sale today [default: the file's].")
@click.option("--junit", type=click.Path(path_type=Path), help="Write the conditions as JUnit XML.")
@click.option("--markdown", type=click.Path(path_type=Path), help="Write a pull-request comment or step summary.")
@click.option(
    "--json-file", type=click.Path(path_type=Path), help="Write the verdict as JSON (docs/schemas/gate.json)."
)
@as_json_option
@click.pass_context
def command(
    ctx: click.Context,
    name: str,
    baseline: str | None,
    junit: Path | None,
    markdown: Path | None,
    json_file: Path | None,
    as_json: bool,
) -> int:
    """Decide on stored runs whether CANDIDATE may be released: exit 0 RELEASE, 1 BLOCK, 3 INCONCLUSIVE.

    Nothing is generated. The policy stands under [gate] in harness.toml; the look is recorded in the ledger.
    """
    from harness.candidates.candidate import get_candidate
    from harness.gate.decide import EXIT_CODES, check_policy, decide
    from harness.gate.labels import peoples_labels
    from harness.gate.ledger import Look, budget, charge, read_ledger, record
    from harness.reports.gate import render_gate, write_gate
    from harness.runs.answering import stored_run
    from harness.scoring import ALL_METRICS
    from harness.suite.item import Split
    from harness.suite.lock import verify

    config = current_config(ctx)
    base = baseline or config.baseline
    if name == base:
        raise InputError(f"{name} is the baseline; name a candidate, or another --baseline")
    candidate, against = get_candidate(name, config), get_candidate(base, config)
    check_policy(config.gate, list(ALL_METRICS), candidate.suite.domains())
    lock = verify(candidate.suite)["sha256"]
    runs = {each.name: [stored_run(each, Split.TEST, config)] for each in (candidate, against)}
    looks = read_ledger(config.ledger_path)
    charged = charge(looks, lock, candidate.fingerprint, config.gate.digest, against.fingerprint)
    look = Look("gate", lock, {name: candidate.fingerprint}, against.fingerprint, config.gate.digest, charged)
    spent = budget([*looks, look], lock, config.gate.uses)
    labels = peoples_labels(candidate, against, (runs[name][0], runs[base][0]), config)
    verdict = decide(
        candidate, against, runs, candidate.suite.items(Split.TEST), config.primary_metric, config.gate, spent, labels
    )
    record(config.ledger_path, Look(**{**vars(look), "verdict": verdict.decision}))
    write_gate(verdict, {"junit": junit, "markdown": markdown, "json": json_file})
    if as_json:
        print_json(verdict)
    else:
        render_gate(verdict, console)
    return EXIT_CODES[verdict.decision]
