"""JSON and TOML that anyone may have written: what cannot be read ends in one kind of error, however it is broken."""

import json
import re
import tomllib
from typing import Any

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def parse_json(text: str | bytes) -> Any:
    """The value of a JSON document.

    Raises `json.JSONDecodeError`, also where it is no UTF-8, nested too deep to be read, or holds half a character (a lone
    surrogate), which no file could take up.
    """
    try:
        text = text.decode("utf-8") if isinstance(text, bytes) else text
        value = json.loads(text)
        if _SURROGATE.search(text):
            json.dumps(value, ensure_ascii=False).encode("utf-8")
        return value
    except json.JSONDecodeError:
        raise
    except UnicodeDecodeError:
        raise json.JSONDecodeError("not UTF-8", "", 0) from None
    except UnicodeEncodeError:
        raise json.JSONDecodeError("half a character (a lone surrogate)", "", 0) from None
    except RecursionError:
        raise json.JSONDecodeError("nested too deep", "", 0) from None
    except ValueError as error:  # a number of more than 4,300 digits
        raise json.JSONDecodeError(str(error).partition(":")[0], "", 0) from None


def parse_toml(text: str) -> dict[str, Any]:
    """The table of a TOML document. Raises `tomllib.TOMLDecodeError`, also where it is nested too deep to be read."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except RecursionError:
        raise tomllib.TOMLDecodeError("nested too deep") from None
    except ValueError as error:  # a number of more than 4,300 digits, a day that no calendar has
        raise tomllib.TOMLDecodeError(str(error).partition(":")[0]) from None
