"""Accepted forms: how a fact may be said, and where an answer says it or denies it.

A form is a line of terms separated by spaces, matched in order within one sentence:

=============  ==========================================================================================
``word``       that word; ``kredit*`` any word that begins so; ``kredit*|credit*`` either
``Rp16.000``   that amount in any writing (a bare number of at least 1,000 counts); ``20`` that number,
               also spelled
``...``        a gap of up to eight tokens; without it terms stand side by side (commas do not count)
``NOT``        any negating word, Indonesian or English, also among alternatives (``off|NOT``); a gap after it stays
               within the clause
=============  ==========================================================================================

A match that takes no ``NOT`` does not count under a negation, and where it holds a number or an amount it is then a denial of
what it says: "biayanya bukan Rp16.000". Other contradictions are listed as forms of their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from harness.text.lexer import Kind, Token, lex

GAP = 8
NEGATION_REACH = 4

NEGATORS = frozenset(
    (
        "tidak tak bukan belum tanpa jangan nggak enggak ngga gak ga gk tdk tiada mustahil dilarang not no "
        "never nothing nobody without cannot nor none neither isn't aren't wasn't weren't don't doesn't "
        "didn't can't couldn't won't wouldn't shouldn't haven't hasn't unable cant dont doesnt isnt wont"
    ).split()
)
# Negating words that negate nothing: "not only", "no more than", "tidak perlu khawatir", "no worries", "no problem".
_HARMLESS_AFTER = frozenset(
    (
        "hanya cuma saja sekadar lebih kurang khawatir masalah apa ragu salah lupa only just more less worry "
        "worries problem matter doubt later longer"
    ).split()
)
# Words after which a negation said before no longer holds.
_SCOPE_ENDS = frozenset(
    (
        "tapi tetapi namun melainkan kecuali selain jika kalau bila apabila karena sebab jadi sehingga agar "
        "supaya dan cukup hanya cuma asal asalkan selama sebelum but however unless except besides if because "
        "so and other only just while until beyond"
    ).split()
)
# "Rp16.000 itu salah", "Rp16,000 is wrong": a denial that follows.
_DENIED_AFTER = (
    ("salah",), ("keliru",), ("tidak", "perlu", "dibayar"), ("tidak", "benar"), ("bukan", "benar"),
    ("is", "wrong"), ("is", "incorrect"), ("is", "false"), ("is", "not", "true"), ("isn't", "true"), ("is", "not", "correct"),
)  # fmt: skip
# "tidak membayar Rp16.000 lagi" limits the fact, it does not deny it.
_LIMITED_AFTER = frozenset("lagi kembali again anymore twice extra tambahan setiap tiap each every other lain".split())


_NEGATOR = Token(Kind.WORD, "NOT")


@dataclass(frozen=True, slots=True)
class Form:
    """A compiled form; ``terms`` holds the alternatives of each term, ``None`` for a gap."""

    source: str
    terms: tuple[tuple[Token, ...] | None, ...]

    @property
    def has_value(self) -> bool:
        """Whether the form holds a number or an amount."""
        return any(token.value is not None for term in self.terms if term for token in term)


class FormError(ValueError):
    """A form that cannot be read."""


@lru_cache(maxsize=16_384)
def compile_form(source: str) -> Form:
    """Compile one form. Raises `FormError` where a term is not one word, number or amount."""
    terms: list[tuple[Token, ...] | None] = []
    for term in source.split():
        if term == "...":
            terms.append(None)
            continue
        alternatives = []
        for alternative in term.split("|"):
            tokens = lex(alternative.removesuffix("*"))
            if len(tokens) != 1:
                raise FormError(f"form {source!r}: {alternative!r} is not one word, number or amount")
            token = tokens[0]
            if alternative == "NOT" or token.text in NEGATORS:
                token = _NEGATOR
            elif alternative.endswith("*"):
                token = Token(token.kind, token.text + "*")
            alternatives.append(token)
        terms.append(tuple(alternatives))
    if not terms or terms[0] is None or terms[-1] is None:
        raise FormError(f"form {source!r}: begins or ends with a gap, or is empty")
    return Form(source, tuple(terms))


def _same(term: Token, token: Token) -> bool:
    if term is _NEGATOR:
        return False  # matched with its context, by `_negates`
    if term.value is not None and token.value is not None:
        if term.kind is Kind.MONEY and token.kind is Kind.NUMBER:
            return term.value == token.value and token.value >= Decimal(1_000)
        return term.kind is token.kind and term.value == token.value
    if term.text.endswith("*"):
        return token.text.startswith(term.text[:-1])
    return token.kind is term.kind and token.text == term.text


def _negates(sentence: Sequence[Token], position: int) -> bool:
    if sentence[position].text not in NEGATORS:
        return False
    after = [token.text for token in sentence[position + 1 : position + 4]]
    while after and after[0] in (
        "perlu",
        "usah",
        "need",
        "to",
    ):  # "tidak perlu khawatir", but also "tidak perlu membayar"
        after.pop(0)
    return not after or after[0] not in _HARMLESS_AFTER


def _matches(form: Form, sentence: Sequence[Token], start: int) -> tuple[int, frozenset[int]] | None:
    """End of the shortest match of ``form`` from ``start``, with the positions of negators its ``NOT`` terms took."""

    def walk(term: int, position: int, gap: int, taken: frozenset[int]) -> tuple[int, frozenset[int]] | None:
        if term == len(form.terms):
            return position, taken
        wanted = form.terms[term]
        if wanted is None:
            return walk(term + 1, position, GAP, taken)
        within_clause = gap > 0 and position - 1 in taken
        while position < len(sentence):
            token = sentence[position]
            negator = _NEGATOR in wanted and _negates(sentence, position)
            if negator or any(_same(alternative, token) for alternative in wanted):
                found = walk(term + 1, position + 1, 0, taken | {position} if negator else taken)
                if found:
                    return found
            if token.kind is Kind.CLAUSE_END and term:
                if within_clause:
                    return None
                position += 1
            elif gap:
                position, gap = position + 1, gap - 1
            else:
                return None
        return None

    return walk(0, start, 0, frozenset())


def _scope_ends(token: Token) -> bool:
    return token.kind is Kind.CLAUSE_END or token.text in _SCOPE_ENDS


def _negated_before(sentence: Sequence[Token], start: int) -> bool:
    for token_position in range(start - 1, max(-1, start - 1 - NEGATION_REACH), -1):
        if _scope_ends(sentence[token_position]):
            return False
        if _negates(sentence, token_position):
            return True
    return False


def _negated_inside(sentence: Sequence[Token], start: int, end: int, taken: frozenset[int]) -> bool:
    for position in range(start, end):
        if position not in taken and _negates(sentence, position):
            return not any(_scope_ends(token) for token in sentence[position:end])
    return False


def _negated_after(sentence: Sequence[Token], end: int) -> bool:
    after = [token.text for token in sentence[end : end + 4]]
    return any(tuple(after[shift : shift + len(words)]) == words for words in _DENIED_AFTER for shift in range(2))


def sentences(tokens: Sequence[Token]) -> list[list[Token]]:
    """Tokens grouped by sentence, without the marks that end them."""
    groups: list[list[Token]] = [[]]
    for token in tokens:
        if token.kind is Kind.SENTENCE_END:
            groups.append([])
        else:
            groups[-1].append(token)
    return [group for group in groups if group]


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether a text says something, and whether it also says the opposite."""

    said: bool
    denied: bool


def find(forms: Sequence[str], text: str) -> Finding:
    """Look for any of ``forms`` in ``text``; a positive form under a negation is a denial."""
    said = denied = False
    for sentence in sentences(lex(text)):
        for form in map(compile_form, forms):
            for start in range(len(sentence)):
                match = _matches(form, sentence, start)
                if match is None:
                    continue
                end, taken = match
                negated = _negated_before(sentence, start) or _negated_after(sentence, end)
                if taken or not (negated or _negated_inside(sentence, start, end, taken)):
                    said = True
                elif negated and form.has_value:
                    limited = any(token.text in _LIMITED_AFTER for token in sentence[end : end + 4])
                    denied = denied or not limited
    return Finding(said, denied)
