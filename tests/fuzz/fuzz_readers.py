"""Every reader of the harness with a valid file of its kind, for the tests in small and ``benchmarks/fuzz.py`` in large."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fuzz_reader import Read, Reader, written
from fuzz_suite_readers import settings_readers, suite_readers

from harness.journal import checked, with_checksum


def readers(work: Path) -> dict[str, Reader]:
    """All readers by name, on files in the empty folder ``work``."""
    made: dict[str, Reader] = {}
    for some in (suite_readers, settings_readers, _runs, _imports, _judge, _corrections, _gate, _labels):
        made |= some(work)
    return made


def _runs(work: Path) -> dict[str, Reader]:
    from harness.engines.recorded import read_answers
    from harness.runs.store import Run, Sample, list_runs, run_key
    from harness.runs.usage import total_usage

    identity = {"engine": "recorded", "answers": "0"}
    run = Run(work / "runs" / run_key(identity, "shop", "test", "0"))
    run.folder.mkdir(parents=True)
    suite = {"name": "shop", "split": "test", "questions": "0"}
    run.begin(
        {
            "candidate": {"name": "a", "fingerprint": "0", "identity": identity, "settings": {}},
            "suite": suite,
            "harness": "0",
            "engine": {"engine": "recorded"},
            "adapter_proof": None,
            "plan": [["x", "y"]],
        }
    )
    run.append([Sample("x", 0, "p", "c"), Sample("y", 0, "p", "c", "d", "s")])
    run.finish()
    run.write_scores({"x": {"correct": 1.0}, "y": {"correct": 0.0}}, "0", {"correct": 1})
    stored = {name: (run.folder / name).read_bytes() for name in ("manifest.json", "samples.jsonl", "scores.jsonl")}

    # As harness 0.1 wrote it: a digest over the whole would refuse every change before anything else is read.
    manifest_row = json.loads(stored["manifest.json"])
    manifest_row.pop("digest", None)
    stored["manifest.json"] = json.dumps(manifest_row).encode()

    def restored(name: str, read: Callable[[], object]) -> Reader:
        def written(content: bytes) -> object:
            for other, kept in stored.items():
                (run.folder / other).write_bytes(content if other == name else kept)
            return read()

        return Reader(written, stored[name])

    def manifest() -> object:
        for listed in list_runs([work / "runs"]):
            _ = listed.manifest(), listed.complete
        return run.verify(), run.verify_plan()

    def resumed() -> object:
        return run.recover(), run.samples()

    killed = restored("samples.jsonl", resumed)
    usage = written(run.folder / "usage.jsonl", lambda _: total_usage(run))
    answer = {"id": "x", "completion": "<output>Ya.</output>", "author_kind": "model", "source": "s"}
    return {
        "run manifest": restored("manifest.json", manifest),
        "run samples": restored("samples.jsonl", lambda: (run.samples(), run.verify_plan())),
        "run samples after a kill": Reader(
            lambda content: killed.read(_checksummed(content)), _plain(stored["samples.jsonl"])
        ),
        "run scores": restored("scores.jsonl", run.scores),
        "run usage": Reader(
            lambda content: usage(_checksummed(content)),
            b'{"prompt_tokens": 3, "completion_tokens": 4, "dollars": 0.1, "served": "m"}\n',
        ),
        "recorded answers": Reader(written(work / "answers.jsonl", read_answers), json.dumps(answer).encode() + b"\n"),
    }


def _plain(lines: bytes) -> bytes:
    """Lines without the checksums that `with_checksum` gave them."""
    return b"\n".join(line if (plain := checked(line)) is None else plain for line in lines.split(b"\n"))


def _checksummed(content: bytes) -> bytes:
    """Every line that could be an object with a right checksum: what a hostile store would hold."""
    return b"\n".join(
        with_checksum(line.decode("utf-8")).encode() if line.endswith(b"}") and _is_text(line) else line
        for line in content.split(b"\n")
    )


def _is_text(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _imports(work: Path) -> dict[str, Reader]:
    from harness.data.importing import read_names
    from harness.data.scrub import Scrubber
    from harness.data.sources import read_source
    from harness.runs.importing import read_outputs

    scrubber = Scrubber(frozenset({"help@example.com"}), ("Budi Santoso",), frozenset({"paket"}))

    def source(path: Path) -> object:
        return [
            scrubber.scrub(text)
            for record in read_source(str(path), {}, frozenset({"help@example.com"}))
            for text in record.texts.values()
        ]

    row = {"problem": "Berapa harga, kata Budi Santoso, 0812-3456-7890?", "expected_answer": "Rp25.000."}
    sample = {"doc": {"item": json.dumps({"id": "x"})}, "resps": [["<output>Ya.</output>"]]}
    mbox = (
        b"From a Mon Jan  1 00:00:00 2024\nFrom: Budi <budi@example.org>\nTo: help@example.com\nSubject: =?utf-8?q?harga?=\n"
        b"Message-ID: <1@x>\nContent-Type: text/plain; charset=utf-8\n\nBerapa harganya?\n\nSalam,\nBudi\n\n"
        b"From b Mon Jan  1 00:00:00 2024\nFrom: help@example.com\nIn-Reply-To: <1@x>\n"
        b'Content-Type: multipart/mixed; boundary="q"\n\n--q\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n'
        + base64.b64encode(b"Rp25.000.\n\nPada Senin Budi menulis:\n> Berapa harganya?\n")
        + b"\n--q--\n"
    )
    markdown = b"# Harga\n\n## Berapa harganya?\n\nRp25.000.\n\n- Q: Buka?\n  A: Ya.\n\nT: Tutup?\nJ: **Tidak**.\n"
    rows = json.dumps(row).encode()
    return {
        "import CSV": Reader(
            written(work / "in.csv", source), b'problem,expected_answer\n"Berapa, ya?",Rp25.000\nBuka?,Ya\n'
        ),
        "import JSON": Reader(written(work / "in.json", source), b"[" + rows + b",\n" + rows + b"]"),
        "import JSON Lines": Reader(written(work / "in.jsonl", source), rows + b"\n" + rows + b"\n"),
        "import mbox": Reader(written(work / "in.mbox", source), mbox),
        "import Markdown": Reader(written(work / "in.md", source), markdown),
        "import names": Reader(written(work / "names.txt", read_names), b"Budi Santoso\nAni\n"),
        "import answers": Reader(
            written(work / "out.jsonl", lambda path: read_outputs(path, {"x", "y"})),
            b'{"id": "y", "output": "Ya."}\n' + json.dumps(sample).encode() + b"\n",
        ),
    }


def _judge(work: Path) -> dict[str, Reader]:
    from harness.scoring.judge.pairing import read_pairs
    from harness.scoring.judge.record import read_judgements
    from harness.scoring.judge.reply import read_body, read_reply

    graded = {"reason": "It says so.", "score": 4}
    said = {
        "verdict_reason": "r", "verdict": "correct", "politeness": graded, "conciseness": graded, "clarity": graded,
        "reasoning_reason": "r", "reasoning": "sound",
    }  # fmt: skip
    text = json.dumps(said)
    part = {"type": "output_text", "text": text, "annotations": []}
    responses = {
        "model": "gpt-5", "status": "completed", "incomplete_details": None, "error": None,
        "output": [{"type": "reasoning", "summary": []}, {"type": "message", "content": [part]}],
        "usage": {"input_tokens": 9, "output_tokens": 3, "input_tokens_details": {"cached_tokens": 1}},
    }  # fmt: skip
    chat = {
        "model": "gpt-5", "choices": [{"finish_reason": "stop", "message": {"content": text, "refusal": None}}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 3},
    }  # fmt: skip

    pair = {
        "item": "x", "run": "0", "other_run": "1", "forward": "first", "backward": "second", "reasons": ["a", "b"],
        "reply_keys": ["c", "d"], "length": 1, "other_length": 2, "failed": False,
    }  # fmt: skip

    def body(api: Any) -> Read:
        # The client hands over text that it decoded as HTTP says, broken characters replaced.
        return lambda content: read_body(content.decode("utf-8", "replace"), api, "gpt-5")

    def reply(content: bytes) -> object:
        forms: tuple[Any, ...] = ("judgement", "preference", "correction")
        return [read_reply(content.decode("utf-8", "replace"), form) for form in forms]

    return {
        "judge reply": Reader(reply, text.encode()),
        "judge body, Responses": Reader(body("responses"), json.dumps(responses).encode()),
        "judge body, Chat": Reader(body("chat"), json.dumps(chat).encode()),
        "stored judgements": Reader(written(work / "judgements.jsonl", read_judgements), _judgement_line()),
        "stored preferences": Reader(written(work / "pairs.jsonl", read_pairs), json.dumps(pair).encode() + b"\n"),
    }


def _judgement_line() -> bytes:
    from harness.scoring.judge.record import Judgement

    zero = {
        "verdict": "correct",
        "scales": None,
        "reasons": {},
        "reasoning": "absent",
        "failed": False,
        "delivered": True,
    }
    others = {"knowledge": (), "tokens_in": 0, "tokens_out": 0, "dollars": None, "seconds": None}
    return json.dumps({**dict.fromkeys(Judgement.model_fields, "0"), **zero, **others}).encode() + b"\n"


def _corrections(work: Path) -> dict[str, Reader]:
    from harness.corrections.dataset import Dataset
    from harness.corrections.record import load_corrections

    attempt = {
        "item": "x", "problem": "Berapa?", "language": "id", "think": "t", "output": "Rp25.000.", "completion": "c",
        "rejected": "r", "run": "0", "candidate": "a", "fingerprint": "0", "wrong_by": "correct", "teacher": "t",
        "teacher_sha256": "0", "model": "m", "author_kind": "model", "author": "m", "knowledge": ["price.basic"],
        "scorers": {"correct": 4}, "instruments": ["correct"], "lock": "0",
        "cost": {"tokens_in": 1, "tokens_out": 2, "dollars": 0.1}, "created": "2026-01-01",
    }  # fmt: skip
    dataset = Dataset(work, "d")
    rewrite = {
        "task": 1,
        "think": "t",
        "output": "o",
        "reviewer": "r",
        "author_kind": "person",
        "created": "2026-01-01",
    }
    return {
        "corrections": Reader(written(dataset.path, load_corrections), json.dumps(attempt).encode() + b"\n"),
        "refused corrections": Reader(
            written(dataset.refused_path, lambda _: dataset.refusals()),
            json.dumps({**attempt, "reasons": ["r"]}).encode() + b"\n",
        ),
        "rewritten corrections": Reader(
            written(dataset.rewrites_path, lambda _: dataset.rewrites()), json.dumps(rewrite).encode() + b"\n"
        ),
    }


def _gate(work: Path) -> dict[str, Reader]:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    from securesystemslib.dsse import Envelope
    from securesystemslib.signer import CryptoSigner

    from harness.gate.attest import PAYLOAD_TYPE, STATEMENT, TEST_RESULT, differences, read_attestation
    from harness.gate.ledger import read_ledger

    key = Ed25519PrivateKey.generate()
    signer = CryptoSigner(key)
    public = work / "gate.pub"
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    verdict = {
        "decision": "BLOCK", "candidate": "a", "baseline": "b", "fingerprint": "0", "baseline_fingerprint": "1", "suite": "shop",
        "split": "test", "lock": "0", "items": 1, "items_left_out": 0, "primary": "correct", "judge": "none", "policy": {},
        "policy_digest": "0", "level": 0.05, "uses_planned": 1, "uses_left": 1, "summary": "s",
        "conditions": [{"name": "n", "result": "fail", "figure": "f", "threshold": "t", "reason": "r", "settle": None}],
    }  # fmt: skip
    content = {
        "_type": STATEMENT, "predicateType": TEST_RESULT, "subject": [],
        "predicate": {
            "verdict": verdict,
            "configuration": [{"name": "ledger", "digest": {"sha256": "0"}, "annotations": {"bytes": 1}}],
        },
    }  # fmt: skip

    def envelope(payload: bytes) -> bytes:
        made = Envelope(payload, PAYLOAD_TYPE, {})
        made.sign(signer)
        return json.dumps(made.to_dict()).encode()

    def attested(path: Path) -> object:
        found = read_attestation(path, public)
        return differences(found.inputs, {"ledger": "1"}), found.ledger_bytes + 1

    write = written(work / "verdict.json", attested)
    (work / "signed.json").write_bytes(envelope(json.dumps(content).encode()))
    look = {
        "what": "gate", "lock": "0", "candidates": {"a": "0"}, "baseline": "1", "policy": "p", "charged": ["0"],
        "verdict": "BLOCK", "when": "2026-01-01T00:00:00+00:00",
    }  # fmt: skip

    def ledger(path: Path) -> object:
        looks = read_ledger(path)
        return [each.key for each in looks]

    return {
        "ledger": Reader(written(work / "ledger.jsonl", ledger), json.dumps(look).encode() + b"\n"),
        "attestation": Reader(write, envelope(json.dumps(content).encode())),
        "signed statement": Reader(lambda payload: write(envelope(payload)), json.dumps(content).encode()),
        "public key": Reader(
            written(work / "other.pub", lambda path: read_attestation(work / "signed.json", path)), public.read_bytes()
        ),
    }


def _labels(work: Path) -> dict[str, Reader]:
    from io import BytesIO

    from openpyxl import Workbook

    from harness.labels.importing import read_sheet
    from harness.suite.item import Split
    from harness.suite.suite import Suite

    item = Suite("shop", work / "suites" / "shop").items(Split.TEST)[0]

    def sheet(path: Path) -> object:
        lookup = lambda candidate, split: ("0", {item.id: "<output>Ya.</output>"})  # noqa: E731
        return read_sheet(path, {item.id: (Split.TEST, item)}, lookup, "r", {})

    rows = [
        ("item", "candidate", "verdict", "politeness", "comment", "seconds"),
        (item.id, "a", "benar", 4, "=1+1", 3.5),
    ]
    book, file = Workbook(), BytesIO()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    book.save(file)
    text = "\n".join(",".join(map(str, row)) for row in rows)
    return {
        "label sheet, CSV": Reader(written(work / "labels.csv", sheet), text.encode() + b"\n"),
        "label sheet, XLSX": Reader(written(work / "labels.xlsx", sheet), file.getvalue()),
    }
