"""Accepted forms: how a fact may be said, and where an answer says it or denies it.

A form is a line of terms separated by spaces, matched in order within one sentence:

==============  =========================================================================================
``word``        that word, also inflected (``word's``, ``wordnya``); ``kredit*`` any word that begins so;
                ``kredit*|credit*`` either
``@photo``      any word of that class (`harness.text.words`), also among alternatives
``Rp16.000``    that amount in any writing (a bare number of at least 1,000 counts); ``20`` that number,
                also spelled
``!Rp16.000``   the next amount, where it is another one; ``!16|100`` a number that is neither
``...``         a gap of up to eight tokens; without it terms stand side by side (commas do not count)
``..``          the same, but within the clause: no comma, colon or conjunction in it
``NOT``         any negating word, Indonesian or English, also among alternatives (``off|NOT``); a gap after it
                stays within the clause
==============  =========================================================================================

A match does not count under a negation from outside (`harness.text.polarity`): it is then a denial of what it says, "biayanya
bukan Rp16.000". Other contradictions are listed as forms of their own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from harness.suggest import nearest
from harness.text.lexer import Kind, Token, lex
from harness.text.mention import mentioned
from harness.text.polarity import CONTRAST, NEGATORS, Polarity, ends_scope, read, turned, turned_inside
from harness.text.words import WORDS

GAP = 8
CROWDED = 5


@lru_cache(maxsize=65_536)
def _inflections(word: str) -> tuple[str, ...]:
    """A word and what it inflects: "email's", "biayanya", "pilihlah"; informal "-in" stands for "-kan"."""
    bases = [word, word.removesuffix("'s")]
    if len(word) > 6:
        bases += [word.removesuffix(ending) for ending in ("nya", "lah", "kah")]
        bases += [base[:-2] + "kan" for base in bases[:3] if base.endswith("in")]
    return tuple(dict.fromkeys(bases))


@dataclass(frozen=True, slots=True)
class Term:
    """One place of a form: the tokens that may stand there, or, ``other``, the values that may not."""

    words: frozenset[str]
    prefixes: tuple[str, ...]
    values: tuple[Token, ...]
    negator: bool = False
    other: bool = False

    def takes(self, token: Token) -> bool:
        """Whether ``token`` may stand here; negators are told by their context instead."""
        if token.value is not None:
            same = any(_same(one, token) for one in self.values)
            return not same and self.measures(token) if self.other else same
        return not self.words.isdisjoint(_inflections(token.text)) or token.text.startswith(self.prefixes)

    def alternatives_in(self, words: Sequence[str]) -> int:
        """How many of its alternatives stand among ``words``."""
        found = len(self.words.intersection(words))
        return found + sum(any(word.startswith(prefix) for word in words) for prefix in self.prefixes)

    @property
    def is_word(self) -> bool:
        """Whether one word alone may stand here."""
        return len(self.words) == 1 and not (self.prefixes or self.values or self.negator)

    def measures(self, token: Token) -> bool:
        """Whether ``token`` is a value of the kind that this term excludes."""
        return token.value is not None and token.kind is self.values[0].kind


@dataclass(frozen=True, slots=True)
class Gap:
    """Up to `GAP` tokens between two terms, ``within`` the clause or beyond it."""

    within: bool


@dataclass(frozen=True, slots=True)
class Form:
    """A compiled form."""

    source: str
    terms: tuple[Term | Gap, ...]

    @property
    def has_value(self) -> bool:
        """Whether the form holds a number or an amount."""
        return any(isinstance(term, Term) and term.values for term in self.terms)

    @property
    def is_name(self) -> bool:
        """Whether the form is a name: two or more words side by side, none with an alternative."""
        return len(self.terms) > 1 and all(isinstance(term, Term) and term.is_word for term in self.terms)


class FormError(ValueError):
    """A form that cannot be read."""


@lru_cache(maxsize=16_384)
def compile_form(source: str) -> Form:
    """Compile one form. Raises `FormError` where a term is not one word, number or amount."""
    terms: list[Term | Gap] = []
    for written in source.split():
        if written in ("...", ".."):
            terms.append(Gap(within=written == ".."))
            continue
        terms.append(_term(source, written))
    if not terms or isinstance(terms[0], Gap) or isinstance(terms[-1], Gap):
        raise FormError(f"form {source!r}: begins or ends with a gap, or is empty")
    return Form(source, tuple(terms))


def _term(source: str, written: str) -> Term:
    other = written.startswith("!")
    words, prefixes, values = set(), [], []
    for alternative in _alternatives(source, written.removeprefix("!")):
        tokens = lex(alternative.removesuffix("*"))
        if len(tokens) != 1:
            raise FormError(f"form {source!r}: {alternative!r} is not one word, number or amount")
        (token,) = tokens
        if other and token.value is None:
            raise FormError(f"form {source!r}: {written!r} excludes what is no number or amount")
        if token.value is not None:
            values.append(token)
        elif alternative.endswith("*"):
            prefixes.append(token.text)
        else:
            words.add("NOT" if alternative == "NOT" or token.text in NEGATORS else token.text)
    return Term(frozenset(words - {"NOT"}), tuple(prefixes), tuple(values), "NOT" in words, other)


def _alternatives(source: str, written: str) -> Iterator[str]:
    for alternative in written.split("|"):
        if not alternative.startswith("@"):
            yield alternative
        elif alternative[1:] in WORDS:
            yield from WORDS[alternative[1:]].split()
        else:
            raise FormError(f"form {source!r}: {alternative!r} is no class of words{nearest(alternative[1:], WORDS)}")


def _same(wanted: Token, token: Token) -> bool:
    if wanted.kind is Kind.MONEY and token.kind is Kind.NUMBER:
        return wanted.value == token.value and token.value is not None and token.value >= Decimal(1_000)
    return wanted.kind is token.kind and wanted.value == token.value


@dataclass(frozen=True, slots=True)
class Sentence:
    """The tokens of one sentence, without the marks that end it, its polarity, and the stretches it only mentions."""

    tokens: tuple[Token, ...]
    polarity: Polarity
    mentioned: tuple[range, ...]


@lru_cache(maxsize=16_384)
def sentences(text: str) -> tuple[Sentence, ...]:
    """The sentences of a text."""
    found, group = [], []
    for token in (*lex(text), Token(Kind.SENTENCE_END, "")):
        if token.kind is not Kind.SENTENCE_END:
            group.append(token)
        elif group:
            found.append(Sentence(tuple(group), read(group), mentioned(group, asks="?" in token.text)))
            group = []
    return tuple(found)


def _match(form: Form, sentence: Sentence, start: int) -> tuple[int, frozenset[int]] | None:
    """End of the shortest match of ``form`` from ``start``, with the positions of negators its ``NOT`` terms took."""
    tokens, negators = sentence.tokens, sentence.polarity.negators

    def walk(number: int, position: int, gap: Gap | None, taken: frozenset[int]) -> tuple[int, frozenset[int]] | None:
        if number == len(form.terms):
            return position, taken
        term = form.terms[number]
        if isinstance(term, Gap):
            return walk(number + 1, position, term, taken)
        within = gap is not None and (gap.within or position - 1 in taken)
        left = GAP if gap else 0
        while position < len(tokens):
            token = tokens[position]
            negator = term.negator and (position in negators or _named(form, number, tokens, position))
            if negator or term.takes(token):
                found = walk(number + 1, position + 1, None, taken | {position} if negator else taken)
                if found:
                    return found
            if token.kind is Kind.CLAUSE_END and number:
                if within:
                    return None
                position += 1
            elif left and not (gap and gap.within and ends_scope(token)) and not (term.other and term.measures(token)):
                position, left = position + 1, left - 1
            else:
                return None
        return None

    return walk(0, start, None, frozenset())


def _named(form: Form, number: int, tokens: Sequence[Token], position: int) -> bool:
    """Whether a negator is harmless only by the word after it, which the form names: ``NOT hanya`` for "tidak hanya"."""
    following = form.terms[number + 1] if number + 1 < len(form.terms) else None
    return (
        tokens[position].text in NEGATORS
        and isinstance(following, Term)
        and position + 1 < len(tokens)
        and following.takes(tokens[position + 1])
    )


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether a text says something, and whether it also says the opposite."""

    said: bool
    denied: bool


