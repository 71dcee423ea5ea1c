"""``harness runs``: what is stored, and whether it can be trusted."""

import random
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click
from rich.markup import escape
from rich.table import Table

from harness.candidates.candidate import Candidate, get_candidate
from harness.cli.common import (
    answering_progress,
    as_json_option,
    console,
    current_config,
    named_run,
    print_json,
    split_option,
)
from harness.cli.completing import candidate_names, run_names
from harness.cli.runs_export import command as export_command
from harness.config import Config
from harness.errors import InputError, IntegrityError
from harness.runs.answering import complete_runs, run_folders, score_samples, stored_run
from harness.runs.store import Run, list_runs
from harness.scoring import scorer_versions
from harness.suite.item import Split
from harness.suite.lock import verify as verify_lock
from harness.suite.suite import load_suite


@click.group("runs", help="List, show, verify, spot-check and rescore stored runs.")
def command() -> None:
    """Group of the commands below."""


command.add_command(export_command)


def _row(run: Run) -> dict[str, Any]:
    manifest = run.manifest()
    planned = sum(map(len, manifest["plan"]))
    return {
        "run": run.key,
        "candidate": manifest["candidate"]["name"],
        "suite": manifest["suite"]["name"],
        "split": manifest["suite"]["split"],
        "answers": planned,
        "complete": run.complete,
        "device": manifest["engine"].get("device", "recorded"),
        "created": manifest["created"],
        "folder": str(run.folder),
    }


@command.command("list")
@as_json_option
@click.pass_context
def list_command(ctx: click.Context, as_json: bool) -> None:
    """List stored runs."""
    rows = [_row(run) for run in list_runs(run_folders(current_config(ctx)))]
    if as_json:
        print_json(rows)
        return
    table = Table(box=None, pad_edge=False)
    for name in ("run", "candidate", "split", "answers", "complete", "device", "created"):
        table.add_column(name, justify="right" if name == "answers" else "left")
    for row in rows:
        complete = "yes" if row["complete"] else "no"
        table.add_row(
            row["run"][:12],
            escape(row["candidate"]),
            escape(row["split"]),
            str(row["answers"]),
            complete,
            escape(row["device"]),
            escape(row["created"]),
        )
    console.print(table)


@command.command("show")
@click.argument("key", shell_complete=run_names)
@as_json_option
@click.pass_context
def show_command(ctx: click.Context, key: str, as_json: bool) -> None:
    """Show the manifest of run KEY (its first digits do)."""
    run = named_run(key, current_config(ctx))
    manifest = {**run.manifest(), "folder": str(run.folder)}
    if as_json:
        print_json(manifest)
        return
    for name, value in manifest.items():
        shown = f"{len(value)} batches" if name == "plan" else value
        console.print(f"[bold]{escape(name)}[/bold]: {escape(str(shown))}", highlight=False)


@command.command("verify")
@click.argument("keys", nargs=-1, shell_complete=run_names)
@click.option("--attestation", type=click.Path(path_type=Path), help="Check a signed verdict and all that it rests on.")
@click.option("--key", type=click.Path(path_type=Path), help="PEM public key that must have signed it.")
@as_json_option
@click.pass_context
def verify_command(
    ctx: click.Context, keys: tuple[str, ...], attestation: Path | None, key: Path | None, as_json: bool
) -> None:
    """Check hashes, plan and scores of runs (default: all). Scores are computed again from the stored answers.

    With --attestation: that --key signed the verdict, and that candidate, baseline, lock, policy, runs and ledger are
    those it was decided on.
    """
    config = current_config(ctx)
    if attestation is not None:
        _verify_attestation(attestation, key, config, as_json)
        return
    runs = [named_run(key, config) for key in keys] or list_runs(run_folders(config))
    for run in runs:
        _verify(run, config)
    if as_json:
        print_json([{"run": run.key, "verified": True} for run in runs])
    else:
        console.print(f"{len(runs)} runs verified: hashes, plans and recomputed scores agree.")


def _verify(run: Run, config: Config) -> None:
    manifest = run.verify()
    run.verify_plan()
    suite = load_suite(manifest["suite"]["name"], config.root / config.tasks if config.tasks else None)
    lock = verify_lock(suite)["sha256"]
    if manifest["scores"]["lock"] != lock or manifest["scores"]["scorers"] != scorer_versions():
        raise IntegrityError(
            f"{run.folder}: scored with other gold or scorers; score it anew: harness runs rescore {run.key[:12]}"
        )
    items = {item.id: item for item in suite.items(Split(manifest["suite"]["split"]))}
    again = score_samples(run.samples(), items, suite)
    for item_id, scores in run.scores().items():
        if any(abs(again[item_id][name] - value) > 1e-6 for name, value in scores.items()):
            raise IntegrityError(f"{run.folder}: the stored scores of {item_id} are not those of its answer")


