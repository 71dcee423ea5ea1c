"""Faults while the harness works: kills, damaged files, full disks, two processes at once, read-only folders.

    nice -n 10 python benchmarks/faults.py [--seed 0] [--kills 100] [--damages 200] [--disks 20] [--pairs 20] [--read-only 8]

Every fault meets a real process of `harness` in a copy of one small project: recorded candidates, one behind a scripted
server, a tiny random model. After it the same command runs again, and the run's answers, scores, judgements, labels or report
must be those of an undisturbed run. A damaged file may instead be refused with exit 4 and one line. Prints a table; exits 1
where a fault did harm. A full disk is a small tmpfs where this process may mount one, else a limit on the size of files.
"""

import argparse
import contextlib
import http.client
import json
import multiprocessing
import os
import random
import re
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/judge"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests/review"))
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["COLUMNS"] = "200"
os.environ["OPENAI_API_KEY"] = "sk-scripted"

from desk import Reader
from fault_processes import PATIENCE, Started, command_in_process, small_disk
from fault_project import DEV, Server, by_answer, make_project
from fault_states import Stage, State, differing, judgements, report, runs, torn_reports, without_timing
from server import Script

from harness.labels.store import LabelStore

NOBODY = 65534


@dataclass
class Tally:
    """One row of the table."""

    trials: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    harm: list[str] = field(default_factory=list)

    def book(self, outcome: str, problem: str | None) -> None:
        self.trials += 1
        if problem:
            self.harm.append(f"{outcome}: {problem}")
        else:
            self.outcomes[outcome] += 1


