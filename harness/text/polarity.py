"""Polarity: which words of a sentence a negation turns, and how far it reaches.

Rules over tokens, after NegEx (Chapman et al. 2001, J. Biomed. Inform. 34), in Indonesian and English:

- a negator turns what follows it within its clause, up to `REACH` tokens ("biayanya bukan Rp16.000"), and a predicate of
  use or truth after the words ("Rp16.000 itu tidak benar", "five photos are not needed");
- two turns cancel: "cannot avoid", "don't forget", "tidak bisa tanpa";
- a denial turns the rest of the sentence ("It is not true that ..."), up to a contrast ("..., but");
- some negators turn nothing: "not only", "tidak perlu khawatir", "no problem".
"""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.text.lexer import Kind, Token

REACH = 7

NEGATORS = frozenset(
    (
        "tidak tak bukan belum tanpa jangan nggak enggak ngga engga gak ga gk tdk ndak tiada mustahil dilarang not no nope "
        "never nothing nobody without cannot nor none neither isn't aren't wasn't weren't don't doesn't "
        "didn't can't couldn't won't wouldn't shouldn't haven't hasn't unable cant dont doesnt isnt wont ain't needn't mustn't"
    ).split()
)
# Words after which a negator negates nothing: "not only", "no more than", "tidak perlu khawatir", "not hesitate".
_HARMLESS_AFTER = frozenset(
    (
        "hanya cuma cuman saja sekadar sekedar lebih kurang khawatir masalah apa ragu salah lupa keberatan sungkan segan takut only just "
        "more less worry worries problem matter doubt later longer hesitate mind forget afraid"
    ).split()
)
_ASKED = frozenset("why kenapa mengapa".split())  # "why not ask for a refund?"
_PASSED_OVER = frozenset(
    "perlu usah need to be bisa boleh".split()
)  # "tidak perlu khawatir", but also "tidak perlu membayar"
# "Tidak hanya Ultra", "not less alike": before a statement that begins with them, the negator does turn it.
_FOCUS = frozenset("hanya cuma cuman only just saja solely less kurang more lebih".split())
_ONLY = frozenset("hanya cuma cuman only just".split())
_DONE = frozenset("paid done charged needed billed dibayar dilakukan dikenakan".split())
# Words that cancel a negator before them: "cannot avoid the fee", "don't forget", "not take more than", "tidak kurang dari".
_CANCELLING = frozenset(
    (
        "avoid avoided avoiding skip escape forget miss dodge menghindari hindari dihindari lupa lupakan melewatkan lewatkan "
        "menghindar fewer less kurang more lebih longer exceed melebihi over"
    ).split()
)
# Words after which a negation said before no longer holds.
_SCOPE_ENDS = frozenset(
    (
        "tapi tetapi namun melainkan kecuali selain jika kalau kalo bila apabila karena soalnya sebab jadi sehingga agar "
        "supaya dan cukup hanya cuma cuman asal asalkan selama sebelum lalu terus trus sedangkan sementara but however unless "
        "except besides if because so and other only just while until beyond whereas then since rather instead"
    ).split()
)
CONTRAST = frozenset("tapi tetapi namun melainkan but instead rather".split())
_REASONS = frozenset("karena sebab soalnya because since".split())
_DENIALS = tuple(
    tuple(words.split())
    for words in (
        "not true that", "not correct that", "not right that", "isn't true that", "isn't correct that", "not the case that",
        "false that", "wrong that", "untrue that", "incorrect that", "false to say", "wrong to say", "a myth that", "a lie that",
        "tidak benar bahwa", "tidak benar kalau", "tidak benar jika", "nggak benar kalau", "gak benar kalau", "bukan berarti",
        "tidak betul bahwa", "tidak betul kalau", "salah kalau", "salah bahwa", "salah jika", "keliru kalau", "keliru bahwa", "keliru jika",
        "bohong kalau", "bohong bahwa", "mitos bahwa", "mitos kalau",
    )
)  # fmt: skip
# What a negator after the words must be followed by, to deny them: "Formal Pas Foto tidak cocok", "the fee is not mandatory".
_PREDICATES = frozenset(
    (
        "benar betul tepat perlu diperlukan dibutuhkan butuh wajib cocok sesuai diterima disarankan dianjurkan dipakai digunakan "
        "cukup true correct right needed necessary required mandatory suitable accepted recommended enough used allowed valid "
        "apply suited meant intended need one what give fit button tombol ditekan"
    ).split()
)
_COPULAS = frozenset(
    "is are was were be itu ini tersebut adalah sama sekali at all always really do does would will could can akan".split()
)
_WRONG = frozenset("salah keliru bohong hoaks wrong incorrect false untrue".split())


