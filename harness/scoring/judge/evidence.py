"""Knowledge entries for the judge: by words (BM25) and, where the model is installed, by meaning.

Embeddings are computed in a process of their own, so that judging needs no torch in memory, and are kept by content.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from harness.errors import HarnessError, InputError
from harness.hashing import sha256_json
from harness.scoring.judge.settings import JudgeSettings
from harness.suite.item import Item
from harness.suite.knowledge import LANGUAGES, Fact, KnowledgeBase

Evidence = dict[str, tuple[Fact, ...]]


def retrieve(items: Sequence[Item], knowledge: KnowledgeBase, settings: JudgeSettings, cache: Path) -> Evidence:
    """Entries by item id: those found by words first, then those found by meaning; none twice.

    Raises `InputError` where the package for words is missing.
    """
    by_words: Evidence = {item.id: () for item in items}
    if settings.bm25:
        try:
            from harness.engines.retrieval import Retriever
        except ModuleNotFoundError as error:
            raise InputError(f"the judge needs {error.name}; run: pip install 'harness[judge]'") from None
        retriever = Retriever(knowledge, settings.bm25)
        by_words = {item.id: tuple(retriever.find(item)) for item in items}
    top = settings.entries_by_meaning
    by_meaning = _by_meaning(items, knowledge, top, cache) if top else {}
    return {
        item.id: tuple({fact.id: fact for fact in (*by_words[item.id], *by_meaning.get(item.id, ()))}.values())
        for item in items
    }


def _by_meaning(items: Sequence[Item], knowledge: KnowledgeBase, top: int, cache: Path) -> Evidence:
    facts = knowledge.stated()
    found: Evidence = {}
    for language in LANGUAGES:
        asked = [item for item in items if item.language == language]
        if asked:
            texts = {"facts": [fact.text[language] for fact in facts], "questions": [one.problem for one in asked]}
            rows = _nearest({**texts, "top": top}, cache)
            found |= {item.id: tuple(facts[row] for row in row_of) for item, row_of in zip(asked, rows, strict=True)}
    return found


def _nearest(question: dict[str, object], cache: Path) -> list[list[int]]:
    path = cache / f"judge-meaning-{sha256_json(question)[:32]}.json"
    try:
        kept: list[list[int]] = json.loads(path.read_text(encoding="utf-8"))
        return kept
    except (OSError, ValueError):
        pass  # not kept, or cut short by a kill
    done = subprocess.run(
        [sys.executable, "-m", "harness.scoring.judge.evidence"],
        input=json.dumps(question), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise HarnessError(f"knowledge by meaning failed ({said}); set embeddings = 0 under [judge] to go without")
    rows: list[list[int]] = json.loads(done.stdout)
    cache.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows), encoding="utf-8")
    return rows


def _answer_in_own_process() -> None:
    from harness.suite.leakage.semantic import embed

    question = json.load(sys.stdin)
    facts, asked = embed(question["facts"]), embed(question["questions"])
    order = (-(asked @ facts.T)).argsort(axis=1, kind="stable")[:, : question["top"]]
    json.dump(order.tolist(), sys.stdout)


if __name__ == "__main__":
    _answer_in_own_process()
