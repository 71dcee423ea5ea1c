"""The counterfactual twin of a suite: the same questions under changed prices, times and limits.

A candidate that reads the knowledge base in its prompt answers by the changed facts; one that recites its training answers by
the original ones. The twin's knowledge base is derived from the suite's by a table of changed values (``changes.toml``), so it
can be made again whenever the suite's facts are edited; its rows are written by hand, each under the original item's id
with `ID_SUFFIX`. After the counterfactual knowledge conflicts of Longpre et al. (2021), EMNLP, arXiv:2109.05052.
"""

import re
import tomllib
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harness.errors import InputError
from harness.parsing import parse_toml
from harness.suite.item import Item, Split
from harness.suite.knowledge import KnowledgeBase
from harness.suite.suite import Suite

SUITE_SUFFIX = "_twin"
ID_SUFFIX = "-twin"

_HEADER = """\
# Derived from ../../{suite}/knowledge/facts.toml by ../changes.toml. Do not edit: harness suite make-twin {suite}
# Values that differ from the real service on purpose; what a field means is said in the original.

"""
_SECTION = re.compile(r"^\[(?P<fact>[^\[\]]+)\]\s*$", re.MULTILINE)
_FIELD = re.compile(r"(?P<name>\w+) *=")
_CHANGEABLE = frozenset({"id", "en", "value", "said", "denied"})


class Changes(BaseModel):
    """The table of changed values."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    amounts: dict[int, int] = {}
    facts: dict[str, dict[Annotated[str, Field(min_length=1)], Annotated[str, Field(min_length=1)]]] = {}


def read_changes(path: Path) -> Changes:
    """Read ``changes.toml``. Raises `InputError`."""
    try:
        return Changes.model_validate(parse_toml(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise InputError(f"{path}: missing; a twin needs a table of changed values") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not readable as TOML: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def _writings(amount: int) -> dict[str, str]:
    """Separator by writing: 16000, 16.000, 16,000."""
    return {f"{amount:,}".replace(",", separator): separator for separator in ("", ".", ",")}


def _replacements(fact: str, changes: Changes) -> dict[str, str]:
    amounts = {
        writing: f"{new:,}".replace(",", separator)
        for old, new in changes.amounts.items()
        for writing, separator in _writings(old).items()
    }
    return {**amounts, **changes.facts.get(fact, {})}


def _pattern(replacements: Mapping[str, str]) -> re.Pattern[str]:
    """Any key standing for itself: "16" neither in "Rp16.000" nor in "160"; the longest first."""
    keys = sorted(replacements, key=len, reverse=True)
    alternatives = (re.escape(key) + (r"(?!\d|[.,]\d)" if key[-1].isdigit() else "") for key in keys)
    return re.compile(rf"(?<!\d)(?<!\d[.,])(?:{'|'.join(alternatives) or '(?!)'})")


def _replace(line: str, replacements: Mapping[str, str]) -> str:
    return _pattern(replacements).sub(lambda match: replacements[match[0]], line)


def derive(source: str, changes: Changes) -> str:
    """The text of the twin's ``facts.toml`` from the text of the suite's.

    An accepted form that can be matched without a changed number ("only a photo") would accept the fact under any value; where
    the fact has a ``value`` it is left out. In forms that contradict a fact, old and new value change places: what was wrong is right now.
    Raises `InputError` where a fact of ``changes`` is missing or holds none of its values, or already says a new value.
    """
    parts = _SECTION.split(source)
    derived = []
    for fact, body in zip(parts[1::2], parts[2::2], strict=True):
        derived.append(f"[{fact}]" + "".join(_derive_fact(fact, list(_by_field(body)), changes)))
    for fact in changes.facts:
        if f"[{fact}]" not in source:
            raise InputError(f"changes.toml: fact {fact} is not in the knowledge base")
    return "".join(derived)


def _by_field(body: str) -> Iterator[tuple[str, str]]:
    """Lines of a fact, each with the field that it belongs to; comments and blank lines belong to none."""
    field = ""
    for line in body.splitlines(keepends=True):
        if found := _FIELD.match(line):
            field = found["name"]
        yield "" if line.startswith("#") or not line.strip() else field, line


def _derive_fact(fact: str, lines: list[tuple[str, str]], changes: Changes) -> Iterator[str]:
    forward = _replacements(fact, changes)
    backward = {new: old for old, new in forward.items()}
    has_value = any(field == "value" for field, _ in lines)
    touched = any(_pattern(forward).search(line) for field, line in lines if field in _CHANGEABLE)
    if fact in changes.facts and not touched:
        raise InputError(f"changes.toml: fact {fact} holds none of its values")
    for field, line in lines:
        if not touched or field not in _CHANGEABLE:
            yield line
            continue
        if field != "denied" and (clash := _pattern(backward).search(line)):
            raise InputError(f"fact {fact}: {line.strip()!r} already holds {clash[0]!r}; change to another value")
        changed = _replace(line, {**backward, **forward} if field == "denied" else forward)
        form = re.fullmatch(r'\s+"(.+)",?\s*', changed)
        if not (field == "said" and has_value and form and not _tells(form[1], backward)):
            yield changed


def _tells(form: str, values: Container[str]) -> bool:
    """Whether no answer can match ``form`` without one of ``values``: a term of it allows nothing else."""
    return any(all(word.removeprefix("Rp") in values for word in term.split("|")) for term in form.split())


def make_twin(suite: Suite, twin: Suite) -> None:
    """Write the twin's ``knowledge/facts.toml``. Raises `InputError`."""
    source = (suite.root / "knowledge" / "facts.toml").read_text(encoding="utf-8")
    derived = derive(source, read_changes(twin.root / "changes.toml"))
    target = twin.root / "knowledge" / "facts.toml"
    target.write_text(_HEADER.format(suite=suite.name) + derived, encoding="utf-8")


