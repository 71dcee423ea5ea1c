"""A judge against labels: tables by hand, refusals, and figures corrected on planted truths."""

from dataclasses import replace

import numpy as np
import pytest

from harness.scoring.judge.calibration import calibrate
from harness.scoring.judge.corrected import JudgedAnswer
from harness.scoring.judge.family import shared_family
from harness.stats import cohen_kappa


def answer(
    number: int, label: str | None, verdict: str = "correct", candidate: str = "new", **more: object
) -> JudgedAnswer:
    fields = {
        "item": f"i{number}", "intent": f"n{number // 2}", "domain": f"d{number % 3}", "language": "id" if number % 2 else "en",
        "answerable": "in_scope", "candidate": candidate, "verdict": verdict, "label": label,
        "probability": 0.5 if label else None,
    }  # fmt: skip
    return JudgedAnswer(**{**fields, **more})  # type: ignore[arg-type]


def project(seed: int = 0, lenient: float = 0.0, share: float = 0.25, rows: int = 800) -> list[JudgedAnswer]:
    """Two candidates, 10 points apart; a judge of sensitivity 0.9 and specificity 0.85, lenient to the new one."""
    rng = np.random.default_rng(seed)
    chosen = rng.random(rows) < share
    found = []
    for name, accuracy in (("new", 0.65), ("base", 0.55)):
        right = rng.random(rows) < accuracy
        passed = rng.random(rows) < np.where(right, 0.9, 0.15 + (lenient if name == "new" else 0))
        found += [
            answer(
                n,
                ("correct" if right[n] else "incorrect") if chosen[n] else None,
                "correct" if passed[n] else "incorrect",
                name,
            )
            for n in range(rows)
        ]
    return found


def test_the_table_by_hand() -> None:
    answers = [
        *(answer(n, "correct") for n in range(6)),
        *(answer(n, "incorrect", "incorrect") for n in range(6, 10)),
        answer(10, "correct", "undecided"),
        answer(11, "incorrect", "correct", reason="Rp50.000 is right", comment="no unit"),
        answer(12, "unsure", "incorrect"),
        answer(13, None, "undecided"),
    ]
    got = calibrate(answers, "gpt-5", "person", "dev")
    assert (got.answers, got.labelled, got.unsure, got.undecided) == (14, 13, 1, 2)
    assert got.table["correct"] == {"correct": 6, "incorrect": 0, "undecided": 1}
    assert got.table["unsure"]["incorrect"] == 1
    assert got.overall is not None
    measured = got.overall.measured
    # An undecided verdict is no pass; an unsure label says nothing of the judge.
    assert (measured.sensitivity.share, measured.specificity.share) == pytest.approx((6 / 7, 4 / 5))
    assert measured.kappa == pytest.approx(cohen_kappa([[4, 1], [1, 6]]).kappa)
    assert {(group.dimension, group.name) for group in got.groups} >= {
        ("domain", "d0"),
        ("language", "en"),
        ("candidate", "new"),
    }
    shown = {each.item: (each.judge_reason, each.reader_comment) for each in got.disagreements}
    assert set(shown) == {"i10", "i11"}
    assert shown["i11"] == ("Rp50.000 is right", "no unit")


def test_a_lenient_judge_is_corrected_and_covered() -> None:
    draws = [calibrate(project(seed, lenient=0.3), "gpt-5", "person", "test") for seed in range(120)]
    found = [next(each for each in draw.corrected if each.against) for draw in draws]
    assert np.mean([each.judged for each in found]) > 0.16  # raw, the judge claims far more than the true 10 points
    assert np.mean([each.estimate for each in found]) == pytest.approx(0.1, abs=0.01)
    assert np.mean([each.low <= 0.1 <= each.high for each in found]) > 0.9
    of_new = [
        next(each for each in draw.corrected if (each.candidate, each.against) == ("new", None)) for draw in draws
    ]
    assert np.mean([each.estimate for each in of_new]) == pytest.approx(0.65, abs=0.01)
    by_rates = [each.rogan_gladen for each in of_new if each.rogan_gladen]
    assert np.mean([low <= 0.65 <= high for _, low, high in by_rates]) > 0.9


