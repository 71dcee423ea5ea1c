"""``reflection`` of a candidate: after its answer the model is asked to check it and to write it anew, once."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Reflection(BaseModel):
    """The request that follows the first answer, in the customer's language."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(
        default="Periksa jawaban Anda di atas: apakah setiap fakta, harga, dan angkanya benar, apakah semua pertanyaan pelanggan "
        "terjawab, dan apakah tidak ada yang dikarang? Lalu tulis jawaban akhir yang sudah diperbaiki untuk pelanggan, "
        "dalam format yang sama. Jika sudah benar, tulis ulang apa adanya.",
        min_length=1,
    )
    en: str = Field(
        default="Check your answer above: is every fact, price and number right, is everything the customer asked answered, "
        "and is nothing made up? Then write the final, corrected answer for the customer, in the same format. "
        "If it was right, write it again as it is.",
        min_length=1,
    )

    def identity(self) -> dict[str, Any]:
        """The texts: they decide the answer."""
        return self.model_dump()


def written_short(given: Any) -> Any:
    """``true`` stands for the texts above, ``false`` for none."""
    return ({} if given else None) if isinstance(given, bool) else given