@dataclass(frozen=True)
class Share:
    """Mean over intents of a 0/1 outcome, and its interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Origins:
    """Where a candidate's answers to the twin come from: three shares that sum to 1."""

    rows: int
    intents: int
    reads: Share
    recites: Share
    neither: Share


def original_items(twin: Suite, suite: Suite) -> list[tuple[Item, Item]]:
    """Each item of the twin's test split with the one it was made from. Raises `InputError` where that is missing."""
    originals = {item.id: item for item in suite.items(Split.TEST)}
    pairs = []
    for item in twin.items(Split.TEST):
        original = originals.get(item.id.removesuffix(ID_SUFFIX))
        if original is None or original.problem != item.problem:
            raise InputError(f"{twin.root}: item {item.id} has no item with its question in suite {suite.name}")
        pairs.append((item, original))
    return pairs


def origins(
    pairs: Sequence[tuple[Item, Item]],
    completions: Mapping[str, str],
    changed: KnowledgeBase,
    known: KnowledgeBase,
    alpha: float = 0.05,
) -> Origins:
    """Shares of answers that are right by the changed facts only (reads), by the original facts only (recites), or else.

    ``pairs`` twin and original items, ``completions`` by id of the twin's item, ``changed`` and ``known`` the two knowledge
    bases. Right means `correct_lenient`: where an answer comes from does not show in its tags. An answer that is right either
    way says nothing of its origin and counts as neither, as does a missing one.
    """
    from harness.scoring import score
    from harness.stats import clustered_proportion

    by_changed, by_known = [], []
    for item, original in pairs:
        completion = completions.get(item.id, "")
        by_changed.append(score(completion, item, changed)["correct_lenient"] == 1)
        by_known.append(score(completion, original, known)["correct_lenient"] == 1)
    intents = [item.intent for item, _ in pairs]

    def share(outcomes: list[bool]) -> Share:
        found = clustered_proportion([float(outcome) for outcome in outcomes], intents, alpha)
        return Share(found.mean, found.low, found.high)

    both = list(zip(by_changed, by_known, strict=True))
    return Origins(
        rows=len(pairs),
        intents=len(set(intents)),
        reads=share([new and not old for new, old in both]),
        recites=share([old and not new for new, old in both]),
        neither=share([new == old for new, old in both]),
    )
