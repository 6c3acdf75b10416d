"""Reading JSON that a person or a program sent, with a sentence for what is wrong. Pure."""

from __future__ import annotations

import json
import math
from typing import Any


class JsonTextError(ValueError):
    """The text is no JSON. The message says where and what; ``line`` and ``column`` count from 1, or are None."""

    def __init__(self, problem: str, *, line: int | None = None, column: int | None = None) -> None:
        super().__init__(problem)
        self.line = line
        self.column = column


def read_json(text: str) -> Any:
    """The value that ``text`` spells.

    Stricter than Python's reader, as the format is: no ``NaN``, no ``Infinity``, no number too large for a double.

    :raises JsonTextError: it spells none.
    """
    try:
        return json.loads(text, parse_constant=_refused, parse_float=_finite)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise JsonTextError(
            f"is not valid JSON at {where}: {_plain(error.msg)}", line=error.lineno, column=error.colno
        ) from None
    except RecursionError:
        raise JsonTextError("is nested too deeply") from None
    except JsonTextError:
        raise
    except ValueError:
        # Python refuses to read integers of more than 4,300 digits.
        raise JsonTextError("has a number with too many digits") from None


def _refused(name: str) -> float:
    raise JsonTextError(f"has {name} in it, which JSON does not know")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise JsonTextError(f"has the number {text[:40]} in it, which is too large")
    return number


def _plain(message: str) -> str:
    """The reader's message as the end of a sentence."""
    return message[:1].lower() + message[1:].removesuffix(".")