def find(forms: Sequence[str], text: str) -> Finding:
    """Look for any of ``forms`` in ``text``; a form under a negation is a denial."""
    return _find(tuple(forms), text)


@lru_cache(maxsize=65_536)
def asserts(forms: tuple[str, ...], text: str) -> bool:
    """Whether ``text`` says any of ``forms`` itself, where `find` is content with words in a question or a refusal."""
    return any(
        (_read(form, sentence, start) or "denied") != "denied" and not _only_mentioned(form, sentence, start)
        for sentence in sentences(text)
        for form in map(compile_form, forms)
        for start in _starts(form, sentence)
    )


def _only_mentioned(form: Form, sentence: Sentence, start: int) -> bool:
    match = _match(form, sentence, start)
    return match is not None and any(start in span and match[0] - 1 in span for span in sentence.mentioned)


@lru_cache(maxsize=65_536)
def _find(forms: tuple[str, ...], text: str) -> Finding:
    said = denied = False
    for sentence in sentences(text):
        found = [_read(form, sentence, start) for form in map(compile_form, forms) for start in _starts(form, sentence)]
        said = said or "said" in found or "said with NOT" in found
        # "Not for documents" may say a fact that "for documents" would deny.
        denied = denied or ("denied" in found and "said with NOT" not in found)
    return Finding(said, denied)


def crowded(forms: Sequence[str], text: str) -> bool:
    """Whether some sentence is a list of keywords: five or more alternatives of one term, a quarter of its words."""
    terms = {term for form in forms for term in compile_form(form).terms if isinstance(term, Term) and not term.other}
    for sentence in sentences(text):
        words = [token.text for token in sentence.tokens if token.kind is not Kind.CLAUSE_END]
        most = max((term.alternatives_in(words) for term in terms), default=0)
        if most >= CROWDED and 4 * most >= len(words):
            return True
    return False


def _starts(form: Form, sentence: Sentence) -> list[int]:
    """Where the first term stands: most forms are done with here."""
    first = form.terms[0]
    assert isinstance(first, Term)
    return [
        start
        for start, token in enumerate(sentence.tokens)
        if first.takes(token) or (first.negator and token.text in NEGATORS)
    ]


def _read(form: Form, sentence: Sentence, start: int) -> str | None:
    """What a match of ``form`` from ``start`` does, or `None` where there is none, or one that says nothing either way."""
    match = _match(form, sentence, start)
    if match is None:
        return None
    tokens, polarity = sentence.tokens, sentence.polarity
    end, taken = match
    if start in polarity.denied:
        return "denied"
    if taken:
        return "said with NOT"
    if turned(tokens, polarity, start, end):
        # "D is not the cheapest, but Lite": what was negated ends before what is said of Lite
        return None if any(token.text in CONTRAST for token in tokens[start:end]) else "denied"
    if turned_inside(tokens, polarity, start, end, taken):
        return None if any(token.kind is Kind.CLAUSE_END for token in tokens[start:end]) else "denied"
    return "said"
