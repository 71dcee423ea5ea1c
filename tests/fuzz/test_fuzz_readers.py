"""No file makes a reader end in anything but a result or one line; ``benchmarks/fuzz.py`` asks the same many times more."""

from random import Random

import pytest
from fuzz_contents import content
from fuzz_reader import Reader, holds
from fuzz_readers import readers
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

CASES = 40
CHOICES = settings(
    max_examples=CASES, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Reader]:
    return readers(tmp_path_factory.mktemp("fuzz"))


def test_every_valid_file_is_read(known: dict[str, Reader]) -> None:
    """Else the readers would be asked nothing but to refuse."""
    for reader in known.values():
        reader.read(reader.seed)


def test_no_content_ends_in_a_traceback(known: dict[str, Reader]) -> None:
    for reader in known.values():
        _stands(reader)


def _stands(reader: Reader) -> None:
    @CHOICES
    @given(chance=st.randoms(use_true_random=True))
    def once(chance: Random) -> None:
        holds(reader, content(reader.seed, chance))

    once()
