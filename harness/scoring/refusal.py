"""Refusals: answers that say that something is not known, or that they cannot help.

A refusal is right where refusing is what the item asks for, and then of the thing that was asked; anywhere else it takes the
rest of the answer back.
"""

import re

from harness.scoring.language import detect
from harness.scoring.no_answer import LIGHT, OPENINGS
from harness.suite.item import Item
from harness.suite.knowledge import KnowledgeBase
from harness.text.forms import sentences
from harness.text.lexer import Kind, Token, lex
from harness.text.mention import unknown
from harness.text.polarity import NEGATORS

NOT_KNOWN = "answer.unknown"
"""The fact that an answer states by saying that something is not known."""

_SHARED = 4
_LEAST = 2
_REFUSING = frozenset(
    (
        "information informasi informasinya info infonya keterangan keterangannya details detail knowledge idea clue available tersedia "
        "known unknown know knows diketahui tahu tau sorry unfortunately maaf mohon punya memiliki about on tentang soal mengenai perihal "
        "regarding pada kami kita saya aku i we us our my you your kakak anda provided given stated specified mentioned anywhere "
        "disebutkan dicantumkan honestly something anything what which whether if or and atau dan since so jadi di for to"
    ).split()
)
_NOT = "(?:" + "|".join(sorted(NEGATORS)) + ")"
_THAT = r"(?:(?:hal|soal|informasi|info|yang) )?(?:itu|ini|tersebut)|(?:informasi|info)nya|(?:that|this|it|the)(?: information)?"
_GIVES_UP = re.compile(
    rf"{OPENINGS}(?:(?:so|jadi|maka) )?(?:(?:{_THAT}) )?(?:"
    rf"(?:kami |saya |aku )?{_NOT} (?:bisa |dapat )(?:kami |saya |aku )?(?:bantu|membantu|jawab|menjawab)"
    rf"|(?:kami |saya |aku )?(?:{_NOT}|kurang) (?:diketahui|tahu|tau)"
    rf"|(?:kami |saya |aku )?{_NOT} (?:ada |punya |memiliki |tersedia )?(?:informasi|info)(?:nya)?"
    rf"|{_NOT} tersedia (?:pada|di) kami"
    rf"|(?:is|'s) (?:{_NOT} known|unknown)(?: to us)?"
    rf"|(?:i|we) (?:do not|don't) know|(?:i|we)(?: am|'m| are|'re)? (?:{_NOT})(?: able to)? (?:help|assist|answer)"
    rf"|(?:i|we) (?:have no|do not have|don't have)(?: any)? (?:information|idea|details)"
    rf"|is {_NOT} available to us"
    rf")(?: you)?(?: (?:with|about|on|for|soal|tentang|mengenai))?(?: (?:{_THAT}))?(?: (?:ya|kak|sorry|maaf|unfortunately))*"
)
_REFERS = re.compile(rf"(?:so|jadi|maka|but|tapi|tetapi|namun|and|dan|{_THAT})\b")
_CLAUSE = re.compile(r"[.!?\n;,:—–]+(?=\s|$)")


def off_topic(answer: str, item: Item, knowledge: KnowledgeBase) -> bool:
    """Whether an answer says of other things than the item's that they are not known.

    Each thing has to be named by two words or more that share no four letters in a row with a word of the question, the gold or a
    fact that the item rests on, so that inflections, typos and "that is not known" are no other thing. Of an answer in another
    language than the item's nothing is told.
    """
    if detect(answer) not in (None, item.language):
        return False
    facts = [fact for fact in (*item.facts_required, *item.knowledge) if isinstance(fact, str) and fact != NOT_KNOWN]
    texts = [item.problem, item.expected_answer, *(text for fact in facts for text in knowledge[fact].text.values())]
    asked = frozenset(run for text in texts for run in _runs(_named(lex(text))))
    named = [
        _named(sentence.tokens[span.start : span.stop])
        for sentence in sentences(answer)
        for span in unknown(sentence.tokens)
    ]
    return bool(named) and all(len(words) >= _LEAST and not _runs(words) & asked for words in named)


def _named(tokens: tuple[Token, ...]) -> frozenset[str]:
    words = {token.text for token in tokens if token.kind is Kind.WORD}
    return frozenset(words - LIGHT - NEGATORS - _REFUSING)


def _runs(words: frozenset[str]) -> frozenset[str]:
    """Every four letters in a row, and shorter words whole."""
    return frozenset(
        word[start : start + _SHARED] for word in words for start in range(max(1, len(word) - _SHARED + 1))
    )


def gives_up(answer: str) -> int | None:
    """Where the answer says that it does not know or cannot help, with no thing named: the end of the last such clause, or `None`.

    "Soal promo, kami tidak tahu" names one, in the clause before.
    """
    found, start, opened = None, 0, True
    for mark in [*_CLAUSE.finditer(answer), None]:
        plain = _plain(answer[start : mark.start() if mark else len(answer)])
        start = mark.end() if mark else len(answer)
        if (opened or _REFERS.match(plain)) and _GIVES_UP.fullmatch(plain):
            found = start
        opened = (mark is not None and mark[0][0] in ".!?\n;") or (opened and bool(re.fullmatch(OPENINGS, plain + " ")))
    return found


def _plain(clause: str) -> str:
    return " ".join(re.findall(r"[\w']+", clause.lower().replace("’", "'")))
