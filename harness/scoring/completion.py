"""Take a completion apart: ``<think>reasoning</think><output>answer</output>``."""

import re
from dataclasses import dataclass

STOP = "</output>"
_WELL_FORMED = re.compile(r"\s*<think>(?P<think>.*?)</think>\s*<output>(?P<output>.*?)</output>\s*", re.DOTALL)
_OUTPUT = re.compile(r"<output>(?P<output>.*?)(?:</output>|\Z)", re.DOTALL)
_TAG = re.compile(r"</?(?:think|output)>")


@dataclass(frozen=True, slots=True)
class Completion:
    """A completion cut after its first ``</output>``, where the service stops reading.

    ``answer`` is what reaches the customer: the text inside closed output tags, or ``None`` where there is none.
    ``whole`` is the best reading of an answer whose tags are missing or unclosed.
    """

    text: str
    well_formed: bool
    reasoning: str | None
    answer: str | None
    whole: str


def parse(text: str) -> Completion:
    """Read a raw completion; never fails."""
    before, stop, _ = text.partition(STOP)
    text = before + stop
    strict = _WELL_FORMED.fullmatch(text)
    well_formed = bool(
        strict
        and strict["think"].strip()
        and strict["output"].strip()
        and not _TAG.search(strict["think"])
        and not _TAG.search(strict["output"])
    )
    reasoning = text.partition("<think>")[2].partition("</think>")[0].strip() if "</think>" in text else None
    opened = _OUTPUT.search(text)
    answer = opened["output"].strip() if opened and stop else None
    if opened:
        whole = opened["output"].strip()
    else:
        whole = _TAG.sub(" ", text.rpartition("</think>")[2]).strip()
    return Completion(text, well_formed, reasoning, answer, whole)
