"""The knowledge base: what is true of the company, and how each fact may be said."""

import re
import tomllib
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from harness.errors import InputError
from harness.parsing import parse_toml
from harness.suggest import nearest
from harness.text.forms import FormError, compile_form

Language = str
LANGUAGES = ("id", "en")


class Fact(BaseModel):
    """One fact in both languages, with the forms that state it and those that contradict it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    text: dict[str, str] = Field(description="the fact by language")
    value: float | tuple[float, ...] | None = None
    unit: str | tuple[str, ...] | None = None
    as_of: date
    valid_until: date | None = None
    said: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()

    @field_validator("said", "denied")
    @classmethod
    def _forms_compile(cls, forms: tuple[str, ...]) -> tuple[str, ...]:
        for form in forms:
            try:
                compile_form(form)
            except FormError as error:
                raise ValueError(str(error)) from None
        return forms


class KnowledgeBase:
    """Facts by id, in the order of the file."""

    def __init__(self, facts: dict[str, Fact]) -> None:
        self.facts = facts

    def __getitem__(self, fact_id: str) -> Fact:
        return self.facts[fact_id]

    def __contains__(self, fact_id: str) -> bool:
        return fact_id in self.facts

    def stated(self) -> list[Fact]:
        """Facts about the company, without the ``answer.*`` records of what an answer does."""
        return [fact for fact in self.facts.values() if not fact.id.startswith("answer.")]


def load_knowledge(path: Path) -> KnowledgeBase:
    """Read ``facts.toml``. Raises `InputError` naming file, line and fact."""
    try:
        source = path.read_text(encoding="utf-8")
        tables = parse_toml(source)
    except FileNotFoundError:
        raise InputError(f"{path}: no knowledge base here; every suite has knowledge/facts.toml") from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise InputError(f"{path}:{line}: not UTF-8; save the file as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path}: not readable as TOML: {error}") from None
    facts: dict[str, Fact] = {}
    for area, records in tables.items():
        if not isinstance(records, dict):
            raise InputError(f"{path}: key {area} stands outside a fact; a fact is a table [area.name]")
        for name, record in records.items():
            fact_id = f"{area}.{name}"
            where = f"{path}{_line(source, fact_id)}"
            if not isinstance(record, dict):
                raise InputError(
                    f"{path}{_line(source, area)}: key {name} stands outside a fact; name it [{area}.name]"
                )
            record = dict(record)
            try:
                text = {language: record.pop(language) for language in LANGUAGES}
                facts[fact_id] = Fact(id=fact_id, text=text, **record)
            except KeyError as error:
                raise InputError(f"{where}: fact {fact_id} has no text in language {error}") from None
            except ValidationError as error:
                first = error.errors()[0]
                field = ".".join(map(str, first["loc"]))
                if first["type"] == "extra_forbidden":
                    hint = nearest(field, (*LANGUAGES, *Fact.model_fields))
                    raise InputError(f"{where}: fact {fact_id}, unknown field {field}{hint}") from None
                raise InputError(f"{where}: fact {fact_id}, field {field}: {first['msg']}") from None
    return KnowledgeBase(facts)


def _line(source: str, table: str) -> str:
    """``:line`` of a table's header, or nothing where it is written in an unusual way; tomllib gives no places."""
    found = re.search(rf"^\[{re.escape(table)}\]", source, re.MULTILINE)
    return f":{source.count(chr(10), 0, found.start()) + 1}" if found else ""
