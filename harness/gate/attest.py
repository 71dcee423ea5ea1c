"""A gate's verdict as a signed in-toto statement: who relies on a release can check what it was decided on.

Statement v1 with the test-result predicate v0.1 (https://github.com/in-toto/attestation), in a DSSE envelope signed with a
local key. The subject is the candidate by its fingerprint; the configuration names every input of the verdict by SHA-256: the
baseline, lock, policy, the three files of each run, and the ledger as far as it went. The verdict stands in the predicate
whole, as `harness gate --json-file` writes it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import CryptoSigner, SSlibKey

from harness.errors import InputError, IntegrityError
from harness.gate.decide import Decision, GateVerdict
from harness.hashing import sha256_file
from harness.parsing import parse_json
from harness.runs.store import Run

STATEMENT = "https://in-toto.io/Statement/v1"
TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
RESULTS: Mapping[Decision, str] = {"RELEASE": "PASSED", "INCONCLUSIVE": "WARNED", "BLOCK": "FAILED"}
_MAKE_KEY = (
    "make one: openssl genpkey -algorithm ed25519 -out gate.key; openssl pkey -in gate.key -pubout -out gate.pub"
)

Inputs = Mapping[str, str]
"""SHA-256 by the name of what a verdict was decided on."""


@dataclass(frozen=True)
class Attested:
    """A statement whose signature holds. ``inputs`` are still to be compared with what is stored."""

    verdict: GateVerdict
    inputs: Inputs
    ledger_bytes: int
    key_id: str


def inputs(verdict: GateVerdict, runs: Mapping[str, Sequence[Run]], ledger: Path, ledger_bytes: int) -> dict[str, str]:
    """What ``verdict`` rests on, by content: identities that it states, files of its runs, the first bytes of the ledger."""
    found = {
        f"candidate {verdict.candidate}": verdict.fingerprint,
        f"baseline {verdict.baseline}": verdict.baseline_fingerprint,
        f"lock {verdict.suite}": verdict.lock,
        "policy": verdict.policy_digest,
    }
    for run in (run for of_one in runs.values() for run in of_one):
        for name in ("manifest.json", "samples.jsonl", "scores.jsonl"):
            path = run.folder / name
            found[f"runs/{run.key}/{name}"] = sha256_file(path) if path.is_file() else "missing"
    read = ledger.read_bytes()[:ledger_bytes] if ledger.is_file() else b""
    found["ledger"] = hashlib.sha256(read).hexdigest()
    return found


def statement(verdict: GateVerdict, given: Inputs, ledger_bytes: int) -> dict[str, Any]:
    """The in-toto statement of a verdict."""
    tests: dict[str, list[str]] = {"pass": [], "unknown": [], "fail": []}
    for condition in verdict.conditions:
        tests[condition.result].append(condition.name)
    configuration: list[dict[str, Any]] = [{"name": name, "digest": {"sha256": value}} for name, value in given.items()]
    for each in configuration:
        if each["name"] == "ledger":
            each["annotations"] = {"bytes": ledger_bytes}  # it grows afterwards: what was there then must stay
    return {
        "_type": STATEMENT,
        "subject": [{"name": verdict.candidate, "digest": {"sha256": verdict.fingerprint}}],
        "predicateType": TEST_RESULT,
        "predicate": {
            "result": RESULTS[verdict.decision],
            "configuration": configuration,
            "passedTests": tests["pass"],
            "warnedTests": tests["unknown"],
            "failedTests": tests["fail"],
            "verdict": TypeAdapter(GateVerdict).dump_python(verdict, mode="json"),
        },
    }


def load_signer(path: Path) -> CryptoSigner:
    """The signer of a PEM private key (Ed25519, ECDSA or RSA). Raises `InputError` where it is none."""
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        return CryptoSigner(load_pem_private_key(path.read_bytes(), password=None))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); {_MAKE_KEY}") from None
    except (ValueError, TypeError):  # also an encrypted key: it needs a password
        raise InputError(f"{path}: not an unencrypted PEM private key; {_MAKE_KEY}") from None


def sign(content: Mapping[str, Any], signer: CryptoSigner, path: Path) -> None:
    """Write ``content`` as a signed envelope."""
    envelope = Envelope(json.dumps(content, ensure_ascii=False).encode(), PAYLOAD_TYPE, {})
    envelope.sign(signer)
    try:
        path.write_text(json.dumps(envelope.to_dict(), indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: cannot write the attestation ({error.strerror}); run the gate again") from None


def read_attestation(path: Path, public_key: Path) -> Attested:
    """The statement in ``path``. Raises `IntegrityError` where the key did not sign it, or it is no verdict of a gate."""
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = SSlibKey.from_crypto(load_pem_public_key(public_key.read_bytes()))
    except OSError as error:
        raise InputError(f"{public_key}: cannot be read ({error.strerror}); name the public key") from None
    except ValueError:
        raise InputError(f"{public_key}: not a PEM public key; openssl pkey -in gate.key -pubout writes it") from None
    try:
        envelope = Envelope.from_dict(parse_json(path.read_bytes()))
        envelope.verify([key], threshold=1)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    except VerificationError:
        raise IntegrityError(f"{path}: not signed by {public_key}, or changed since; do not rely on it") from None
    except Exception:  # any shape of broken envelope: the library raises a dozen kinds
        raise IntegrityError(f"{path}: not a signed statement; do not rely on it") from None
    try:
        content = parse_json(envelope.payload)
        if (envelope.payload_type, content["_type"], content["predicateType"]) != (
            PAYLOAD_TYPE,
            STATEMENT,
            TEST_RESULT,
        ):
            raise ValueError
        predicate = content["predicate"]
        named = {each["name"]: each["digest"]["sha256"] for each in predicate["configuration"]}
        size = next(each["annotations"]["bytes"] for each in predicate["configuration"] if each["name"] == "ledger")
        verdict = TypeAdapter(GateVerdict).validate_python(predicate["verdict"])
        if type(size) is not int or not all(isinstance(each, str) for pair in named.items() for each in pair):
            raise ValueError
    except (KeyError, TypeError, ValueError, StopIteration):
        raise IntegrityError(f"{path}: signed, but not the statement of a gate; do not rely on it") from None
    return Attested(verdict, named, size, key.keyid)


def differences(attested: Inputs, now: Inputs) -> list[str]:
    """Names of inputs that are not what they were, or no longer named."""
    return [name for name in {**attested, **now} if attested.get(name) != now.get(name)]
