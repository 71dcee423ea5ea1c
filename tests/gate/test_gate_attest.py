"""A signed verdict: anyone can check the signature, and any change of what it rests on is named."""

import base64
import json
from pathlib import Path

import pytest
from conftest import Harness
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_public_key,
)


def write_keys(folder: Path, name: str) -> tuple[Path, Path]:
    key = Ed25519PrivateKey.generate()
    private, public = folder / f"{name}.key", folder / f"{name}.pub"
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return private, public


@pytest.fixture
def attested(project: Path, harness: Harness) -> Path:
    """The small project with stored runs and a signed verdict, ``verdict.json``."""
    with (project / "harness.toml").open("a", encoding="utf-8") as file:
        file.write("[gate]\nmargin = 0.1\nfloors = {}\nceilings = {}\n")
    assert harness(project, "run", "gold", "half").returncode == 0
    private, _ = write_keys(project, "gate")
    gate = ("gate", "gold", "--baseline", "half", "--attest", str(project / "verdict.json"), "--key", str(private))
    assert harness(project, *gate).returncode == 3
    return project


def check(project: Path, harness: Harness, key: str = "gate") -> tuple[int, str]:
    asked = ("runs", "verify", "--attestation", str(project / "verdict.json"), "--key", str(project / f"{key}.pub"))
    found = harness(project, *asked)
    return found.returncode, found.stdout + found.stderr


def test_the_statement_is_intoto_and_its_signature_holds_outside_the_library(attested: Path) -> None:
    envelope = json.loads((attested / "verdict.json").read_text())
    payload = base64.b64decode(envelope["payload"])
    kind = envelope["payloadType"].encode()
    signed = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
    public = load_pem_public_key((attested / "gate.pub").read_bytes())
    assert isinstance(public, Ed25519PublicKey)
    public.verify(base64.b64decode(envelope["signatures"][0]["sig"]), signed)
    content = json.loads(payload)
    predicate = content["predicate"]
    assert content["_type"] == "https://in-toto.io/Statement/v1"
    assert predicate["result"] == "WARNED"
    assert content["subject"][0]["digest"]["sha256"] == predicate["verdict"]["fingerprint"]
    conditions = predicate["passedTests"] + predicate["warnedTests"] + predicate["failedTests"]
    assert sorted(conditions) == sorted(each["name"] for each in predicate["verdict"]["conditions"])


def test_an_untouched_verdict_is_verified_and_later_looks_do_not_spoil_it(attested: Path, harness: Harness) -> None:
    code, said = check(attested, harness)
    assert code == 0, said
    harness(attested, "compare", "half", "gold")
    code, said = check(attested, harness)
    assert code == 0
    assert "INCONCLUSIVE for gold against half" in said


def test_another_key_or_an_edited_statement_is_refused(attested: Path, harness: Harness) -> None:
    write_keys(attested, "other")
    code, said = check(attested, harness, "other")
    assert (code, "not signed by" in said) == (4, True)
    path = attested / "verdict.json"
    envelope = json.loads(path.read_text())
    payload = base64.b64decode(envelope["payload"]).replace(b"WARNED", b"PASSED")
    path.write_text(json.dumps(envelope | {"payload": base64.b64encode(payload).decode()}))
    code, said = check(attested, harness)
    assert (code, "changed since" in said) == (4, True)
    path.write_text("{}")
    assert check(attested, harness)[0] == 4


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (".harness/runs/*/samples.jsonl", "Rp", "Rq"),
        (".harness/runs/*/scores.jsonl", '"correct": 0.0', '"correct": 1.0'),
        (".harness/runs/*/manifest.json", '"created": "2', '"created": "1'),
        ("tasks/facencial/lock.json", '"version": 2', '"version": 3'),
        ("harness.toml", "margin = 0.1", "margin = 0.2"),
        ("ledger.jsonl", "INCONCLUSIVE", "RELEASE"),
    ],
)
def test_one_edit_of_what_it_rests_on_is_found(attested: Path, harness: Harness, file: str, old: str, new: str) -> None:
    edited = 0
    for path in attested.glob(file):
        text = path.read_text(encoding="utf-8")
        if old in text and not edited:
            path.write_text(text.replace(old, new, 1), encoding="utf-8")
            edited += 1
    assert edited == 1
    code, said = check(attested, harness)
    assert (code, said.count("\n")) == (4, 1)


def test_a_missing_key_costs_no_use(project: Path, harness: Harness) -> None:
    assert harness(project, "run", "gold", "half").returncode == 0
    for key in ((), ("--key", str(project / "none.key")), ("--key", str(project / "harness.toml"))):
        found = harness(project, "gate", "gold", "--baseline", "half", "--attest", "v.json", *key)
        assert (found.returncode, found.stderr.count("\n")) == (2, 1)
    assert not (project / "ledger.jsonl").exists()
