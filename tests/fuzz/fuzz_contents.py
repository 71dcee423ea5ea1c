"""Contents for readers to stumble over: any bytes, or a valid file with places broken or values exchanged."""

import json
import math
from functools import lru_cache
from random import Random
from typing import Any

DEEP = b"[" * 20_000
HOSTILE = (
    b"", b"\x00", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\n", b"\r", b"\r\n", b"\xe2\x80\xa8", b"\t", b" ",
    b'"', b"'", b"\\", b"{", b"}", b"[", b"]", b",", b":", b"=", b"#", b"null", b"true", b"-1", b"0", b"1e999", b"NaN",
    b"Infinity", b"-0", b"9" * 5000, b'"\\ud800"', b'"\\u0000"', b"[]", b"{}", b'""', b"[[]]", b"1979-05-27", b"inf", b"nan",
    b"From ", b"Content-Type: text/plain; charset=nonsense\n", b"\nFrom a\n\n", b"=?utf-8?b?//8=?=", b">", b"Q: ", b"# x?\n",
    b"\x1b[2J", "\u202e".encode(), b"../../x", b"Rp16.000", b"!x", b"...", b"..", b"*", b"|", b"@nowhere", b"NOT",
    b"--", b"(" * 50, b"a" * 3000,
)  # fmt: skip
"""What parsers stumble over."""


def content(seed: bytes, chance: Random) -> bytes:
    """Any bytes; the valid file with a few places broken; or, for JSON, with a few values exchanged."""
    kind = chance.random()
    if kind < 0.1:
        return chance.choice((chance.randbytes(chance.randrange(200)), *_WHOLE)) + chance.choice((b"", seed))
    if kind < 0.5 and (documents := _documents(seed)):
        return _exchanged(documents, chance)
    found = seed
    for _ in range(chance.randint(1, 4)):
        start = chance.randint(0, len(found))
        stop = start + chance.choice((0, 0, 1, 2, 5, 40, 400))
        found = found[:start] + chance.choice((*HOSTILE, chance.randbytes(chance.randint(1, 4)))) + found[stop:]
    return found


_WHOLE = (DEEP, b"x = " + DEEP, b"", b'{"a":' * 20_000)


@lru_cache
def _documents(seed: bytes) -> tuple[Any, ...]:
    """The JSON documents of a file: the whole, or one a line; none where it is of another kind."""
    for parts in ([seed], seed.splitlines()):
        try:
            return tuple(json.loads(part) for part in parts if part.strip())
        except ValueError:
            continue
    return ()


def _exchanged(documents: tuple[Any, ...], chance: Random) -> bytes:
    changed = list(documents)
    for _ in range(chance.randint(1, 3)):
        number = chance.randrange(len(changed))
        changed[number] = _exchange(changed[number], chance)
    lines = (json.dumps(each, ensure_ascii=chance.random() < 0.5) + "\n" for each in changed)
    return "".join(lines).encode("utf-8", "surrogatepass")


def _exchange(value: Any, chance: Random) -> Any:
    if isinstance(value, dict) and value and chance.random() < 0.85:
        key = chance.choice(list(value))
        what = chance.randrange(10)
        if what == 0:
            return {name: each for name, each in value.items() if name != key}
        if what == 1:
            return {**value, _text(chance): _value(chance)}
        return {**value, key: _exchange(value[key], chance)}
    if isinstance(value, list) and value and chance.random() < 0.85:
        place = chance.randrange(len(value))
        return [*value[:place], _exchange(value[place], chance), *value[place + chance.randint(0, 1) :]]
    return _value(chance)


def _value(chance: Random, depth: int = 2) -> Any:
    if depth and chance.random() < 0.3:
        return [_value(chance, depth - 1) for _ in range(chance.randrange(4))]
    if depth and chance.random() < 0.4:
        return {_text(chance): _value(chance, depth - 1) for _ in range(chance.randrange(4))}
    plain = (
        None,
        True,
        False,
        0,
        1,
        -1,
        0.5,
        2**63,
        -(2**63) - 1,
        10**30,
        1e308,
        math.nan,
        math.inf,
        chance.getrandbits(20),
    )
    return chance.choice((*plain, *(_text(chance) for _ in range(8))))


def _text(chance: Random) -> str:
    known = (
        "",
        "id",
        "en",
        "test",
        "dev",
        "0",
        "x",
        "price.basic",
        "x" * 300,
        "\ud800",
        "\u2028",
        "\x00",
        "1e3",
        "2026-01-01",
        "Rp1",
    )
    return chance.choice((*known, "".join(chr(chance.randrange(0x300)) for _ in range(chance.randrange(8)))))
