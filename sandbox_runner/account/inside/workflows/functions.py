"""The functions of the Amazon States Language.

https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html. What is drawn by chance is moto's, whose
chance follows from the order's seed.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
import re
import uuid
from typing import TYPE_CHECKING, Any

from .problems import DATA_BYTES_MAX, text_of

if TYPE_CHECKING:
    from collections.abc import Callable

CHANCE = random.Random(0)  # noqa: S311 - what a replay has to draw again
_ITEMS_MAX = 1_000
_TEXT_MAX = 10_000
_HASHES = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}
_PLACE = re.compile(r"\\([{}])|\{\}")


def _format(template: str, *given: Any) -> str:
    values, size = iter(given), 0

    def written(match: re.Match[str]) -> str:
        nonlocal size
        if match[1]:
            return match[1]
        try:
            value = next(values)
        except StopIteration:
            raise ValueError("there are more places than values") from None
        text = value if isinstance(value, str) else text_of(value)
        size += len(text)
        if size > DATA_BYTES_MAX:
            raise ValueError("the text is longer than a state's data may be")
        return text

    text = _PLACE.sub(written, template)
    if next(values, None) is not None:
        raise ValueError("there are more values than places")
    return text


def _partition(array: list[Any], size: int) -> list[list[Any]]:
    if size < 1:
        raise ValueError("a part has at least one item")
    return [array[at : at + size] for at in range(0, len(array), size)]


def _range(first: int, last: int, step: int) -> list[int]:
    found = range(first, last + (1 if step > 0 else -1), step)
    if len(found) > _ITEMS_MAX:
        raise ValueError(f"more than {_ITEMS_MAX} items")
    return list(found)


def _unique(array: list[Any]) -> list[Any]:
    found: dict[str, Any] = {}
    for each in array:
        found.setdefault(text_of(each), each)
    return list(found.values())


def _encoded(text: str) -> str:
    return base64.b64encode(_short(text).encode()).decode()


def _decoded(text: str) -> str:
    return base64.b64decode(_short(text)).decode()


def _hash(data: Any, algorithm: str) -> str:
    text = _short(data if isinstance(data, str) else text_of(data))
    return hashlib.new(_HASHES[algorithm], text.encode()).hexdigest()


def _short(text: str) -> str:
    if len(text) > _TEXT_MAX:
        raise ValueError(f"more than {_TEXT_MAX} characters")
    return text


def _merged(one: dict[str, Any], other: dict[str, Any], is_deep: bool) -> dict[str, Any]:
    if is_deep:
        raise ValueError("only shallow merging is supported")
    return {**one, **other}


def _random(first: int, end: int, seed: int | None = None) -> int:
    chance = CHANCE if seed is None else random.Random(seed)  # noqa: S311 - no secret
    return chance.randrange(first, end)


def _split(text: str, marks: str) -> list[str]:
    return [each for each in re.split(f"[{re.escape(marks)}]", text) if each]


def _uuid() -> str:
    return str(uuid.UUID(int=CHANCE.getrandbits(128), version=4))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "Array": lambda *given: list(given),
    "ArrayContains": lambda array, value: any(text_of(each) == text_of(value) for each in array),
    "ArrayGetItem": lambda array, at: array[at],
    "ArrayLength": len,
    "ArrayPartition": _partition,
    "ArrayRange": _range,
    "ArrayUnique": _unique,
    "Base64Decode": _decoded,
    "Base64Encode": _encoded,
    "Format": _format,
    "Hash": _hash,
    "JsonMerge": _merged,
    "JsonToString": text_of,
    "MathAdd": lambda one, other: round(one) + round(other),
    "MathRandom": _random,
    "StringSplit": _split,
    "StringToJson": json.loads,
    "UUID": _uuid,
}
