"""Judging at scale against the scripted server: throughput, memory, kills, faults.

    python benchmarks/judge_throughput.py [--judgements 2000] [--concurrency 64] [--delay 0.3] [--kills 20]

Server and judge are processes of their own. Prints the share of the ideal throughput (``concurrency / delay`` replies a
second), the judge's peak memory, what a run killed at random moments bought twice, and what becomes of 10% faults. Nothing
asserts a time.
"""

import argparse
import asyncio
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


def project(folder: Path) -> None:
    """A project with one complete run of 2,880 different answers, on the test split's questions three times over."""
    from harness.suite.lock import write_lock
    from harness.suite.suite import Suite

    shutil.copytree(ROOT / "tasks" / "facencial", folder / "tasks" / "facencial")
    suite = Suite("facencial", folder / "tasks" / "facencial")
    ids = []
    for path in sorted((suite.root / "data/test").glob("*.jsonl")):
        items = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        more = [{**item, "id": f"{item['id']}-{copy}"} for copy in range(3) for item in items]
        path.write_text("".join(json.dumps(item, ensure_ascii=False) + "\n" for item in more), encoding="utf-8")
        ids += [item["id"] for item in more]
    write_lock(suite)
    rows = [
        {
            "id": item_id,
            "completion": f"<think>{number}</think><output>Answer {number}.</output>",
            "author_kind": "model",
            "source": "benchmark",
        }
        for number, item_id in enumerate(ids)
    ]
    (folder / "many.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (folder / "harness.toml").write_text(
        'tasks = "tasks"\nbaseline = "many"\n[candidates.many]\nengine = "recorded"\nanswers = "many.jsonl"\n', "utf-8"
    )
    run([sys.executable, "-m", "harness", "run", "many"], folder)


def run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout


