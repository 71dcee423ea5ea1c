"""Texts that are no answer, whatever facts they hold: too long, an echo, a heap of words, another language, taken back, a hedge."""

import re
from functools import lru_cache
from itertools import combinations, pairwise

from harness.scoring.language import FUNCTION_WORDS, detect
from harness.scoring.unsupported import values
from harness.suite.item import Item
from harness.suite.knowledge import KnowledgeBase
from harness.text.forms import Sentence, crowded, sentences
from harness.text.lexer import Kind, lex
from harness.text.polarity import NEGATORS

LONGEST_WORDS = 150
LONGEST_RATIO = 5

_ENGLISH_WRONG = (
    r"(?:wrong|false|untrue|incorrect|inaccurate|mistaken|a lie|lies|nonsense|a joke|made up|a mistake|an error"
    r"|the other way (?:a?round)|the opposite|the reverse"
    r"|(?:not|n't) (?:true|correct|right|so|the case|accurate|how it works|what i meant))"
)
_RETRACTIONS = (
    rf"(?:that|this|it|(?:all |everything )?(?:of )?(?:that|this|it|the above)|(?:the |my |our )?(?:above|last|previous)?\s*"
    rf"(?:answer|statement|reply|information|part)(?: (?:above|before))?|(?:all |everything |what )(?:that )?i (?:just )?"
    rf"(?:said|wrote|told you)(?: (?:above|before|there))?)(?:'s| is|is| was|was| are|are)(?: (?:all|just|completely|entirely|actually|in fact))* ?"
    rf"{_ENGLISH_WRONG}",
    r"(?:none|nothing|not a word) (?:of |i said |in )?(?:that|this|it|these|those|the above|what i said)?\s*(?:is|are|was|were) "
    r"(?:\w+ )?(?:true|correct|right|accurate)",
    r"(?:the )?(?:opposite|reverse|contrary) is (?:true|the case)",
    r"(?:i|we) (?:was|were|am|are|'m|made (?:that|this|it) up|lied|misspoke)(?: (?:just|only))? ?(?:wrong|mistaken|lying|joking|kidding)?$",
    r"(?:just|only) (?:kidding|joking)",
    r"(?:please )?(?:ignore|disregard|forget|scratch)(?: about)? (?:that|this|the above|all that|everything|what i|my|all of)",
    r"(?:(?:semua|semuanya|jawaban|info|informasi|pernyataan|keterangan|yang|saya|kami|aku|sebutkan|sampaikan|katakan|bilang|"
    r"ucapan|penjelasan|hal) )*(?:itu|ini|tadi|tersebut|barusan|di atas|semua|semuanya)"
    r"(?: (?:semua|semuanya|sama sekali|tadi|itu|ternyata|sebenarnya|jelas))* "
    r"(?:(?:tidak|bukan|nggak|gak|ga|kurang|tak) (?:benar|betul|tepat|begitu|demikian|sesuai|akurat)"
    r"|salah|keliru|bohong|hoaks|hoax|dusta|ngawur|terbalik|kebalik)",
    r"(?:bukan|nggak|gak|tidak) (?:begitu|demikian|seperti itu)(?= (?:kak|ya|kok|deh|sih)|$)",
    r"(?:yang benar )?(?:adalah |justru |malah )*(?:kebalikannya|sebaliknya)(?= (?:kak|ya|kok|deh|sih|yang benar)|$)",
    r"(?:tolong |mohon |silakan )?(?:abaikan|lupakan)",
    r"(?:saya|kami|aku) (?:tadi |barusan )?(?:salah|keliru|bohong|berbohong|bercanda|ngaco)",
    r"(?:cuma |hanya )?(?:bercanda|becanda)(?= (?:kak|ya|kok|deh|doang)|$)",
)
OPENINGS = (
    r"(?:(?:maaf|mohon maaf|sorry|oh|eh|wait|tunggu|tapi|tetapi|namun|but|though|however|well|actually|sebenarnya|sebetulnya|"
    r"ternyata|ya|kak|no|nope|tidak|bukan|ah|oops|ups|in fact|correction|ralat|and|dan|then again|on second thought|hmm) )*"
)
_RETRACTION = re.compile(OPENINGS + "(?:" + "|".join(_RETRACTIONS) + r")(?:\b|$)")
_CLAUSE = re.compile(r"[.!?\n;:,—–]+(?=\s|$)|\s(?=(?:but|tapi|tetapi|namun)\s)")


