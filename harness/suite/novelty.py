"""How new a test item is to a training split: by the facts it asks for, not by its words.

``trained``    its facts stand together in one training row (a single fact: any row that asks for it)
``combined``   each fact was trained, but no one row asks for all of them
``untrained``  a fact of it stands in no training row

A candidate that only memorised shows a fall from the first to the second; from the second to the third falls one that cannot
say what it was not taught. After the compositional splits of Keysers et al. (2020), ICLR, arXiv:1912.09713.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from harness.suite.item import Item

Novelty = Literal["trained", "combined", "untrained"]
LEVELS: tuple[Novelty, ...] = ("trained", "combined", "untrained")


def tested_facts(item: Item) -> frozenset[str]:
    """The facts whose training decides an item's novelty: `tested_of` its lists."""
    return tested_of(item.facts_required, item.knowledge)


def tested_of(facts_required: Iterable[object], knowledge: Iterable[str]) -> frozenset[str]:
    """The facts whose training decides the novelty of an item with these lists.

    Ids among ``facts_required``, or among ``knowledge`` where all requirements are forms of the item's own. What an answer
    does (``answer.*``) and the support address count only where there is nothing else, as in a refusal.
    """
    named = _named(facts_required, knowledge)
    own = frozenset(fact for fact in named if not fact.startswith("answer.") and fact != "support.email")
    return own or named


def taught_facts(item: Item) -> frozenset[str]:
    """The facts a training row teaches: all its ids, refusals and the support address included."""
    return _named(item.facts_required, item.knowledge)


def _named(facts_required: Iterable[object], knowledge: Iterable[str]) -> frozenset[str]:
    required = frozenset(fact for fact in facts_required if isinstance(fact, str))
    return required or frozenset(knowledge)


def novelty(
    items: Sequence[Item], trained: Iterable[Item], taught: Iterable[frozenset[str]] = ()
) -> dict[str, Novelty]:
    """Novelty by item id, to the rows ``trained`` and to rows of which only the facts they teach are known (``taught``).

    An item that names no fact at all is ``untrained``: nothing shows that it was taught.
    """
    levels = set_levels([tested_facts(item) for item in items], {*map(taught_facts, trained), *taught})
    return {item.id: level for item, level in zip(items, levels, strict=True)}


def set_levels(tested: Sequence[frozenset[str]], taught: Collection[frozenset[str]]) -> list[Novelty]:
    """Novelty of each set of tested facts to the sets of facts that training rows teach."""
    given_facts = list(taught)
    column = {fact: index for index, fact in enumerate(sorted(frozenset().union(*tested, *given_facts)))}
    wanted, given = _incidence(tested, column), _incidence(given_facts, column)
    sizes = wanted.sum(axis=1)
    together = (wanted @ given.T == sizes[:, None]).any(axis=1)
    each = wanted @ given.any(axis=0).astype(np.float32) == sizes
    levels = np.where(~each | (sizes == 0), 2, np.where(together, 0, 1))
    return [LEVELS[level] for level in levels]


def _incidence(sets: Sequence[frozenset[str]], column: dict[str, int]) -> npt.NDArray[np.float32]:
    """[sets, facts], 1 where the set holds the fact."""
    matrix = np.zeros((len(sets), len(column)), np.float32)
    for row, facts in enumerate(sets):
        matrix[row, [column[fact] for fact in facts]] = 1
    return matrix
