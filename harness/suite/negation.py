"""Negate a clause by rule, in Indonesian and English: a fluent wrong answer is made from a right one.

Small and shallow on purpose: a negating word is taken away, else one is put before the first word that can bear it, else the
whole statement is denied ("It is not true that ...").
"""

import re

from harness.text.forms import find

_TAKEN_AWAY = {
    "en": {
        "cannot": "can", "can't": "can", "won't": "will", "don't": "do", "doesn't": "does", "isn't": "is", "aren't": "are",
        "not": "", "no": "", "never": "always", "nothing": "everything", "without": "with", "none": "all", "nor": "or",
    },
    "id": {
        "tidak": "", "tak": "", "nggak": "", "gak": "", "ga": "", "enggak": "", "bukan": "", "belum": "sudah",
        "jangan": "silakan", "tanpa": "dengan",
    },
}  # fmt: skip
_SUBORDINATE = re.compile(
    r"\b(?:before|while|if|when|after|as long as|so that|sebelum|selama|kalau|bila|jika|supaya|setelah|karena|because)\b",
    re.IGNORECASE,
)
_HARMLESS = re.compile(
    r"\b(?:not only|no problem|no worries|tidak hanya|bukan hanya|tidak perlu khawatir)\b", re.IGNORECASE
)

_BEARS_AFTER = frozenset("is are was can will may should could would".split())
_BASE = frozenset(
    (
        "need cost take press choose pick use upload write contact email get buy make have keep try apply pay start check go "
        "include click select send turn tie move give open log sign read remain stay find see come hit switch tap wear"
    ).split()
)
_MODALS = frozenset("bisa dapat harus wajib perlu cukup boleh ada akan".split())
_BEARS_BEFORE = frozenset("masuk login mulai butuh minimal paling hanya cuma lewat langsung kurang lebih".split())
_ORDERS = frozenset(
    "tekan pilih unggah hapus tulis hubungi gunakan pakai coba kirim beli klik buka lepas ikat rapikan hindari ulangi pastikan".split()
)
_VERB = re.compile(r"(?:di|me|ber|ter)[a-z]{4,}")
_NO_VERBS = frozenset(
    "dengan detik dimana terima berapa berkas menu merah dipotret terlebih dirinya memang merasa termasuk terkenal melainkan tersebut terakhir tetap".split()
)
_DENIAL = {"en": "it is not true that ", "id": "tidak benar bahwa "}
_FORBID = {"en": "do not ", "id": "jangan "}
_GREETING = re.compile(
    r"(?:(?:yes|no|hello|hi|sorry|thank you|thanks|halo|iya|ya|tidak|maaf|mohon maaf|betul|siap|baik)(?: kak)?[,;:!] )+",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_CONJUNCTION = r"(?:and|but|because|so|though|which is why|dan|tetapi|tapi|karena|jadi|sehingga|sedangkan)\s+"
_CLAUSE = re.compile(rf"(^{_CONJUNCTION}|[,;:]\s+(?:{_CONJUNCTION})?|\s+{_CONJUNCTION})", re.IGNORECASE)
_COLON = re.compile(r"([;:]\s+)")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")


def _english(word: str) -> tuple[str | None, str | None]:
    """The word negated, as an auxiliary and as a verb."""
    if word in _BEARS_AFTER:
        return (f"{word} not" if word != "can" else "cannot"), None
    if word in ("must", "has"):
        return {"must": "need not", "has": "does not have"}[word], None
    if word in _BASE and word != "cost":  # "the computing cost"
        return None, f"do not {word}"
    stems = [stem for stem in (word.removesuffix("s"), word.removesuffix("es")) if word != stem and stem in _BASE]
    if word in ("less", "least", "most", "only"):
        return None, f"not {word}"
    return None, f"does not {stems[0]}" if stems else None


def _indonesian(word: str) -> tuple[str | None, str | None]:
    """The word negated, as a modal, an order or a passive, and as anything else."""
    if word in _ORDERS:
        return f"jangan {word}", None
    if word == "adalah":
        return "bukan", None
    verb = _VERB.fullmatch(word) and word not in _NO_VERBS
    if word in _MODALS or (verb and word.startswith("di")):
        return f"tidak {word}", None
    return None, f"tidak {word}" if verb or word in _BEARS_BEFORE else None


def negate(clause: str, language: str) -> str | None:
    """The clause with its statement negated, or `None` where no word in it can bear a negation."""
    skipped = [range(*found.span()) for found in _HARMLESS.finditer(clause)]
    subordinate = _SUBORDINATE.search(clause)
    main = clause[: subordinate.start()] if subordinate else clause
    words = [found for found in _WORD.finditer(main) if not any(found.start() in span for span in skipped)]
    for found in words:
        instead = _TAKEN_AWAY[language].get(found[0].lower())
        if instead is not None:
            return re.sub(r"  +", " ", clause[: found.start()] + instead + clause[found.end() :])
    rule = _english if language == "en" else _indonesian
    for strength in (0, 1):
        for number, found in enumerate(words):
            borne = rule(found[0].lower())[strength]
            relative = number and words[number - 1][0].lower() in ("yang", "where", "which", "who")
            if borne is not None and not relative:
                borne = borne.capitalize() if found[0][0].isupper() else borne
                return clause[: found.start()] + borne + clause[found.end() :]
    return None


def deny(statement: str, language: str) -> str:
    """The statement under a denial, "it is not true that ..."; an order is forbidden, "do not ..."."""
    greeting = _GREETING.match(statement)
    opening, rest = (statement[: greeting.end()], statement[greeting.end() :]) if greeting else ("", statement)
    first = re.split(r"\W", rest, maxsplit=1)[0]
    order = first.lower() in (_BASE if language == "en" else _ORDERS)
    words = (_FORBID if order else _DENIAL)[language]
    lowered = rest if first.isupper() or first[:1].isdigit() else rest[:1].lower() + rest[1:]
    return opening + words + lowered


def _turn(sentence: str, forms: tuple[str, ...], language: str) -> str:
    """The sentence with the part that carries the fact negated: each clause alone, else what stands between colons."""
    for splitter in (_CLAUSE, _COLON):
        parts = splitter.split(sentence)
        turned = [
            (negate if splitter is _CLAUSE else deny)(part, language)
            if number % 2 == 0 and find(forms, part).said
            else None
            for number, part in enumerate(parts)
        ]
        if any(turned):
            break
    else:
        parts, turned = [sentence], [deny(sentence, language)]
    whole = "".join(new or part for new, part in zip(turned, parts, strict=True)).lstrip()
    return whole[0].upper() + whole[1:]


def negate_fact(text: str, forms: tuple[str, ...], language: str) -> list[tuple[str, str]] | None:
    """Every sentence of a text, negated where it carries the fact said by ``forms``; `None` where none does."""
    pairs = [
        (sentence, _turn(sentence, forms, language) if find(forms, sentence).said else sentence)
        for sentence in _SENTENCE.split(text)
    ]
    return pairs if any(sentence != turned for sentence, turned in pairs) else None
