"""Values in a gold answer that nothing supports which the item names."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import permutations

from harness.scoring.unsupported import unsupported_claims
from harness.suite.item import Item
from harness.suite.knowledge import Fact, KnowledgeBase
from harness.text.lexer import lex

_SIXTY = Decimal(60)


def unsupported_amounts(item: Item, knowledge: KnowledgeBase) -> Iterator[tuple[str, str | None, bool]]:
    """Claims of the gold answer that neither the facts an item names nor its question hold, nor give by two steps of arithmetic.

    Yields the claim as written, the fact of the knowledge base that holds it (``None`` where none does), and whether it is
    an amount of money.
    """
    named = dict.fromkeys(
        fact for fact in (*item.facts_required, *item.facts_forbidden, *item.knowledge) if isinstance(fact, str)
    )
    # The scorer lets a gold answer support itself; here that would support everything.
    bare = item.model_copy(update={"expected_answer": "-"})
    own = KnowledgeBase({fact: knowledge[fact] for fact in named if fact in knowledge})
    claims = {claim.key: claim for claim in unsupported_claims(item.expected_answer, bare, own)}
    if not claims:
        return
    computed = _computed(_values((item.problem, *(text for fact in own.facts.values() for text in fact.text.values()))))
    for claim in claims.values():
        if claim.value not in computed:
            holders = (fact.id for fact in knowledge.stated() if _holds(fact, claim.text, item))
            yield claim.text, next(holders, None), claim.unit == "money"


def _holds(fact: Fact, claim: str, item: Item) -> bool:
    silent = item.model_copy(update={"expected_answer": "-", "problem": "-"})
    return not unsupported_claims(claim, silent, KnowledgeBase({fact.id: fact}))


def _values(texts: Iterable[str]) -> set[Decimal]:
    return {token.value for text in texts for token in lex(text) if token.value is not None}


def _computed(values: set[Decimal]) -> set[Decimal]:
    """What two steps of arithmetic give: a sum, difference, product or ratio of two values, and that with a third one.

    Twice and thrice a value is one step, as questions say it in words.
    """
    once = _combined(permutations(values, 2)) | {value * times for value in values for times in (2, 3)}
    clock = {part for first in once for part in divmod(first, _SIXTY)}  # 200 seconds, or 3 minutes 20 seconds
    return once | clock | _combined((first, second) for first in once for second in values)


def _combined(pairs: Iterable[tuple[Decimal, Decimal]]) -> set[Decimal]:
    found = set()
    for first, second in pairs:
        found |= {first + second, first - second, first * second}
        if second:
            found.add(first / second)
    return found