def no_answer(answer: str, item: Item, forms: tuple[str, ...], knowledge: KnowledgeBase) -> str | None:
    """Why a text is no answer at all, or `None`; ``forms`` are those of the facts it has to say.

    Whether it takes itself back is told by `retraction`, because that depends on what is said afterwards.
    """
    if len(answer.split()) > max(LONGEST_WORDS, LONGEST_RATIO * len(item.expected_answer.split())):
        return "too long"
    if _words(answer) == _words(item.problem):
        return "echoes the question"
    if detect(answer) not in (None, item.language):
        return "in another language"
    if crowded(forms, answer) or _mixed(answer, knowledge):
        return "a heap of words"
    if unsaid(answer):
        return "unsays a sentence of its own"
    hedge = _hedge(answer)
    return f"leaves {hedge} open" if hedge and hedge != _hedge(item.expected_answer) else None


def _words(text: str) -> list[str]:
    return [token.text for token in lex(text) if token.kind not in (Kind.CLAUSE_END, Kind.SENTENCE_END)]


@lru_cache(maxsize=8)
def _vocabulary(knowledge: KnowledgeBase) -> tuple[frozenset[str], frozenset[str]]:
    """Words of Indonesian alone and of English alone: function words, and those of the knowledge base's texts."""
    texts = {
        language: frozenset(word for fact in knowledge.stated() for word in _words(fact.text[language])) | words
        for language, words in FUNCTION_WORDS.items()
    }
    return texts["id"] - texts["en"], texts["en"] - texts["id"]


def _mixed(answer: str, knowledge: KnowledgeBase) -> bool:
    """Whether two or more words of each language alone stand in it, about as many of one as of the other."""
    words = set(_words(answer))
    indonesian, english = (len(words & own) for own in _vocabulary(knowledge))
    return min(indonesian, english) >= 2 and 2 * min(indonesian, english) >= max(indonesian, english)


_RATES = frozenset("per each a an tiap setiap apiece".split())


def _hedge(answer: str) -> str | None:
    """Two different values of one unit, left to choose from: "Rp16.000 atau Rp50.000", but not "or Rp500 per foto"."""
    found, tokens = values(answer), lex(answer)
    for (first, start, unit), (second, stop, other) in pairwise(found):
        between = [token.text for token in tokens[start + 1 : stop]]
        rate = stop + 1 < len(tokens) and tokens[stop + 1].text in _RATES
        if unit == other and first != second and not rate and {"or", "atau"} & set(between) and len(between) <= 4:
            return f"{first:f} or {second:f} {unit}"
    return None


LIGHT = frozenset(
    (
        "a an the is are was were be do does did can could will would may must need should has have had to of it that this there true "
        "actually however again then but please every everything all with some any always either "
        "ada bisa dapat boleh harus perlu akan sudah dengan itu ini ya kak eh sebenarnya namun tapi benar bahwa semua selalu silakan adalah "
        "saja juga yang"
    ).split()
)
_STEM = 4


def unsaid(answer: str) -> bool:
    """Whether one sentence repeats another with its meaning turned: "It can be deleted. Actually, it cannot be deleted."

    Two sentences are the same where at most one stem of three or more differs, besides negators and light words.
    """
    read = [(_stems(sentence), _is_negated(sentence)) for sentence in sentences(answer)]
    return any(
        len(first & second) >= 2 and len(first ^ second) <= min(1, len(first & second) - 2) and was != now
        for (first, was), (second, now) in combinations(read, 2)
    )


def _stems(sentence: Sentence) -> frozenset[str]:
    words = (token.text for token in sentence.tokens if token.kind is not Kind.CLAUSE_END)
    return frozenset(word[:_STEM] if word.isalpha() else word for word in words if word not in NEGATORS | LIGHT)


def _is_negated(sentence: Sentence) -> bool:
    return (len(sentence.polarity.negators - sentence.polarity.denied) + bool(sentence.polarity.denied)) % 2 == 1


def retraction(answer: str) -> int | None:
    """Where the answer takes back what it said before: the end of the last such clause, or `None`."""
    found, start = None, 0
    for mark in [*_CLAUSE.finditer(answer), None]:
        clause = answer[start : mark.start() if mark else len(answer)]
        plain = " ".join(re.findall(r"[\w']+", clause.lower().replace("’", "'")))
        if answer[:start].strip() and _RETRACTION.match(plain):
            found = mark.end() if mark else len(answer)
        start = mark.end() if mark else start
    return found
