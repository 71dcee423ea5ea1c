"""Language: does the answer speak the customer's language?

Counts function words that belong to one of Indonesian and English alone; the language with more of them is the answer's.
With none of either, the answer counts as foreign. Scale 0 or 1, higher is better. Source: function words as language
markers (Grefenstette 1995, "Comparing two language identification schemes").
"""

from harness.scoring.completion import Completion
from harness.scoring.metric import Metric, Scores, scorer
from harness.suite.item import Item
from harness.suite.knowledge import KnowledgeBase
from harness.text.lexer import lex

FUNCTION_WORDS = {
    "id": frozenset(
        (
            "yang dan di ke dari untuk dengan tidak ini itu ada adalah atau pada bisa dapat akan sudah belum kami "
            "anda kak saya kamu saja juga lagi hanya cukup per setiap kalau jika karena oleh dalam lebih silakan "
            "mohon maaf terima kasih halo harga biaya foto kredit paket selama agar sebelum setelah satu kali "
            "lewat tanpa bukan perlu wajah"
        ).split()
    ),
    "en": frozenset(
        (
            "the and to of for with is are be it this that you your we our can will not no on in at by or as if "
            "from have has do does only please sorry thank thanks hello there each an any more than once per "
            "price photo photos credits credit package fee write when so but was which until"
        ).split()
    ),
}


def detect(text: str) -> str | None:
    """``"id"``, ``"en"``, or ``None`` where neither prevails."""
    words = [token.text for token in lex(text)]
    counts = {
        language: sum(
            word in own and not any(word in other for key, other in FUNCTION_WORDS.items() if key != language)
            for word in words
        )
        for language, own in FUNCTION_WORDS.items()
    }
    if counts["id"] == counts["en"]:
        return None
    return max(counts, key=lambda language: counts[language])


@scorer(version=2, metrics=(Metric("language", "higher", "answers in the question's language"),))
def language(completion: Completion, item: Item, knowledge: KnowledgeBase) -> Scores:
    """Compare the language of the answer with the item's."""
    return {"language": float(detect(completion.whole) == item.language)}
