"""Politeness by documented markers of Indonesian and English customer service.

Six kinds of courtesy count: greeting, thanks, apology, please, honorific address, offer of help. One kind gives 0.5, two or
more give 1, none 0; any rude word gives 0. Scale 0, 0.5, 1, higher is better. Kinds after the positive and negative
politeness strategies of Danescu-Niculescu-Mizil et al. 2013; the Indonesian markers (Kak, Bapak/Ibu, mohon, silakan) are
the forms of address and request taught in Indonesian service manuals. It says nothing about whether the answer is right.
"""

import re

from harness.scoring.completion import Completion
from harness.scoring.metric import Metric, Scores, scorer
from harness.suite.item import Item
from harness.suite.knowledge import KnowledgeBase

MARKERS = {
    "greeting": r"halo|hai|hallo|selamat (?:pagi|siang|sore|malam|datang)|salam|hello|hi|good (?:morning|afternoon|evening|day)|dear|welcome",
    "thanks": r"terima ?kasih|makasih|trims|thank you|thanks|thank|appreciate",
    "apology": r"maaf|mohon maaf|maafkan|kami menyesal|sorry|apologi[sz]e|apologies|we regret|regret",
    "please": r"silakan|silahkan|mohon|tolong|harap|please|kindly|feel free|you(?:'re| are) welcome to",
    "honorific": r"kak|kakak|bapak|ibu|pak|bu|anda|sir|madam|ma'am",
    "offer": r"(?:ada|apakah ada) (?:lagi|hal lain|yang lain)|bisa kami bantu|kami bantu|siap membantu|senang (?:sekali )?membantu|"
    r"dengan senang hati|jangan ragu|(?:happy|glad) to \w+|here to help|can i help|may i help|let (?:us|me) know|anything else|gladly",
}  # fmt: skip
RUDE = (
    r"bodoh|goblok|tolol|bego|idiot|anjing|bangsat|sialan|brengsek|kampret|dungu|cerewet|berisik|kurang ajar|"
    r"stupid|dumb|moron|shut up|damn|idiotic|fool|nonsense|none of your business|go away|stop whining|your fault"
)
_MARKERS = {kind: re.compile(rf"\b(?:{pattern})\b") for kind, pattern in MARKERS.items()}
_RUDE = re.compile(rf"\b(?:{RUDE})\b")


def courtesies(text: str) -> set[str]:
    """The kinds of courtesy found in ``text``."""
    lowered = text.lower().replace("’", "'")
    return {kind for kind, pattern in _MARKERS.items() if pattern.search(lowered)}


@scorer(version=1, metrics=(Metric("politeness", "higher", "courtesy markers, none rude"),))
def politeness(completion: Completion, item: Item, knowledge: KnowledgeBase) -> Scores:
    """Score the answer as the customer reads it."""
    if _RUDE.search(completion.whole.lower()):
        return {"politeness": 0.0}
    return {"politeness": min(1.0, len(courtesies(completion.whole)) / 2)}
