"""The rubric: what the judge is told, in both languages. A changed text is a new version in a folder of its own."""

from functools import lru_cache
from importlib.resources import files

RUBRIC_VERSION = "v1"
ITEM_HEADING = "\n# Item\n"


@lru_cache
def rubric_text(language: str) -> str:
    """The whole file of a language, ``"en"`` or ``"id"``."""
    folder = files("harness.scoring.judge") / "rubric" / RUBRIC_VERSION
    return (folder / f"{language}.md").read_text(encoding="utf-8")


def instructions(language: str) -> str:
    """The rubric proper, equal for all items of a language, so that a server may keep it read."""
    return rubric_text(language).partition(ITEM_HEADING)[0].strip()


def item_template(language: str) -> str:
    """The template of what follows for one item (`string.Template`)."""
    return rubric_text(language).partition(ITEM_HEADING)[2].strip()
