"""Mention: the words of a sentence that name a thing without saying it of anything.

"We have no information on the number of sunglasses" does not say that sunglasses are not allowed, nor does "Biaya Rp16.000 tidak
diketahui" state the fee. Rules over clauses, in Indonesian and English, for

- what is said to be unknown, before the words that say so or after them;
- a question, asked ("Is it Rp16,000?") or told of ("whether it is Rp16,000");
- what the customer is said to ask or believe ("you think that it is Rp16,000").

Cues and the words they reach over, as in hedge detection (Farkas et al. 2010, CoNLL). A condition counts as said: "Kalau masih ada
kredit, ulangi saja" is how people state what holds.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate

from harness.text.lexer import Kind, Token
from harness.text.polarity import NEGATORS

_NOT = "(?:" + "|".join(sorted(NEGATORS)) + ")"
_INFO = r"(?:informasi(?:nya)?|info(?:nya)?|keterangan(?:nya)?|information|details?|knowledge|idea|clue)"
_BREAK = r"(?:tapi|tetapi|namun|but|yet|however|so|jadi|sehingga|karena|because|silakan|silahkan|please)"
_REST = rf"(?:(?! {_BREAK} )[^|])*"
# What is named before the words that say it is unknown: as long as no sentence needs, so that a long run takes linear time.
_THING = rf"(?:(?! {_BREAK} )[^|]){{0,120}}?"
_KNOWN = r"(?:diketahui|ketahui|mengetahui|tahu|tau|know|knows|known)"
_STATED = r"(?:stated|specified|mentioned|disclosed|disebutkan|dicantumkan)"
_YOU = r"(?:you|kakak|kak|anda|kamu)"
_UNKNOWN = (
    # "informasi warga tidak tersedia", "information about the top score is not available"
    rf" {_INFO} (?!lebih |more |further |lain ){_THING} {_NOT} (?:\w+ )?"
    rf"(?:tersedia|ada|kami|punya|dimiliki|disebutkan|{_KNOWN}|available|provided|given|stated|here)(?= )",
    # "we have no information on", "belum ada info soal"
    rf" {_NOT} (?:(?:ada|punya|memiliki|mempunyai|dapat|menemukan|terdapat|cukup|have|has|got|any|the|that|such|exact|specific|find|enough) )*"
    rf"{_INFO}(?= ){_REST}",
    # "biaya Rp16.000 tidak diketahui", "we do not know the fee"
    rf"(?:(?! (?:{_BREAK}|and|dan) )[^|]){{0,120}} (?:{_NOT} (?:(?:bisa|dapat|pasti|can|be|yet|been|currently) )*{_KNOWN}"
    rf"|{_NOT} {_STATED}|kurang (?:tahu|tau)|unknown|entah)(?= ){_REST}",
    # "no exact size is stated"
    rf" {_NOT} {_THING} (?:is|are) {_STATED}(?= )",
)
_TOLD = (
    r" (?:whether|apakah)(?= )[^|]*",
    rf"(?<! as)(?<! seperti)(?<! yang) {_YOU} (?:asked|ask|wonder|said|say|think|thought|believe|assume|bertanya|tanya|menanyakan|"
    r"bilang|kira|mengira|sangka|menyangka)(?= )[^|]*",
)
_UNKNOWN_SPANS, _TOLD_SPANS = (tuple(map(re.compile, patterns)) for patterns in (_UNKNOWN, _TOLD))
_ASKED = re.compile(
    r"(?:^| \|) (?:(?:so|and|or|jadi) )?(?:is|are|was|were|does|did|do you mean|what|which|when|where|who|maksud\w*) .*"
    r"| (?:apakah|benarkah|adakah|berapa|kapan) .*"
)


def mentioned(tokens: Sequence[Token], *, asks: bool) -> tuple[range, ...]:
    """Stretches of token positions that a sentence only names; ``asks`` where it ends with a question mark."""
    told = (*_TOLD_SPANS, _ASKED) if asks else _TOLD_SPANS
    return unknown(tokens) + _spans(told, tokens)


def unknown(tokens: Sequence[Token]) -> tuple[range, ...]:
    """Stretches in which a sentence says that something is not known, with what that is."""
    return _spans(_UNKNOWN_SPANS, tokens)


def _spans(patterns: Sequence[re.Pattern[str]], tokens: Sequence[Token]) -> tuple[range, ...]:
    words = [_written(token) for token in tokens]
    starts = list(accumulate((len(word) + 1 for word in words[:-1]), initial=1))
    text = f" {' '.join(words)} "
    return tuple(
        range(bisect_left(starts, match.start()), bisect_right(starts, match.end()))
        for pattern in patterns
        for match in pattern.finditer(text)
    )


def _written(token: Token) -> str:
    """The token as the patterns read it: a mark is ``|``, a value ``#``."""
    if token.kind is Kind.CLAUSE_END:
        return "|"
    return token.text if token.kind is Kind.WORD else "#"