class Campaign:
    """Everything that the faults share."""

    def __init__(self, scratch: Path, rows: int, model: bool, seed: int, server: Server) -> None:
        self.scratch, self.model, self.server = scratch, model, server
        self.random = random.Random(seed)
        self._context = multiprocessing.get_context("forkserver")
        heavy = ["harness.engines.hf"] if model else []
        self._context.set_forkserver_preload(
            ["harness.cli.run", "harness.cli.compare", "harness.comparison", "harness.engines.openai_compatible",
             "harness.reports.files", "harness.reports.terminal", "harness.review.server", "harness.review.app",
             "harness.runs.spot_check", "harness.scoring.judge.session", "rouge_score.rouge_scorer", "bm25s", "openai",
             "openai.resources.responses", "openai.resources.chat", "charset_normalizer", "rich._emoji_codes",
             "httpx2", "httpcore2", "h11", "attrs", "anyio.streams.tls", "sacrebleu", "harness.engines.recorded", "harness.cli.judge",
             "importlib.readers", "importlib.resources.readers", "encodings.unicode_escape", *heavy]
        )  # fmt: skip
        self._number = 0
        self.whole = scratch / "whole"
        self.whole.mkdir()
        make_project(self.whole, server.url, rows, model)
        self.tables: dict[str, Tally] = {}

    def start(self, folder: Path, *arguments: str, **hurt: int | None) -> Started:
        self._number += 1
        said = self.scratch / f"said-{self._number}"
        given = (str(folder), arguments, str(said), hurt.get("die_at"), hurt.get("user"), hurt.get("most"))
        process = self._context.Process(target=command_in_process, args=given)
        process.start()
        return Started(process, said)

    def do(self, folder: Path, *arguments: str) -> Started:
        """A command that must succeed."""
        started = self.start(folder, *arguments)
        if started.end():
            raise RuntimeError(f"{' '.join(arguments)} in {folder}: {started.text('err')}")
        return started

    @contextmanager
    def copy(self, before: Path) -> Iterator[Path]:
        self._number += 1
        folder = self.scratch / f"trial-{self._number}"
        shutil.copytree(before, folder)
        try:
            yield folder
        finally:
            shutil.rmtree(folder)

    def tally(self, name: str) -> Tally:
        return self.tables.setdefault(name, Tally())

    @property
    def generating(self) -> list[str]:
        return ["served", *(["tiny"] if self.model else [])]

    def stages(self) -> list[Stage]:
        """Each stage measured once undisturbed; the last project is ``whole``: all answered, scored, judged, reported."""
        fresh = self.scratch / "fresh"
        shutil.copytree(self.whole, fresh)
        stages = [
            self._stage(f"generation ({name})", ("run", name, *DEV), fresh, partial(runs, names=(name,)))
            for name in self.generating
        ]
        stale = self._with_other_gold()
        recorded = ("gold", "half")
        stages.append(self._stage("scoring", ("run", *recorded, *DEV), stale, partial(runs, names=recorded)))
        answered = self.scratch / "answered"
        self.do(self.whole, "run", *recorded, *self.generating, *DEV)
        shutil.copytree(self.whole, answered)
        stages.append(self._stage("judging", ("judge", "run", *recorded, *DEV), answered, judgements))
        self.do(self.whole, "judge", "run", *recorded, *DEV)
        judged_ones = self.scratch / "judged"
        shutil.copytree(self.whole, judged_ones)
        stages.append(self._stage("report writing", ("compare", *recorded, *DEV), judged_ones, report))
        self.do(self.whole, "compare", *recorded, *DEV)
        return stages

    def _stage(self, name: str, command: tuple[str, ...], before: Path, wanted: Callable[[Path], State]) -> Stage:
        with self.copy(before) as folder:
            began = time.perf_counter()
            done = self.do(folder, *command)
            seconds = time.perf_counter() - began
            return Stage(name, command, before, wanted, wanted(folder), int(done.text("count")), seconds)

    def _with_other_gold(self) -> Path:
        """The recorded candidates answered, but scored by another gold."""
        from harness.suite.lock import write_lock
        from harness.suite.suite import Suite

        folder, kept = self.scratch / "stale", self.whole / "tasks"
        shutil.copytree(self.whole, folder)
        path = next(folder.glob("tasks/facencial/data/dev/*.jsonl"))
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        rows[0]["facts_required"] = [["tidak akan pernah ada"]]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        write_lock(Suite("facencial", folder / "tasks/facencial"))
        self.do(folder, "run", "gold", "half", *DEV)
        shutil.rmtree(folder / "tasks")
        shutil.copytree(kept, folder / "tasks")
        return folder

    def resumed(self, folder: Path, stage: Stage) -> str | None:
        """What is wrong after the same command ran again; ``None`` where all is as undisturbed."""
        again = self.start(folder, *stage.command)
        if again.end():
            return f"resumed with exit {again.process.exitcode}: {again.text('err')}"
        return differing(stage.wanted, folder, stage.expected)

    def kill(self, stage: Stage) -> bool:
        """Kill the stage at a random moment or file operation; say whether it was still at work."""
        with self.copy(stage.before) as folder:
            if self.random.random() < 0.5:
                started = self.start(folder, *stage.command, die_at=self.random.randint(1, stage.operations))
            else:
                started = self.start(folder, *stage.command)
                time.sleep(self.random.uniform(0, stage.seconds))
                started.process.kill()
            if started.end() != -9:
                return False
            torn = torn_reports(folder)
            self.tally(f"kill -9 in {stage.name}").book("resumed", torn or self.resumed(folder, stage))
            return True

    def kill_review(self, items: int) -> None:
        """Kill the review while a reader labels; whatever was acknowledged must stand there once."""
        with self.copy(self.whole) as folder:
            command = ("review", "start", "gold", "half", *DEV, "--port", "0", "--items", str(items), "--double", "0")
            sent: dict[int, str] = {}
            acknowledged: set[int] = set()
            started = self.start(folder, *command)
            reader = self._reader(started)
            for _ in range(self.random.randint(0, items)):
                self._label(reader, sent, acknowledged)
            with contextlib.suppress(http.client.HTTPException, OSError):
                killer = threading.Timer(self.random.uniform(0, 0.02), started.process.kill)
                killer.start()
                while reader.field("task"):
                    self._label(reader, sent, acknowledged)
            started.end()
            started = self.start(folder, *command)
            reader = self._reader(started)
            while reader.field("task"):
                self._label(reader, sent, acknowledged)
            started.process.kill()
            started.end()
            labels = LabelStore(folder / ".harness/labels.sqlite").labels()
            stored = {label.task: label.verdict for label in labels}
            problem = None
            # A kill between storing and answering leaves one label that nobody was told of; it is not asked again.
            if (
                not acknowledged <= set(stored)
                or len(set(stored) - acknowledged) > 1
                or not stored.items() <= sent.items()
            ):
                problem = f"{len(acknowledged)} labels of {len(sent)} sent were acknowledged, {len(stored)} stand there"
            elif len(labels) != 2 * items or len({(label.task, label.candidate) for label in labels}) != 2 * items:
                problem = f"{len(labels)} answers labelled of {2 * items}"
            self.tally("kill -9 in review").book("resumed", problem)

    def _reader(self, started: Started) -> Reader:
        end = time.monotonic() + PATIENCE
        while not (
            found := re.search(r"http://\S+", started.text("out") if Path(f"{started.said}.out").exists() else "")
        ):
            if started.process.exitcode is not None or time.monotonic() > end:
                raise RuntimeError(f"the review did not start: {started.text('err')}")
            time.sleep(0.01)
        reader = Reader(found[0])
        reader.enter("Sari", "model")  # a program labels here, and says so
        return reader

    def _label(self, reader: Reader, sent: dict[int, str], acknowledged: set[int]) -> None:
        task = int(reader.field("task"))
        verdict = sent[task] = "correct" if task % 3 else "incorrect"
        reader.post("/label", task=str(task), verdict=verdict)
        if reader.status == 303:
            acknowledged.add(task)
        reader.get("/")

    def interrupted(self, stage: Stage) -> Path:
        """A project killed with a third to two thirds of its answers stored."""
        while True:
            with self.copy(stage.before) as folder:
                started = self.start(folder, *stage.command)
                planned = len(next(iter(stage.expected.values()))["samples"])
                while started.process.exitcode is None:
                    stored = [path.read_bytes().count(b"\n") for path in folder.glob(".harness/runs/*/samples.jsonl")]
                    if stored and planned / 3 < stored[0] < planned * 2 / 3:
                        break
                    time.sleep(0.002)
                started.process.kill()
                if started.end() == -9:
                    kept = self.scratch / "interrupted"
                    shutil.copytree(folder, kept)
                    return kept

    def damage(
        self, before: Path, name: str, candidates: Sequence[str], expected: State, printed: State | None
    ) -> None:
        """Cut a file of a run, or flip one of its bits; then run, judge and compare, and see what they say."""
        with self.copy(before) as folder:
            path = self.random.choice(sorted(path for path in folder.glob(".harness/runs/*/*") if path.stat().st_size))
            data, place = bytearray(path.read_bytes()), self.random.randrange(path.stat().st_size)
            how = self.random.choice(["truncated", "flipped"])
            if how == "truncated":
                del data[place:]
            else:
                data[place] ^= 1 << self.random.randrange(8)
            path.write_bytes(data)
            commands = [("run", *candidates, *DEV)]
            if printed is not None:
                commands += [("judge", "run", "gold", "half", *DEV), ("compare", *candidates, *DEV, "--json")]
            outcome, problem = "harmless", None
            for command in commands:
                done = self.start(folder, *command)
                code = done.end()
                if code == 4 and done.one_line:
                    outcome = "refused"
                    break
                if code:
                    problem = f"{command[0]} ends with {code}: {done.text('err')[:300]}"
                    break
            else:
                problem = differing(partial(runs, names=candidates), folder, expected)
                if printed is not None and without_timing(json.loads(done.text("out"))) != printed:
                    problem = problem or "compare prints another result"
            where = f"{how} at {place} of {path.name}"
            self.tally(f"{how} file of {name}").book(outcome, f"{where}: {problem}" if problem else None)

    def full_disk(self, stage: Stage) -> None:
        """Let the disk run full at a random byte of what the stage writes, then make room."""
        with self.copy(stage.before) as folder:
            store = folder / ".harness"
            store.mkdir(exist_ok=True)
            with small_disk(store, self.random.randrange(32)) as grow:
                most = None if grow else self.random.randrange(500, 20_000)
                started = self.start(folder, *stage.command, most=most)
                code = started.end()
                problem = None
                if code and not (code == 2 and started.one_line):
                    problem = f"{stage.name} ends with {code}: {started.text('err')[:300]}"
                if grow:
                    grow()
                problem = problem or self.resumed(folder, stage)
            kind = "full disk (tmpfs)" if grow else "full disk (limit on files)"
            self.tally(kind).book("said, resumed" if code else "had room", problem and f"{stage.name}: {problem}")

    def pair(self, stage: Stage) -> None:
        """Two processes run the same command at once."""
        with self.copy(stage.before) as folder:
            both = [self.start(folder, *stage.command) for _ in range(2)]
            codes = sorted(each.end() for each in both)
            refused = [each for each in both if each.process.exitcode]
            problem = None
            if codes not in ([0, 0], [0, 2]) or any("another process" not in each.text("err") for each in refused):
                problem = f"{stage.name} ends with {codes}: {' '.join(each.text('err') for each in refused)[:300]}"
            problem = problem or differing(stage.wanted, folder, stage.expected) or self.resumed(folder, stage)
            self.tally("two processes").book("one turned away" if refused else "both ended well", problem)

    def read_only(self, stage: Stage) -> None:
        """A store that cannot be written; a privileged process becomes nobody."""
        with self.copy(stage.before) as folder:
            (folder / ".harness").mkdir(exist_ok=True)
            for path in (folder, *folder.rglob("*")):
                path.chmod(0o555 if path.is_dir() else 0o444)
            started = self.start(folder, *stage.command, user=NOBODY if os.geteuid() == 0 else None)
            code = started.end()
            problem = None
            if not (code == 2 and started.one_line):
                problem = f"{stage.name} ends with {code}: {started.text('err')[:300]}"
            for path in (folder, *folder.rglob("*")):
                path.chmod(0o755 if path.is_dir() else 0o644)
            self.tally("read-only folder").book("said, resumed", problem or self.resumed(folder, stage))