def test_a_judge_no_better_than_chance_claims_nothing() -> None:
    answers = project()
    rng = np.random.default_rng(1)
    blind = [replace(one, verdict="correct" if rng.random() < 0.7 else "incorrect") for one in answers]
    for judged in (blind, [replace(one, verdict="correct") for one in answers]):
        got = calibrate(judged, "gpt-5", "person", "test")
        assert any("informedness" in reason for reason in got.refused)
        assert (got.corrected, got.unlocks) == ([], False)
    one_sided = [replace(one, label="correct" if one.label else None) for one in answers]
    assert "one of the judge's two rates" in calibrate(one_sided, "gpt-5", "person", "test").refused[0]


def test_labels_picked_by_verdict_correct_nothing() -> None:
    picked = [
        replace(one, probability=None, label=one.label if one.verdict == "incorrect" else None) for one in project()
    ]
    got = calibrate(picked, "gpt-5", "person", "test")
    assert any("not drawn at random" in reason for reason in got.refused)
    assert got.corrected == []
    assert got.overall is not None  # it still describes


def test_a_teacher_of_the_judges_family_must_be_said() -> None:
    teachers = {"new": ["gpt-5-mini"], "base": ["qwen3-8b"]}
    got = calibrate(project(), "gpt-5-2025-08-07 (rubric v1)", "person", "test", teachers=teachers)
    assert [reason for reason in got.refused if "family (gpt)" in reason and reason.startswith("new")]
    assert len(got.refused) == 1
    said = calibrate(project(), "gpt-5-2025-08-07", "person", "test", teachers=teachers, families_said=True)
    assert said.refused == []
    assert "said" in said.notes[0]


@pytest.mark.parametrize(
    ("one", "other", "family"),
    [
        ("gpt-5-2025-08-07", "openai/gpt-4o-mini", "gpt"),
        ("deepseek-r1-0528-qwen3-8b", "Qwen/Qwen2.5-7B-Instruct", "qwen"),
        ("smollm2-135m", "SmolLM2-360M-Instruct", "smollm"),
        ("gpt-5", "claude-sonnet", None),
        ("llama-3.1-8b-instruct", "mistral-7b-instruct", None),
        ("qwen3-8b", "correct", None),
    ],
)
def test_families_by_name(one: str, other: str, family: str | None) -> None:
    assert shared_family(one, other) == family


def test_model_made_labels_never_unlock() -> None:
    got = calibrate(project(), "gpt-5", "model", "test")
    assert (bool(got.corrected), got.refused, got.unlocks) == (True, [], False)
    assert calibrate(project(), "gpt-5", "person", "test").unlocks


def test_what_the_customer_does_not_get_is_not_right() -> None:
    answers = [replace(one, delivered=one.candidate != "new") for one in project()]
    lenient = calibrate(answers, "gpt-5", "person", "test")
    of_new = next(each for each in lenient.corrected if (each.candidate, each.against) == ("new", None))
    assert (of_new.judged, of_new.estimate) == (0, 0)
    assert lenient.overall is not None
    assert lenient.overall.measured.informedness.clear  # the judge reads the answer, not its tags
    strict = calibrate(answers, "scorer correct", "person", "test", strict=True)
    assert strict.overall is not None
    assert strict.overall.measured.sensitivity.rows < lenient.overall.measured.sensitivity.rows


def test_pairs_use_items_labelled_in_both_arms() -> None:
    answers = [
        replace(one, label=None) if one.candidate == "base" and int(one.item[1:]) > 399 else one for one in project()
    ]
    got = calibrate(answers, "gpt-5", "person", "test")
    rows = {(each.candidate, each.against): each.labelled for each in got.corrected}
    assert rows["new", "base"] == rows["base", None] < rows["new", None]


def test_stability_counts_changed_verdicts() -> None:
    answers = [
        replace(one, again="incorrect" if n == 0 else one.verdict)
        for n, one in enumerate(answer(n, None) for n in range(40))
    ]
    got = calibrate(answers, "gpt-5", "person", "dev")
    assert got.stability is not None
    assert (got.stability.answers, got.stability.passed_once) == (40, 1)
    assert got.stability.same.share == pytest.approx(39 / 40)
    assert got.stability.same.low > 0.8


def test_without_labels_nothing_is_said() -> None:
    got = calibrate([answer(n, None) for n in range(4)], "gpt-5", "person", "dev")
    assert got.overall is None
    assert "no answer" in got.refused[0]
