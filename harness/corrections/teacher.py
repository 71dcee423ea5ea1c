"""Who writes corrections: the model under ``[judge]``, or any candidate of ``harness.toml``. Neither sees an item's gold."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from harness.candidates.candidate import Candidate
from harness.config import Config
from harness.corrections.prompt import PROMPT_VERSION, prompt_text, teaching_question
from harness.corrections.record import Cost, tagged
from harness.engines import Batch, open_engine
from harness.hashing import sha256_json, sha256_text
from harness.runs.answering import plan_batches
from harness.scoring.correct import SUPPORT
from harness.scoring.judge.budget import Estimate, estimate
from harness.scoring.judge.cache import Cache
from harness.scoring.judge.client import api_key
from harness.scoring.judge.evidence import retrieve
from harness.scoring.judge.reply import Failure, Writing
from harness.scoring.judge.runner import Outcome, ask_all, from_store, missing
from harness.scoring.judge.session import store_path
from harness.suite.item import AuthorKind, Item
from harness.suite.suite import Suite


@dataclass(frozen=True, slots=True)
class Written:
    """What a teacher wrote on an item; ``completion`` is ``None`` where nothing usable came, and ``why`` says so."""

    item: Item
    completion: str | None
    model: str
    knowledge: tuple[str, ...]
    cost: Cost
    why: str = ""


Arrived = Callable[[Written], None]


class Teacher(Protocol):
    """What the correcting needs of a teacher. ``sha256`` is the digest of all that decides what it writes."""

    @property
    def name(self) -> str:
        """As records and commands name it."""

    @property
    def sha256(self) -> str:
        """Its identity."""

    @property
    def author_kind(self) -> AuthorKind:
        """Who wrote what it says."""

    def write(self, items: Sequence[Item], arrived: Arrived) -> None:
        """Answer every item, handing each over as it comes. Raises `HarnessError` where it cannot go on."""


class JudgeTeacher:
    """The model under ``[judge]``: through the judge's client, store of replies, pace and budget, under keys of its own."""

    name = "judge"
    author_kind: AuthorKind = "model"

    def __init__(self, config: Config, suite: Suite, estimated: Callable[[Estimate], None]) -> None:
        self._config, self._suite, self._estimated = config, suite, estimated
        settings = config.judge
        self.sha256 = sha256_json(
            {
                "teacher": self.name,
                "model": settings.asked,
                "base_url": settings.base_url.rstrip("/"),
                "api": settings.api,
                "parameters": settings.parameters,
                "max_output_tokens": settings.max_output_tokens,
                "prompt": PROMPT_VERSION,
                "prompt_text": {language: sha256_text(prompt_text(language)) for language in ("en", "id")},
                "retrieval": {"bm25": settings.bm25, "embeddings": settings.entries_by_meaning},
                "knowledge": [[fact.id, fact.text] for fact in suite.knowledge.stated()],
            }
        )

    def write(self, items: Sequence[Item], arrived: Arrived) -> None:
        """Ask about all items at once; replies in the store are used and not bought again."""
        settings, knowledge, config = self._config.judge, self._suite.knowledge, self._config
        found = retrieve(items, knowledge, settings, config.root / config.store / "cache")
        # The support contact is what an unknown thing is answered with, whether or not the question's words find it.
        always = [knowledge[SUPPORT]] if SUPPORT in knowledge else []
        questions = {
            item.id: teaching_question(
                self.sha256,
                item,
                list({fact.id: fact for fact in (*found[item.id], *always)}.values()),
                self._suite.settings.service,
            )
            for item in items
        }
        by_key: dict[str, list[Item]] = {}
        for item in items:
            by_key.setdefault(questions[item.id].key, []).append(item)

        def came(outcome: Outcome) -> None:
            for item in by_key[outcome.question.key]:
                arrived(_written(item, outcome, settings.asked))

        cache = Cache(store_path(config))
        try:
            to_ask = missing(questions.values(), cache)
            asking = {question.key for question in to_ask}
            kept = [question for question in questions.values() if question.key not in asking]
            said = estimate(settings, len(questions), len(kept), to_ask)
            self._estimated(replace(said, what="corrections"))
            for key in dict.fromkeys(question.key for question in kept):
                stored = from_store(settings, questions[by_key[key][0].id], cache)
                if stored is not None:
                    came(stored)
            if to_ask:
                api_key(settings)
                asyncio.run(ask_all(settings, to_ask, cache, came))
        finally:
            cache.close()


def _written(item: Item, outcome: Outcome, asked: str) -> Written:
    result, stored = outcome.result, outcome.stored
    cost = Cost(tokens_in=stored.tokens_in, tokens_out=stored.tokens_out, dollars=stored.dollars) if stored else Cost()
    model = outcome.model or asked
    if isinstance(result, Writing):
        return Written(item, tagged(result.think, result.output), model, outcome.question.knowledge, cost)
    why = result.why if isinstance(result, Failure) else "the reply was of another kind"
    return Written(item, None, model, outcome.question.knowledge, cost, why)


class CandidateTeacher:
    """A candidate, asked as in any run; with ``retrieval`` it reads the knowledge base."""

    def __init__(self, candidate: Candidate) -> None:
        self._candidate = candidate
        self.name, self.sha256 = candidate.name, candidate.fingerprint
        self.author_kind: AuthorKind = "model"
        if candidate.answers is not None:
            from harness.engines.recorded import author_kind

            self.author_kind = "person" if author_kind(candidate.answers) == "person" else "model"

    def write(self, items: Sequence[Item], arrived: Arrived) -> None:
        """Answer in batches, each handed over as a whole."""
        candidate = self._candidate
        engine = open_engine([candidate])
        engine.select(candidate)
        engine.proof()
        by_id = {item.id: item for item in items}
        prompts = dict(zip(by_id, engine.render(list(items)), strict=True))
        lengths = dict(zip(by_id, engine.lengths(list(prompts.values())), strict=True))
        knowledge = self._retrieved(items)
        batches = [
            Batch(candidate, number, [by_id[each] for each in ids], [prompts[each] for each in ids])
            for number, ids in enumerate(plan_batches(lengths, candidate.batch_size))
        ]
        for answered in engine.stream(batches):
            used, served = answered.usage, candidate.settings.model or candidate.name
            cost = Cost()
            if used:  # engines that count what they use answer one item a batch
                dollars = [each.dollars for each in used if each.dollars is not None]
                cost = Cost(
                    tokens_in=sum(each.prompt_tokens for each in used),
                    tokens_out=sum(each.completion_tokens for each in used),
                    dollars=sum(dollars) if len(dollars) == len(used) else None,
                )
                served = used[-1].served or served
            for item, completion in zip(answered.batch.items, answered.completions, strict=True):
                text = completion if completion.strip() else None
                why = "" if text else "it wrote nothing"
                arrived(Written(item, text, served, knowledge[item.id], cost, why))

    def _retrieved(self, items: Sequence[Item]) -> dict[str, tuple[str, ...]]:
        retrieval = self._candidate.settings.retrieval
        if retrieval is None:
            return {item.id: () for item in items}
        from harness.engines.retrieval import Retriever

        retriever = Retriever(self._candidate.suite.knowledge, retrieval.top)
        return {item.id: tuple(fact.id for fact in retriever.find(item)) for item in items}