def conduct(scratch: Path, chosen: argparse.Namespace, server: Server) -> dict[str, Tally]:
    """All faults asked for, in turn over the stages."""
    campaign = Campaign(scratch, chosen.rows, not chosen.no_model, chosen.seed, server)
    stages = campaign.stages()
    places: list[Stage | None] = [*stages, None]  # none is the review
    for number in range(chosen.kills):
        stage = places[number % len(places)]
        if stage is None:
            campaign.kill_review(min(20, 16 * chosen.rows))
        else:
            while not campaign.kill(stage):
                pass
    everyone = ("gold", "half", *campaign.generating)
    whole = runs(campaign.whole, everyone)
    printed = without_timing(json.loads(campaign.do(campaign.whole, "compare", *everyone, *DEV, "--json").text("out")))
    partly = campaign.interrupted(stages[0])
    for number in range(chosen.damages):
        if number % 2:
            campaign.damage(campaign.whole, "a whole run", everyone, whole, printed)
        else:
            campaign.damage(partly, "an interrupted run", ("served",), stages[0].expected, None)
    for fault, times in (
        (campaign.full_disk, chosen.disks),
        (campaign.pair, chosen.pairs),
        (campaign.read_only, chosen.read_only),
    ):
        for number in range(times):
            fault(stages[number % len(stages)])
    return campaign.tables


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, number in (("seed", 0), ("kills", 100), ("damages", 200), ("disks", 20), ("pairs", 20), ("read-only", 8)):
        parser.add_argument(f"--{name}", type=int, default=number)
    parser.add_argument("--rows", type=int, default=4, help="items a domain, of 16 domains")
    parser.add_argument("--no-model", action="store_true", help="leave the tiny model out: no torch")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, Server(Script(decide=by_answer, delay=0.01)) as server:
        Path(scratch).chmod(0o755)
        began = time.perf_counter()
        tables = conduct(Path(scratch), chosen, server)
    print("| fault | trials | came of it | harm |\n|---|---:|---|---:|")
    for name, tally in tables.items():
        came = ", ".join(f"{outcome} {count}" for outcome, count in tally.outcomes.most_common())
        print(f"| {name} | {tally.trials} | {came} | {len(tally.harm)} |")
    print(f"\nSeed {chosen.seed}, {time.perf_counter() - began:.0f} s.")
    harm = [f"{name}: {each}" for name, tally in tables.items() for each in tally.harm]
    print("\n".join(harm[:40]), file=sys.stderr)
    return 1 if harm else 0


if __name__ == "__main__":
    sys.exit(main())
