"""``harness gate``."""

from pathlib import Path
from typing import Any

import click

from harness.cli.common import as_json_option, console, current_config, print_json
from harness.cli.completing import candidate_names
from harness.errors import InputError


@click.command("gate")
@click.argument("name", metavar="CANDIDATE", shell_complete=candidate_names)
@click.option("--baseline", shell_complete=candidate_names, help="Candidate on sale today [default: the file's].")
@click.option("--junit", type=click.Path(path_type=Path), help="Write the conditions as JUnit XML.")
@click.option("--markdown", type=click.Path(path_type=Path), help="Write a pull-request comment or step summary.")
@click.option(
    "--json-file", type=click.Path(path_type=Path), help="Write the verdict as JSON (docs/schemas/gate.json)."
)
@click.option("--attest", type=click.Path(path_type=Path), help="Write the verdict as a signed in-toto statement.")
@click.option(
    "--key",
    type=click.Path(path_type=Path),
    envvar="HARNESS_SIGNING_KEY",
    show_envvar=True,
    help="PEM private key that signs it.",
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
    attest: Path | None,
    key: Path | None,
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
    from harness.suite.lock import TestSet, verify

    config = current_config(ctx)
    base = baseline or config.baseline
    if name == base:
        raise InputError(f"{name} is the baseline; name a candidate, or another --baseline")
    candidate, against = get_candidate(name, config), get_candidate(base, config)
    signer = _signer(attest, key)
    check_policy(config.gate, list(ALL_METRICS), candidate.suite.domains())
    test = TestSet.of(verify(candidate.suite))
    runs = {each.name: [stored_run(each, Split.TEST, config)] for each in (candidate, against)}
    looks = read_ledger(config.ledger_path)
    charged = charge(looks, test, candidate.fingerprint, config.gate.digest, against.fingerprint)
    look = Look(
        "gate", test.lock, {name: candidate.fingerprint}, against.fingerprint, config.gate.digest, charged,
        questions=test.questions,
    )  # fmt: skip
    spent = budget([*looks, look], test, config.gate.uses)
    labels = peoples_labels(candidate, against, (runs[name][0], runs[base][0]), config)
    verdict = decide(
        candidate, against, runs, candidate.suite.columns(Split.TEST), config.primary_metric, config.gate, spent, labels
    )
    record(config.ledger_path, Look(**{**vars(look), "verdict": verdict.decision}))
    if attest and signer:
        from harness.gate.attest import inputs, sign, statement

        size = config.ledger_path.stat().st_size
        sign(statement(verdict, inputs(verdict, runs, config.ledger_path, size), size), signer, attest)
    write_gate(verdict, {"junit": junit, "markdown": markdown, "json": json_file})
    if as_json:
        print_json(verdict)
    else:
        render_gate(verdict, console)
    return EXIT_CODES[verdict.decision]


def _signer(attest: Path | None, key: Path | None) -> Any:
    """The signer, before the look is charged: a missing key must not cost a use."""
    if attest is None:
        return None
    if key is None:
        raise InputError("--attest signs with a local key; name it with --key or HARNESS_SIGNING_KEY")
    try:
        from harness.gate.attest import load_signer
    except ModuleNotFoundError as error:
        raise InputError(f"--attest needs {error.name}; run: pip install -c constraints.txt -e '.[attest]'") from None
    return load_signer(key)
