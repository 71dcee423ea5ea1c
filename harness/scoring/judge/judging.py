"""From stored answers to stored judgements: what is judged already stays, what has a reply is read, the rest is asked."""

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.runs.store import Run
from harness.scoring.completion import Completion, parse
from harness.scoring.judge.cache import Cache
from harness.scoring.judge.evidence import Evidence
from harness.scoring.judge.prompt import Question, question
from harness.scoring.judge.record import (
    Judgement,
    append_judgements,
    decided,
    judgement_file,
    read_judgements,
    undecided,
)
from harness.scoring.judge.reply import Failure, Reply
from harness.scoring.judge.rubric import RUBRIC_VERSION
from harness.scoring.judge.runner import Outcome, from_store, missing
from harness.scoring.judge.settings import JudgeSettings
from harness.suite.item import Item
from harness.suite.knowledge import KnowledgeBase

Written = Callable[[Judgement], None]
_LINES_A_FLUSH = 32
_SECONDS_A_FLUSH = 1.0
NO_ANSWER = "there is no answer"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to be judged; ``run`` and ``candidate`` name where it comes from."""

    item: Item
    completion: str
    run: str = ""
    candidate: str = ""


def answers_of(run: Run, candidate: str, items: Sequence[Item], limit: int | None = None) -> list[Answer]:
    """The answers of a run, in the suite's order; ``limit`` takes the first items of every domain in turn."""
    stored = {sample.id: sample.completion for sample in run.samples()}
    chosen = _in_turn(items)[:limit] if limit is not None else items
    return [Answer(item, stored[item.id], run.key, candidate) for item in chosen if item.id in stored]


def _in_turn(items: Sequence[Item]) -> list[Item]:
    place: dict[str, int] = defaultdict(int)
    ranked = []
    for item in items:
        ranked.append((place[item.domain], item))
        place[item.domain] += 1
    return [item for _, item in sorted(ranked, key=lambda each: each[0])]


def questions_on(
    answers: Sequence[Answer], knowledge: KnowledgeBase, evidence: Evidence, settings: JudgeSettings
) -> list[Question]:
    """The judge's question on every answer."""
    digest = settings.digest
    return [
        question(digest, one.item, one.completion, knowledge, evidence[one.item.id], settings.rubric) for one in answers
    ]


def judgement(
    answer: Answer, asked: Question, outcome: Outcome | None, settings: JudgeSettings, lock: str
) -> Judgement:
    """The record of an outcome; without one there was no answer to judge, and that is incorrect."""
    parsed = parse(answer.completion)
    if outcome is None:
        result = undecided(Failure(NO_ANSWER, final=True)) | {
            "verdict": "incorrect", "reasons": {"verdict": NO_ANSWER}, "why_undecided": None,
        }  # fmt: skip
    elif isinstance(outcome.result, Reply):
        result = decided(outcome.result, asked)
    elif isinstance(outcome.result, Failure):
        result = undecided(outcome.result)
    else:
        raise TypeError(f"a {type(outcome.result).__name__.lower()} is no judgement of one answer")
    stored = outcome.stored if outcome else None
    return Judgement.model_validate(
        {
            **result,
            "item": answer.item.id,
            "run": answer.run,
            "candidate": answer.candidate,
            "delivered": _delivered(parsed),
            "knowledge": asked.knowledge,
            "lock": lock,
            "judge": settings.digest,
            "model_asked": settings.asked,
            "model_reported": outcome.model if outcome else None,
            "rubric": RUBRIC_VERSION,
            "prompt_sha256": asked.prompt_sha256,
            "answer_sha256": asked.answer_sha256,
            "reply_key": asked.key,
            "tokens_in": stored.tokens_in if stored else 0,
            "tokens_out": stored.tokens_out if stored else 0,
            "dollars": stored.dollars if stored else None,
            "seconds": stored.seconds if stored else None,
        }
    )


def _delivered(parsed: Completion) -> bool:
    return bool(parsed.answer) and parsed.answer == parsed.whole


class Work:
    """The answers of some runs, one judge, and the files its judgements go to.

    `settle` writes what needs no call and returns the questions to ask; `arrived` takes each outcome; `flush` ends it.
    """

    def __init__(
        self,
        answers: Sequence[Answer],
        questions: Sequence[Question],
        settings: JudgeSettings,
        lock: str,
        folders: Mapping[str, Path],
    ) -> None:
        self._settings, self._lock = settings, lock
        self._files = {run: judgement_file(folder, settings.digest) for run, folder in folders.items()}
        self.done: list[Judgement] = []
        self._lines: dict[str, list[Judgement]] = defaultdict(list)
        self._by_key: dict[str, list[tuple[Answer, Question]]] = defaultdict(list)
        known = {run: read_judgements(path) for run, path in self._files.items()}
        self.total = len(answers)
        for answer, asked in zip(answers, questions, strict=True):
            earlier = known.get(answer.run, {}).get(answer.item.id)
            if earlier is None or earlier.failed or earlier.reply_key != asked.key:
                self._by_key[asked.key].append((answer, asked))
            elif earlier.lock == lock:
                self.done.append(earlier)
            else:  # the suite changed, but nothing that this judgement rests on
                self._write(earlier.model_copy(update={"lock": lock}))
        self._flushed = time.monotonic()

    def settle(self, cache: Cache) -> list[Question]:
        """Judge what needs no call: empty answers, and replies that are stored. Returns the questions left, each once."""
        for pairs in list(self._by_key.values()):
            answer, asked = pairs[0]
            if not parse(answer.completion).whole:
                self._record(asked.key, None)
            elif (stored := from_store(self._settings, asked, cache)) is not None:
                self._record(asked.key, stored)
        self.flush()
        return missing((pairs[0][1] for pairs in self._by_key.values()), cache)

    def arrived(self, outcome: Outcome) -> None:
        """Record the outcome of a question."""
        self._record(outcome.question.key, outcome)
        lines = sum(map(len, self._lines.values()))
        if lines >= _LINES_A_FLUSH or time.monotonic() - self._flushed > _SECONDS_A_FLUSH:
            self.flush()

    def _record(self, key: str, outcome: Outcome | None) -> None:
        for answer, asked in self._by_key.pop(key, []):
            self._write(judgement(answer, asked, outcome, self._settings, self._lock))

    def _write(self, made: Judgement) -> None:
        self.done.append(made)
        if made.run in self._files:
            self._lines[made.run].append(made)

    def flush(self) -> None:
        """Write what is not written yet. A kill before it loses no reply: those are in the store."""
        for run, lines in self._lines.items():
            append_judgements(self._files[run], lines)
        self._lines.clear()
        self._flushed = time.monotonic()
