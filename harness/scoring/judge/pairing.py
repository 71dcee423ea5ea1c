"""Pairs of stored answers put to the judge in both orders, and what it prefers kept beside the judge's store.

::

    <store>/judge/pairs-<judge>-<run>-<run>.jsonl   one line an item: both orders' choices and reasons

The replies lie in the judge's store under keys of their own, so that a killed or repeated call buys nothing twice.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from harness.config import Config
from harness.errors import HarnessError, IntegrityError
from harness.hashing import sha256_json
from harness.scoring.completion import parse
from harness.scoring.judge.batch import judge_batches
from harness.scoring.judge.budget import Estimate, estimate
from harness.scoring.judge.cache import Cache
from harness.scoring.judge.client import api_key
from harness.scoring.judge.evidence import retrieve
from harness.scoring.judge.pairwise import Choice, PairJudged
from harness.scoring.judge.prompt import NOTHING, Question, boundary, item_parts, visible
from harness.scoring.judge.reply import Failure, Preference
from harness.scoring.judge.rubric import instructions, item_template
from harness.scoring.judge.runner import Outcome, ask_all, from_store, missing
from harness.scoring.judge.session import store_path
from harness.scoring.judge.settings import DIGITS, JudgeSettings
from harness.suite.item import Item
from harness.suite.knowledge import Fact, KnowledgeBase
from harness.suite.suite import Suite


class PairRecord(BaseModel):
    """What the judge preferred on one item, with one run's answer first and then second; ``failed`` is asked again."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    item: str
    run: str
    other_run: str
    forward: Choice
    backward: Choice
    reasons: tuple[str, str]
    reply_keys: tuple[str, str] | None
    length: int
    other_length: int
    failed: bool


@dataclass(frozen=True, slots=True)
class Side:
    """One candidate of a pair: its name, its run and its completions by item id."""

    candidate: str
    run: str
    completions: Mapping[str, str]


def pair_question(
    judge_digest: str, item: Item, first: str, second: str, knowledge: KnowledgeBase, found: Sequence[Fact],
    rubric: Literal["item", "en", "id"],
) -> Question:  # fmt: skip
    """The judge's question on two raw completions in this order. The answers stand without their reasoning."""
    language = item.language if rubric == "item" else rubric
    problem, one, two = (visible(text) for text in (item.problem, parse(first).whole, parse(second).whole))
    text = Template(item_template(f"pair.{language}")).substitute(
        item_parts(item, knowledge, found, language),
        boundary=boundary((problem, one, two)),
        problem=problem,
        first=one or NOTHING[language],
        second=two or NOTHING[language],
    )
    told = instructions(f"pair.{language}")
    prompt, answered = sha256_json([told, text]), sha256_json([first, second])
    return Question(
        key=sha256_json([judge_digest, prompt, answered, "pair"]), instructions=told, item=text,
        knowledge=tuple(fact.id for fact in found), prompt_sha256=prompt, answer_sha256=answered, has_reasoning=False,
        form="preference",
    )  # fmt: skip


def judge_pairs(
    pairs: Sequence[tuple[Side, Side]],
    items: Sequence[Item],
    suite: Suite,
    config: Config,
    *,
    estimated: Callable[[Estimate], None],
    progress: Callable[[int, int], None],
    said: Callable[[str], None] = lambda line: None,
    batch: bool = False,
) -> None:
    """Judge both answers of each pair to ``items`` in both orders, and write the records. Equal answers are not asked about.

    Raises `InputError` where the judge cannot be asked at all; replies that came before that are kept.
    """
    settings = config.judge
    evidence = retrieve(items, suite.knowledge, settings, config.root / config.store / "cache")
    questions = [
        {item.id: _both_orders(pair, item, suite.knowledge, evidence[item.id], settings) for item in items}
        for pair in pairs
    ]
    every = {one.key: one for asked in questions for both in asked.values() if both for one in both}
    cache = Cache(store_path(config))
    came: dict[str, Outcome] = {}
    try:
        to_ask = missing(every.values(), cache)
        estimated(estimate(settings, len(every), len(every) - len(to_ask), to_ask, batch))

        def arrived(outcome: Outcome) -> None:
            came[outcome.question.key] = outcome
            progress(len(every) - len(to_ask) + len(came), len(every))

        if to_ask:
            api_key(settings)
            asking = (
                judge_batches(settings, to_ask, cache, arrived, said)
                if batch
                else ask_all(settings, to_ask, cache, arrived)
            )
            asyncio.run(asking)
        for key, question in every.items():
            if key not in came and (stored := from_store(settings, question, cache)) is not None:
                came[key] = stored
    finally:
        cache.close()
    for (one, other), asked in zip(pairs, questions, strict=True):
        records = [
            _record(
                item.id,
                one.run,
                other.run,
                (one.completions[item.id], other.completions[item.id]),
                asked[item.id],
                came,
            )
            for item in items
        ]
        _write(_path(config, settings.digest, one.run, other.run), records)