class Server:
    """The scripted server in a process of its own."""

    def __init__(self, delay: float, faults: float) -> None:
        script = ROOT / "tests/judge/server.py"
        command = [sys.executable, str(script), "--delay", str(delay), "--faults", str(faults), "--slow", "3"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout
        self.url = self.process.stdout.readline().strip()

    def stats(self) -> dict[str, Any]:
        with urllib.request.urlopen(self.url.removesuffix("/v1") + "/stats") as reply:
            found: dict[str, Any] = json.load(reply)
        return found

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


def fresh(folder: Path, url: str, concurrency: int) -> None:
    """Configure the judge, and forget all judgements."""
    path = folder / "harness.toml"
    plain = path.read_text("utf-8").partition("[judge]")[0]
    path.write_text(
        f'{plain}[judge]\nmodel = "scripted"\nbase_url = "{url}"\nconcurrency = {concurrency}\nembeddings = 0\n'
        "timeout = 2\nlongest_wait = 1\nprices = { input = 1, output = 10 }\n",
        "utf-8",
    )
    shutil.rmtree(folder / ".harness/judge", ignore_errors=True)
    for judgements in folder.glob(".harness/runs/*/judgements-*"):
        judgements.unlink()


def judge(folder: Path, limit: int) -> list[str]:
    return [sys.executable, "-m", "harness", "judge", "run", "many", "--limit", str(limit), "--json"]


MEASURED = """
import resource, sys, time
from harness.cli import cli
cli.main(sys.argv[1:], standalone_mode=False)
print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB", file=sys.stderr)
print(f"processor {time.process_time():.1f} s", file=sys.stderr)
"""


async def bare(url: str, calls: int, concurrency: int) -> None:
    """The same calls by sockets alone: what this machine gives at this moment."""
    host, port = url.removeprefix("http://").removesuffix("/v1").split(":")
    body = json.dumps({"model": "scripted", "input": [{"role": "user", "content": "x" * 8000}]}).encode()
    head = f"POST /v1/responses HTTP/1.1\r\nhost: {host}\r\ncontent-length: {len(body)}\r\n\r\n".encode()
    left = iter(range(calls))

    async def worker() -> None:
        reader, writer = await asyncio.open_connection(host, int(port))
        for _ in left:
            writer.write(head + body)
            answer = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            await reader.readexactly(int(answer.partition("content-length: ")[2].split("\r\n")[0]))
        writer.close()

    await asyncio.gather(*(worker() for _ in range(concurrency)))


def floor(chosen: argparse.Namespace, ideal: float) -> None:
    server = Server(chosen.delay, 0.0)
    asyncio.run(bare(server.url, chosen.judgements, chosen.concurrency))
    seconds = server.stats()["seconds"]
    server.stop()
    print(f"bare sockets: {ideal / seconds:.1%} of the ideal ({seconds:.2f} s); load {os.getloadavg()[0]:.1f}")


def throughput(folder: Path, chosen: argparse.Namespace, ideal: float) -> None:
    server = Server(chosen.delay, 0.0)
    fresh(folder, server.url, chosen.concurrency)
    command = [sys.executable, "-c", MEASURED, *judge(folder, chosen.judgements)[3:]]
    began = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    whole = time.perf_counter() - began
    peak, processor = (re.search(rf"{name} ([\d.]+)", done.stderr) for name in ("peak", "processor"))
    assert peak
    assert processor
    stats = server.stats()
    server.stop()
    print(
        f"throughput: {chosen.judgements / stats['seconds']:.1f} judgements a second, {ideal / stats['seconds']:.1%} of the "
        f"ideal ({stats['seconds']:.2f} s from the first call to the last reply, whole command {whole:.2f} s, {processor[1]} s "
        f"of processor); peak {peak[1]} MB; {stats['calls']} calls, {stats['most_at_once']} at once; load {os.getloadavg()[0]:.1f}"
    )


def kills(folder: Path, chosen: argparse.Namespace) -> None:
    server = Server(chosen.delay, 0.0)
    fresh(folder, server.url, chosen.concurrency)
    source = random.Random(0)
    killed = 0
    for _ in range(chosen.kills):
        before = server.stats()["calls"]
        process = subprocess.Popen(
            judge(folder, chosen.judgements), cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while server.stats()["calls"] == before and process.poll() is None:
            time.sleep(0.02)
        time.sleep(source.uniform(0.0, 0.7))
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            killed += 1
        process.wait()
    kept = count(folder, "SELECT COUNT(*) FROM replies WHERE usable")
    found = json.loads(run(judge(folder, chosen.judgements), folder))["total"]
    stats = server.stats()
    server.stop()
    twice = count(folder, "SELECT COUNT(*) - COUNT(DISTINCT key) FROM replies")
    print(
        f"kills: {killed} kills, {kept} replies stored before the last run; {stats['calls']} calls for {stats['answered']} "
        f"questions, {stats['bought_again']} asked again (at most {killed * chosen.concurrency} were in flight), {twice} "
        f"stored replies bought twice; {found['correct']} judged, {found['undecided']} undecided"
    )


def count(folder: Path, query: str) -> int:
    with sqlite3.connect(folder / ".harness/judge/replies.sqlite") as db:
        return int(db.execute(query).fetchone()[0])


def faults(folder: Path, chosen: argparse.Namespace) -> None:
    server = Server(chosen.delay, 0.1)
    fresh(folder, server.url, chosen.concurrency)
    began = time.perf_counter()
    found = json.loads(run(judge(folder, chosen.judgements), folder))["total"]
    seconds = time.perf_counter() - began
    stats = server.stats()
    server.stop()
    with_reason = sum(found["why_undecided"].values())
    print(f"faults met: {json.dumps(stats['met'])}")
    print(
        f"faults: {found['judgements']} judgements: {found['correct'] + found['incorrect']} judged, {found['undecided']} "
        f"undecided, {with_reason} of these with a reason ({seconds:.1f} s): {found['why_undecided']}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--judgements", type=int, default=2000, help="at most 2880")
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--delay", type=float, default=0.3)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=3)
    chosen = parser.parse_args()
    ideal = chosen.judgements * chosen.delay / chosen.concurrency
    rounds = -(-chosen.judgements // chosen.concurrency) * chosen.delay
    print(
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; ideal {ideal:.2f} s ({rounds:.2f} s in whole rounds)"
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        project(folder)
        for _ in range(chosen.repeats):
            floor(chosen, ideal)
            throughput(folder, chosen, ideal)
        if chosen.kills:
            kills(folder, chosen)
            faults(folder, chosen)


if __name__ == "__main__":
    main()