@dataclass(frozen=True, slots=True)
class Polarity:
    """Where a sentence is negated: positions of its tokens."""

    negators: frozenset[int]
    denied: frozenset[int]


def read(sentence: Sequence[Token]) -> Polarity:
    """Find the negators of a sentence that negate something, and the tokens under a denial."""
    words = [token.text for token in sentence]
    negators = frozenset(position for position in range(len(words)) if _negates(words, position))
    denied: set[int] = set()
    for position in range(len(words)):
        for denial in _DENIALS:
            if tuple(words[position : position + len(denial)]) == denial:
                start = position + len(denial)
                denied.update(range(start, _contrast(sentence, start)))
    return Polarity(negators, frozenset(denied))


def _negates(words: Sequence[str], position: int) -> bool:
    if words[position] not in NEGATORS or (position and words[position - 1] in _ASKED):
        return False
    after = list(words[position + 1 : position + 4])
    while after and after[0] in _PASSED_OVER:
        after.pop(0)
    return not after or after[0] not in _HARMLESS_AFTER


def _contrast(sentence: Sequence[Token], start: int) -> int:
    for position in range(start, len(sentence)):
        token = sentence[position]
        after_comma = sentence[position - 1].kind is Kind.CLAUSE_END
        if token.text in CONTRAST or (token.text in _REASONS and after_comma) or token.text in ";:—":
            return position
    return len(sentence)


def ends_scope(token: Token) -> bool:
    """Whether a negation said before the token no longer holds after it."""
    return token.kind is Kind.CLAUSE_END or token.text in _SCOPE_ENDS


def turned(sentence: Sequence[Token], polarity: Polarity, start: int, end: int) -> bool:
    """Whether a negation outside the words from ``start`` to ``end`` turns them."""
    return start in polarity.denied or _before(sentence, polarity, start) or _after(sentence, polarity, end)


def _counts(token: Token) -> bool:
    return token.value is not None or token.text in ("once", "sekali", "up", "sampai", "hingga")


def _before(sentence: Sequence[Token], polarity: Polarity, start: int) -> bool:
    if start and sentence[start - 1].text in NEGATORS and sentence[start].text in _FOCUS:
        return True  # "tidak hanya Ultra": the negator that is harmless elsewhere denies just this
    if start >= 2 and sentence[start - 1].text in _ONLY and _counts(sentence[start]):
        before = sentence[start - 2] if sentence[start - 2].text not in _DONE else sentence[start - 3]
        if before.text in NEGATORS:
            return True  # "tidak hanya 20 detik", "not paid only once": more than that
    turns, cancelled = 0, False
    for position in range(start - 1, max(-1, start - 1 - REACH), -1):
        token = sentence[position]
        if ends_scope(token):
            break
        cancelled = cancelled or token.text in _CANCELLING
        turns += position in polarity.negators and not cancelled
    return turns % 2 == 1


def _after(sentence: Sequence[Token], polarity: Polarity, end: int) -> bool:
    position = end
    while position < len(sentence) and position < end + 3 and sentence[position].text in _COPULAS:
        position += 1
    if position >= len(sentence):
        return False
    if sentence[position].text in _WRONG:
        return position > end or sentence[position].text in ("salah", "keliru")
    if position not in polarity.negators:
        return False
    rest = sentence[position + 1 : position + 4]
    for token in rest:
        if token.kind is Kind.CLAUSE_END:
            return False
        if token.text in _PREDICATES:
            return True
    return False


def turned_inside(sentence: Sequence[Token], polarity: Polarity, start: int, end: int, taken: frozenset[int]) -> bool:
    """Whether a negator between the words themselves, other than those ``taken`` by the form, turns them."""
    for position in range(start, end):
        if position in polarity.negators and position not in taken:
            return not any(ends_scope(token) for token in sentence[position:end])
    return False