def _both_orders(
    pair: tuple[Side, Side], item: Item, knowledge: KnowledgeBase, found: Sequence[Fact], settings: JudgeSettings
) -> tuple[Question, Question] | None:
    """Both orders' questions; ``None`` where the answers are equal."""
    one, other = (side.completions[item.id] for side in pair)
    if parse(one).whole == parse(other).whole:
        return None
    forward, backward = (
        pair_question(settings.digest, item, *order, knowledge, found, settings.rubric)
        for order in ((one, other), (other, one))
    )
    return forward, backward


def _record(
    item: str,
    run: str,
    other: str,
    answers: tuple[str, str],
    asked: tuple[Question, ...] | None,
    came: Mapping[str, Outcome],
) -> PairRecord:
    lengths = [len(parse(answer).whole) for answer in answers]
    if asked is None:
        return PairRecord(
            item=item, run=run, other_run=other, forward="equal", backward="equal", reasons=("the same answer",) * 2,
            reply_keys=None, length=lengths[0], other_length=lengths[1], failed=False,
        )  # fmt: skip
    results = [came[question.key].result if question.key in came else Failure("not asked") for question in asked]
    choices: list[Choice] = [each.better if isinstance(each, Preference) else "undecided" for each in results]
    reasons = [each.reason if isinstance(each, Preference) else getattr(each, "why", "no reply") for each in results]
    return PairRecord(
        item=item, run=run, other_run=other, forward=choices[0], backward=choices[1], reasons=(reasons[0], reasons[1]),
        reply_keys=(asked[0].key, asked[1].key), length=lengths[0], other_length=lengths[1],
        failed=any(isinstance(each, Failure) and not each.final for each in results),
    )  # fmt: skip


def _path(config: Config, digest: str, run: str, other: str) -> Path:
    return store_path(config).parent / f"pairs-{digest[:DIGITS]}-{run[:DIGITS]}-{other[:DIGITS]}.jsonl"


def _write(path: Path, records: Sequence[PairRecord]) -> None:
    """Replace the pair's records; those of items not judged this time are kept."""
    kept = {record.item: record for record in read_pairs(path)} | {record.item: record for record in records}
    try:
        temporary = path.with_suffix(".tmp")
        temporary.write_text("".join(record.model_dump_json() + "\n" for record in kept.values()), encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        raise HarnessError(f"{path}: cannot write ({error.strerror}); the replies are kept, run it again") from None


def read_pairs(path: Path) -> list[PairRecord]:
    """Stored records of one pair; none where there is no file. Raises `IntegrityError` naming a broken line."""
    if not path.is_file():
        return []
    found = []
    for number, line in enumerate(path.read_bytes().removesuffix(b"\n").split(b"\n"), 1):
        try:
            found.append(PairRecord.model_validate_json(line))
        except ValidationError:
            raise IntegrityError(
                f"{path}:{number}: not a pair; remove the file and run harness judge pairwise"
            ) from None
    return found


def stored_pairs(
    config: Config,
    sides: tuple[tuple[str, str], tuple[str, str]],
    items: Sequence[Item],
    right: Mapping[tuple[str, str], float | None],
) -> list[PairJudged]:
    """Judged pairs of two candidates (name and run each), whichever was named first when they were judged.

    ``right`` by candidate and item says whether an answer is right, where that is known; ids that are not there are not.
    """
    known = {item.id: item for item in items}
    for (one, run), (other, other_run) in (sides, sides[::-1]):
        for judge in config.judge.variants():
            records = read_pairs(_path(config, judge.digest, run, other_run))
            if records:
                return [
                    PairJudged(
                        each.item, known[each.item].intent, one, other, each.forward, each.backward, each.length,
                        each.other_length, right.get((one, each.item)), right.get((other, each.item)),
                    )
                    for each in records
                    if each.item in known
                ]  # fmt: skip
    return []
