"""A message as sets of hashed n-grams: 5 characters, and 3 words."""

import hashlib
import re
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Grams = npt.NDArray[np.uint64]

CHARACTERS = 5
WORDS = 3
_POWERS = np.uint64(1_000_003) ** np.arange(max(CHARACTERS, WORDS), dtype=np.uint64)  # polynomial, wrapping at 64 bits


def normalise(text: str) -> str:
    """Lower case, letters and digits only, single spaces."""
    return re.sub(r"[\W_]+", " ", text.lower()).strip()


def character_grams(text: str) -> Grams:
    """Hashes of the distinct 5-character n-grams of the normalised ``text``, sorted."""
    codes = np.frombuffer(normalise(text).ljust(CHARACTERS).encode("utf-32-le"), np.uint32).astype(np.uint64)
    return _distinct(codes, CHARACTERS)


def word_grams(text: str) -> Grams:
    """Hashes of the distinct 3-word n-grams of the normalised ``text``, sorted; a shorter text is one n-gram."""
    words = normalise(text).split()
    codes = [_word_hash(word) for word in words] + [0] * (WORDS - len(words))
    return _distinct(np.array(codes, np.uint64), WORDS)


def _distinct(codes: Grams, size: int) -> Grams:
    windows = np.lib.stride_tricks.sliding_window_view(codes, size)
    return np.unique(windows @ _POWERS[:size])


@lru_cache(maxsize=200_000)
def _word_hash(word: str) -> int:
    """The same in every process, unlike ``hash``: MinHash has to find the same pairs each time."""
    return int.from_bytes(hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest())
