"""The draw: stored probabilities are the true ones, strata are balanced, candidates share their items."""

from collections import Counter

import numpy as np
import pytest

from harness.errors import InputError
from harness.labels.planning import BLOCK, Answers, make_review, plan_tasks
from harness.labels.sampling import draw, stratum_of
from harness.suite.item import Item


def items(sizes: dict[tuple[str, str, str], int]) -> list[Item]:
    found = []
    for (domain, language, scope), size in sizes.items():
        for number in range(size):
            found.append(
                Item.model_validate(
                    {
                        "id": f"{domain}-{language}-{scope}-{number:03}", "intent": f"{domain}.{number}", "domain": domain,
                        "language": language, "register": "formal", "problem": "?", "generated_solution": "!",
                        "expected_answer": "!", "answerable": scope, "facts_required": ["a.b"], "author_kind": "model",
                        "author": "test",
                    }
                )
            )  # fmt: skip
    return found


UNEVEN = items(
    {("a", "id", "in_scope"): 23, ("a", "en", "in_scope"): 7, ("b", "id", "not_known"): 3, ("b", "en", "not_known"): 1}
)


def test_inclusion_probabilities_are_what_is_stored() -> None:
    count, draws = 9, 6000
    seen, doubled = Counter[str](), Counter[str]()
    for seed in range(draws):
        drawn = draw(UNEVEN, count, 0.3, seed)
        assert len({each.item.id for each in drawn}) == count
        assert sum(each.readers == 2 for each in drawn) == 3
        for each in drawn:
            assert each.probability == count / len(UNEVEN)
            seen[each.item.id] += 1
            doubled[each.item.id] += each.readers == 2
    expected = draws * count / len(UNEVEN)
    spread = np.sqrt(expected * (1 - count / len(UNEVEN)))
    assert max(abs(seen[item.id] - expected) for item in UNEVEN) < 4.5 * spread
    assert max(abs(doubled[item.id] - expected / 3) for item in UNEVEN) < 4.5 * np.sqrt(expected / 3)


def test_every_stratum_gets_its_share_rounded_up_or_down() -> None:
    for seed in range(200):
        drawn = Counter(each.stratum for each in draw(UNEVEN, 12, 0, seed))
        for stratum, size in Counter(map(stratum_of, UNEVEN)).items():
            assert abs(drawn[stratum] - 12 * size / len(UNEVEN)) < 1


def test_weighted_mean_of_a_draw_is_unbiased() -> None:
    """The Horvitz-Thompson mean over draws is the mean over the split, whatever the answers are."""
    right = {item.id: item.domain == "b" or index % 5 == 0 for index, item in enumerate(UNEVEN)}
    truth = np.mean(list(right.values()))
    estimates = [
        sum(right[each.item.id] / each.probability for each in draw(UNEVEN, 9, 0, seed)) / len(UNEVEN)
        for seed in range(4000)
    ]
    assert abs(np.mean(estimates) - truth) < 4 * np.std(estimates) / np.sqrt(len(estimates))


def test_the_order_is_random_so_that_stopping_early_leaves_a_random_part() -> None:
    first = Counter(draw(UNEVEN, 9, 0, seed)[0].stratum for seed in range(4000))
    for stratum, size in Counter(map(stratum_of, UNEVEN)).items():
        share = size / len(UNEVEN)
        assert abs(first[stratum] / 4000 - share) < 4.5 * np.sqrt(share * (1 - share) / 4000)


def test_a_seed_draws_the_same_set_whatever_the_order_of_the_file() -> None:
    assert draw(UNEVEN, 9, 0.5, 3) == draw(UNEVEN[::-1], 9, 0.5, 3)
    assert draw(UNEVEN, 9, 0.5, 3) != draw(UNEVEN, 9, 0.5, 4)


@pytest.mark.parametrize("count", [0, 35])
def test_a_size_that_does_not_fit_is_refused(count: int) -> None:
    with pytest.raises(InputError, match="34 items"):
        draw(UNEVEN, count, 0, 0)


def answers(candidate: str, run: str, said: str) -> Answers:
    return Answers(
        candidate, run, {item.id: f"{said} {item.id}" if item.id.endswith(("1", "3")) else "same" for item in UNEVEN}
    )


def test_all_candidates_are_labelled_on_the_same_items_and_blocks() -> None:
    arms = [answers("one", "1", "x"), answers("two", "2", "y"), answers("three", "3", "x")]
    drawn = draw(UNEVEN, 30, 0.2, 0)
    tasks = plan_tasks(drawn, arms, "single", lambda item: ("a.b",), 0)
    by_candidate = {
        name: sorted(task.item for task in tasks if name in {arm.candidate for arm in task.arms})
        for name in ("one", "two", "three")
    }
    assert by_candidate["one"] == by_candidate["two"] == by_candidate["three"] == sorted(each.item.id for each in drawn)
    for task in tasks:
        assert len({arm.probability for arm in task.arms}) == 1
        assert all(arm.stratum.endswith(f"/{arm.candidate}") for arm in task.arms)
    position = {each.item.id: index for index, each in enumerate(drawn)}
    assert [position[task.item] // BLOCK for task in tasks] == sorted(position[task.item] // BLOCK for task in tasks)


def test_answers_in_the_same_words_are_read_once() -> None:
    arms = [answers("one", "1", "x"), answers("two", "2", "x")]
    tasks = plan_tasks(draw(UNEVEN, 20, 0, 0), arms, "single", lambda item: (), 0)
    assert len(tasks) == 20
    assert all({arm.run for arm in task.arms} == {"1", "2"} for task in tasks)


def test_pairs_take_sides_at_random_and_leave_out_equal_answers() -> None:
    arms = [answers("one", "1", "x"), answers("two", "2", "y")]
    tasks = plan_tasks(draw(UNEVEN, 34, 0, 0), arms, "pair", lambda item: (), 0)
    assert {task.item for task in tasks} == {item.id for item in UNEVEN if item.id.endswith(("1", "3"))}
    first = Counter(next(arm.candidate for arm in task.arms if arm.side == 1) for task in tasks)
    assert set(first) == {"one", "two"}


def test_a_review_is_known_by_what_it_was_drawn_from() -> None:
    arms = [answers("one", "1", "x"), answers("two", "2", "y")]
    same = make_review("single", "s", "dev", "lock", arms, 9, 0.2, 0)
    assert make_review("single", "s", "dev", "lock", arms[::-1], 9, 0.2, 0).id == same.id
    assert make_review("single", "s", "dev", "other", arms, 9, 0.2, 0).id != same.id