def _verify_attestation(path: Path, key: Path | None, config: Config, as_json: bool) -> None:
    if key is None:
        raise InputError("--attestation is checked against a public key; name it with --key")
    try:
        from harness.gate.attest import differences, inputs, read_attestation
    except ModuleNotFoundError as error:
        raise InputError(
            f"--attestation needs {error.name}; run: pip install -c constraints.txt -e '.[attest]'"
        ) from None
    attested = read_attestation(path, key)
    verdict = attested.verdict
    candidate, baseline = (get_candidate(name, config) for name in (verdict.candidate, verdict.baseline))
    runs = {each.name: [stored_run(each, Split(verdict.split), config)] for each in (candidate, baseline)}
    for run in (run for of_one in runs.values() for run in of_one):
        _verify(run, config)
    present = replace(
        verdict,
        fingerprint=candidate.fingerprint,
        baseline_fingerprint=baseline.fingerprint,
        lock=verify_lock(candidate.suite)["sha256"],
        policy_digest=config.gate.digest,
    )
    changed = differences(attested.inputs, inputs(present, runs, config.ledger_path, attested.ledger_bytes))
    if changed:
        raise IntegrityError(
            f"{path}: signed, but what it was decided on has changed: {', '.join(changed)}; decide anew: "
            f"harness gate {verdict.candidate} --baseline {verdict.baseline}"
        )
    if as_json:
        print_json({"attestation": str(path), "verified": True, "decision": verdict.decision, "key": attested.key_id})
    else:
        console.print(
            f"{verdict.decision} for {verdict.candidate} against {verdict.baseline}, signed by key {attested.key_id[:12]}; "
            f"all {len(attested.inputs)} inputs are as attested.",
            highlight=False,
            markup=False,
        )


@command.command("rescore")
@click.argument("keys", nargs=-1, shell_complete=run_names, required=True)
@click.pass_context
def rescore_command(ctx: click.Context, keys: tuple[str, ...]) -> None:
    """Score stored answers again after the gold or a scorer changed; nothing is generated."""
    config = current_config(ctx)
    for key in keys:
        run = named_run(key, config)
        name = run.manifest()["suite"]
        suite = load_suite(name["name"], config.root / config.tasks if config.tasks else None)
        items = {item.id: item for item in suite.items(Split(name["split"]))}
        with run.locked():
            run.write_scores(
                score_samples(run.samples(), items, suite), verify_lock(suite)["sha256"], scorer_versions()
            )
        console.print(f"{run.key[:12]} scored again")


@command.command("spot-check")
@click.argument("names", nargs=-1, required=True, metavar="CANDIDATE...", shell_complete=candidate_names)
@split_option
@click.option("--samples", default=40, show_default=True, help="Answers to regenerate, shared among the candidates.")
@click.option("--seed", type=int, help="Choose the same answers again [default: random].")
@as_json_option
@click.pass_context
def spot_check_command(
    ctx: click.Context, names: tuple[str, ...], split: str, samples: int, seed: int | None, as_json: bool
) -> None:
    """Regenerate random answers of CANDIDATE... live and report how many come out identical."""
    config = current_config(ctx)
    candidates = [get_candidate(name, config) for name in names]
    generated = [candidate for candidate in candidates if candidate.local]
    if not generated:
        raise InputError(
            "recorded answers cannot be regenerated, nor served ones for nothing; name a candidate with a model"
        )
    chosen = random.SystemRandom().randrange(2**31) if seed is None else seed
    with answering_progress() as progress:
        runs = complete_runs(generated, Split(split), config, progress=progress)
        checks = check_runs(generated, runs, Split(split), max(1, samples // len(generated)), chosen, config, progress)
    if as_json:
        print_json([asdict(check) for check in checks])
        return
    for check in checks:
        console.print(
            f"{check.candidate}: {check.identical} of {check.samples} answers identical, "
            f"{check.same_verdict} of {check.samples} with the same verdict (seed {check.seed}, {check.device})",
            markup=False,
        )


def check_runs(
    candidates: Sequence[Candidate],
    runs: dict[str, Run],
    split: Split,
    share: int,
    seed: int,
    config: Config,
    progress: Any,
) -> list[Any]:
    """Spot-check each candidate's run with ``share`` answers; candidates of one base share the loaded model."""
    from harness.engines import open_engine
    from harness.runs.spot_check import remember, spot_check

    checks = []
    engines: dict[tuple[Any, ...], Any] = {}
    for candidate in candidates:
        shared = candidate.shared_engine
        if shared not in engines:
            progress(candidate.name, "load", 0, 1)
            engines[shared] = open_engine([each for each in candidates if each.shared_engine == shared])
            progress(candidate.name, "load", 1, 1)
        check = spot_check(
            candidate, runs[candidate.name], engines[shared], split, share, seed, config.primary_metric, progress
        )
        remember(check, config)
        checks.append(check)
    return checks
