"""Offer the nearest right name for a wrong one."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(wrong: str, known: Iterable[str]) -> str:
    """A clause to append to an error: the nearest known name, or the names there are."""
    known = sorted(known)
    close = get_close_matches(wrong, known, n=1, cutoff=0.5)
    if close:
        return f"; did you mean {close[0]!r}?"
    more = f" and {len(known) - 12} more" if len(known) > 12 else ""
    return f"; known: {', '.join(known[:12])}{more}" if known else ""
