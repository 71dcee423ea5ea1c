"""Coverage-guided fuzzing of the amount parser (`harness.text.lexer`): ``python benchmarks/fuzz_amounts.py -runs=200000``.

Needs ``atheris`` (CPython up to 3.13), which no extra brings. What libFuzzer prints and takes as options holds. Two oracles:

- any text: nothing raises, and every token with digits in a canonical writing has the value that `slow_value` reads from it,
  character by character, without the lexer's expressions;
- an amount that the bytes choose, in a writing that the bytes choose, inside text that the bytes choose: it is read, once, with
  its value.
"""

import sys
from decimal import Decimal

import atheris

with atheris.instrument_imports(include=["harness.text"]):
    from harness.text.lexer import Kind, lex

UNITS = {"ribu": 1_000, "rb": 1_000, "rbu": 1_000, "rebu": 1_000, "k": 1_000, "juta": 1_000_000, "jt": 1_000_000,
         "jta": 1_000_000, "thousand": 1_000, "million": 1_000_000}  # fmt: skip
BEFORE = ("", " ", "harganya ", "\n", "(", "bukan ", "ya, ", "atau ", "? ", "- ", "“", "biaya: ")
AFTER = ("", " ", " saja", " per bulan. ", "\n", ")", ", ", "? ", ". ", "!", " kok", "”", "; ")


def slow_value(text: str) -> Decimal | None:
    """The value of digits in a canonical writing, ``None`` where the writing is none: then nothing is claimed.

    Canonical are plain digits; groups of three under one separator; either of them with one or two decimals under the other
    separator, plain digits also with one or two under any. Beyond 25 characters decimal arithmetic rounds, and nothing is
    claimed.
    """
    parts: list[str] = [""]
    marks: list[str] = []
    for character in text:
        if character in "0123456789":
            parts[-1] += character
        elif character in ".,":
            parts.append("")
            marks.append(character)
        else:
            return None
    if not all(parts) or len(text) > 25 or (len(parts[0]) > 1 and parts[0][0] == "0"):
        return None
    if not marks:
        return Decimal(int(parts[0]))
    decimals = ""
    if len(parts[-1]) < 3 and marks.count(marks[-1]) == 1:
        decimals = parts.pop()
        marks.pop()
    if len(set(marks)) > 1 or (marks and (len(parts[0]) > 3 or parts[0] == "0")):
        return None
    if any(len(part) != 3 for part in parts[1:]):
        return None
    whole = 0
    for part in parts:
        whole = whole * 1000 + int(part) if len(parts) > 1 else int(part)
    return Decimal(whole) + (Decimal(int(decimals)) / 10 ** len(decimals) if decimals else 0)


def any_text(text: str) -> None:
    for token in lex(text):
        if token.value is None:
            continue
        assert token.value.is_finite(), (text, token)
        assert token.value >= 0, (text, token)
        read = token_value(token.text)
        assert read is None or read == token.value, (text, token, read)


def token_value(text: str) -> Decimal | None:
    """The slow reading of a token's text: an amount's signs and unit taken off, one after the other."""
    rest = text.strip().removesuffix("%")
    for sign in ("rupiah", "rp", "idr"):
        rest = rest.removeprefix(sign).strip()
    rest = rest.removeprefix(".").strip()
    for sign in ("rupiah", "perak", "idr"):
        rest = rest.removesuffix(sign).strip()
    rest = rest.removesuffix(",-")
    for unit, factor in UNITS.items():
        if rest.endswith(unit) and rest.removesuffix(unit).strip()[-1:] in set("0123456789"):
            value = slow_value(rest.removesuffix(unit).strip())
            return None if value is None else value * factor
    return slow_value(rest)


def writings(amount: int) -> list[str]:
    """Canonical writings of a whole amount of rupiah."""
    english = f"{amount:,}"
    indonesian = english.replace(",", ".")
    found = [
        f"Rp{indonesian}",
        f"Rp {english}",
        f"Rp{amount}",
        f"IDR {indonesian},00",
        f"Rp. {indonesian},-",
        f"{indonesian} rupiah",
    ]
    found += [f"rp{english}.00", f"{amount} perak"]
    if amount % 1_000 == 0:
        found += [f"{amount // 1_000}{unit}" for unit in (" ribu", "rb", "k", " rbu", " thousand")]
    if amount % 100_000 == 0:
        number = f"{amount // 1_000_000}.{amount % 1_000_000 // 100_000}"
        found += [f"{number} juta", f"{number.replace('.', ',')}jt", f"Rp{number} million"]
    return found


def an_amount(data: "atheris.FuzzedDataProvider") -> None:
    amount = data.ConsumeIntInRange(1, 10 ** data.ConsumeIntInRange(1, 11))
    amount *= (1, 1_000, 100_000)[data.ConsumeIntInRange(0, 2)]
    known = writings(amount)
    written = known[data.ConsumeIntInRange(0, len(known) - 1)]
    before, after = (known[data.ConsumeIntInRange(0, len(known) - 1)] for known in (BEFORE, AFTER))
    values = [(token.kind, token.value) for token in lex(f"{before}{written}{after}") if token.value is not None]
    assert values == [(Kind.MONEY, Decimal(amount))], (before, written, after, amount, values)


def one_input(content: bytes) -> None:
    data = atheris.FuzzedDataProvider(content)
    if data.ConsumeBool():
        an_amount(data)
    else:
        any_text(data.ConsumeUnicodeNoSurrogates(200))


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
