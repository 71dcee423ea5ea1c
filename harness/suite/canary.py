"""The canary: a string in every test row, by which a training corpus that swallowed the benchmark can be recognised.

After BIG-bench (Srivastava et al. 2022, arXiv:2206.04615). It is one string a suite and stands in ``suite.toml``.
"""

import uuid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.suite.suite import Suite

_SENTENCE = "harness benchmark data must not appear in training corpora"
_GUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
CANARY_PATTERN = f"^{_SENTENCE}; canary GUID {_GUID}$"


def make_canary() -> str:
    """A new suite's canary."""
    return f"{_SENTENCE}; canary GUID {uuid.uuid4()}"


def holds_canary(text: str, suite: "Suite") -> bool:
    """Whether ``text`` holds the GUID of the suite, or the sentence that begins every suite's canary.

    Case and spacing do not matter: corpora are lower-cased and broken into lines.
    """
    plain = " ".join(text.casefold().split())
    return suite.settings.canary.rpartition(" ")[2] in plain or _SENTENCE in plain
