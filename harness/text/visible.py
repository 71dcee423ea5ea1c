"""Characters that cannot be seen, or that move what can be seen, made visible: an answer shows all it holds."""

import unicodedata
from itertools import groupby

_JOINER = "\u200d"
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def pieces(text: str) -> list[tuple[str, bool]]:
    """``text`` in order, as plain runs (``False``) and names of hidden characters such as ``U+202E`` (``True``).

    Control, format, private and unassigned characters and half characters are hidden ones; line breaks, tabs and the
    joiner inside an emoji are not. Equal ones in a row are counted: ``U+200B ×40``.
    """
    text = text.replace("\r\n", "\n")
    marked = [(character, _hidden(text, index)) for index, character in enumerate(text)]
    found: list[tuple[str, bool]] = []
    for (hidden, same), group in groupby(marked, lambda each: (each[1], each[0] if each[1] else "")):
        run = [character for character, _ in group]
        if hidden:
            found.append((f"U+{ord(same):04X}" + (f" ×{len(run)}" if len(run) > 1 else ""), True))
        else:
            found.append(("".join(run), False))
    return found


def visible(text: str) -> str:
    """``text`` with hidden characters named in brackets: ``Rp10⟨U+200B⟩.000``."""
    return "".join(f"⟨{piece}⟩" if hidden else piece for piece, hidden in pieces(text))


def _hidden(text: str, index: int) -> bool:
    character = text[index]
    if character in "\n\t":
        return False
    if character == _JOINER and 0 < index < len(text) - 1:
        return unicodedata.category(text[index - 1]) not in ("So", "Sk", "Mn")
    return unicodedata.category(character) in _HIDDEN
