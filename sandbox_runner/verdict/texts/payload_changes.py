"""One leaf of a payload in place of another: which values it can have, and the payload with it. Pure.

A value that takes another's place is of its type and shape, so that code which checks what it is sent goes the same
way. It is made from the value itself and not drawn, so a proof that is played again plays the same.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sandbox_runner.verdict.texts.encoded_strings import as_base64, base64_text, claims_in, opened
from sandbox_runner.verdict.texts.outputs import bounded_leaves, joined, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from pydantic import JsonValue

_DEPTH_MAX: Final = 40
_SHAPED_CHARACTERS_MAX: Final = 512
_LONGER: Final = "-and more of it"
_SHORT: Final = "x"
_DATE: Final = re.compile(r"\b(\d{4})-(0[1-9]|1[0-2])-([0-2]\d|3[01])(?:([T ])([01]\d|2[0-3]):([0-5]\d))?")
# A query, a form or cookies; code looks for the names.
_PAIR: Final = r"[\w.\[\]%-]+=[^&;=\s]*=*"
_PAIRS: Final = re.compile(rf"{_PAIR}(?:(?:&|; ?){_PAIR})*", re.ASCII)
_VALUE_OF_A_PAIR: Final = re.compile(r"(?<==)[^&;=\s]+")
# How an Authorization header begins: https://www.rfc-editor.org/rfc/rfc9110#section-11.4
_CREDENTIALS: Final = re.compile(r"((?:Bearer|Basic|Digest|Token) +)(\S.*)", re.DOTALL)
# Claims that say who made a token, for whom and when: https://www.rfc-editor.org/rfc/rfc7519#section-4.1
_NOBODYS: Final = frozenset(("iss", "aud", "exp", "nbf", "iat"))
_HEX: Final = re.compile(r"[0-9a-f]+(?:-[0-9a-f]+)*", re.IGNORECASE)
_HEX_CHARACTERS_MIN: Final = 8
_HALF: Final = 13
# Past this a float is whole anyway; not-a-number is not below it either.
_FLOAT_END: Final = 1e15
_INT_END: Final = 10**300


@dataclass(frozen=True, slots=True)
class Alternative:
    """A value that can stand in for a leaf: ``how`` it was made, and itself."""

    how: str
    value: JsonValue


def alternatives(
    payload: JsonValue,
    path: str,
    others: Mapping[str, object],
    choices: Sequence[str] = (),
    sent: Sequence[object] = (),
) -> tuple[Alternative, ...]:
    """What can stand at ``path`` in place of what does, the one that says most first.

    :param others: another request's leaves by path; what it has in the same place is a value that code accepts.
    :param choices: other values of a fixed set that the code has it in; it may accept no others.
    :param sent: what further requests have in the same place.
    """
    value = dict(bounded_leaves(payload)[0]).get(path)
    made = [Alternative(f"shape-{side}", _alike(value, side)) for side in ("high", "low")]
    if path in others:
        made.insert(1, Alternative("other's", _json(others[path])))
    made[2:2] = [Alternative("another's", _json(each)) for each in sent]
    made[:0] = [Alternative("choice", each) for each in choices]
    if isinstance(value, int | float) and not isinstance(value, bool):
        made.append(Alternative("smallest", 1 if value > 1 else 0))
    if isinstance(value, str) and value:
        made += [Alternative("longer", value + _LONGER), Alternative("short", _SHORT)]
    kept: dict[str, Alternative] = {}
    for each in made:
        if each.value is not None and not _same(each.value, value):
            kept.setdefault(text_of(each.value), each)
    return tuple(kept.values())


def changed(payload: JsonValue, values: Mapping[str, JsonValue]) -> JsonValue:
    """``payload`` with other leaves at the paths of ``values``, also within strings that hold JSON or base64."""
    return _changed(payload, "", values, _DEPTH_MAX)


def changed_text(payload: JsonValue, values: Mapping[str, JsonValue]) -> str:
    """The same as it is sent."""
    return json.dumps(changed(payload, values), ensure_ascii=False, separators=(",", ":"))


def _same(left: object, right: object) -> bool:
    return type(left) is type(right) and left == right


def _json(value: object) -> JsonValue:
    """A leaf as a value; that of an empty container is its text."""
    return value if isinstance(value, str | int | float | bool) or value is None else text_of(value)


def _changed(
    value: JsonValue,
    path: str,
    values: Mapping[str, JsonValue],
    depth: int,
    *,
    key: str = "",
    beside: Mapping[str, Any] | None = None,
) -> JsonValue:
    if depth <= 0 or not any(each.startswith(path) for each in values):
        return value
    if isinstance(value, dict) and value:
        return {
            name: _changed(held, joined(path, name), values, depth - 1, key=name, beside=value)
            for name, held in value.items()
        }
    if isinstance(value, list) and value:
        return [_changed(held, f"{path}[{number}]", values, depth - 1) for number, held in enumerate(value)]
    inner = opened(value, key, beside) if isinstance(value, str) else None
    if inner is None or not inner.value:
        return values.get(path, value)
    if isinstance(inner.value, str):
        return inner.close(values[path]) if path in values else value
    # The walk counts the string and what is in it as one step.
    return inner.close(_changed(inner.value, path, values, depth))


def _alike(value: object, side: str) -> JsonValue:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return _whole(value, side)
    if isinstance(value, float):
        return _whole(int(value), side) + abs(value) % 1 if abs(value) < _FLOAT_END else 1.5
    if isinstance(value, str):
        return _text(value, side) if value else "xq7zk"
    return None


def _whole(value: int, side: str) -> int:
    """As many digits, of the other parity; a number that is too long to be written out becomes a short one."""
    if abs(value) >= _INT_END:
        return 7
    digits = str(abs(value))
    made = int("".join(_digit(number, first=not at, side=side) for at, number in enumerate(_numbers(digits, side))))
    made += (made + value + 1) % 2
    made = made if made != abs(value) else made + 2
    return -made if value < 0 else made


def _digit(number: int, *, first: bool, side: str) -> str:
    if not first:
        return str(number % 10)
    return str(5 + number % 4) if side == "high" else str(1 + number % 4)


def _numbers(text: str, side: str) -> Iterator[int]:
    """As many numbers as ``text`` has characters, always the same for the same text."""
    seed, block = f"{side}\0{text}".encode("utf-8", "surrogatepass"), b""
    for at in range(len(text)):
        if at % 32 == 0:
            block = hashlib.sha256(seed + at.to_bytes(4, "big")).digest()
        yield block[at % 32]


def _text(value: str, side: str) -> str:
    head = value[:_SHAPED_CHARACTERS_MAX]
    if _DATE.search(head):
        return _DATE.sub(lambda found: _date(found, side), head) + value[len(head) :]
    if _PAIRS.fullmatch(head) and _VALUE_OF_A_PAIR.search(head):
        return _VALUE_OF_A_PAIR.sub(lambda found: _text(found[0], side), head) + value[len(head) :]
    if token := claims_in(value):
        return token.close(_other_claims(token.value, side))
    if credentials := _CREDENTIALS.fullmatch(value):
        return credentials[1] + _credentials(credentials, side)
    numbers = _numbers(head, side)
    if _is_hex(head):
        return "".join(map(_hex_character, head, numbers)) + value[len(head) :]
    made = "".join(_character(each, number, side) for each, number in zip(head, numbers, strict=True))
    return made + value[len(head) :]


def _credentials(found: re.Match[str], side: str) -> str:
    """A name and a password are read after they were decoded."""
    said = base64_text(found[2]) if found[1].startswith("Basic") else None
    return _text(found[2], side) if said is None else as_base64(_text(said, side))


def _other_claims(value: JsonValue, side: str) -> JsonValue:
    """A token's claims with other texts. Its numbers say how long it is valid, and stay."""
    if isinstance(value, dict):
        return {name: held if name in _NOBODYS else _other_claims(held, side) for name, held in value.items()}
    if isinstance(value, list):
        return [_other_claims(held, side) for held in value]
    return _text(value, side) if isinstance(value, str) and value else value


def _date(found: re.Match[str], side: str) -> str:
    a, b, c, d, *_ = [*_numbers(found[0], side)]
    day = f"{found[1][:3]}{a % 10}-{1 + b % 12:02}-{1 + c % 28:02}"
    return day if found[4] is None else f"{day}{found[4]}{d % 24:02}:{(a + b) % 60:02}"


def _is_hex(text: str) -> bool:
    """Of digits and letters both, or it is a number or a word."""
    is_long = len(text) >= _HEX_CHARACTERS_MIN and _HEX.fullmatch(text) is not None
    return is_long and any(map(str.isdigit, text)) and any(map(str.isalpha, text))


def _hex_character(character: str, number: int) -> str:
    if character == "-":
        return character
    made = f"{number % 16:x}"
    return made.upper() if character.isupper() else made


def _character(character: str, number: int, side: str) -> str:
    """A digit for a digit, a letter for a letter of its case: of the alphabet's second half, or of its first."""
    if character.isdigit() and character.isascii():
        return str(number % 10)
    if not character.isalpha():
        return character
    if character.isascii():
        first = "a" if character.islower() else "A"
        made = chr(ord(first) + number % _HALF + (_HALF if side == "high" else 0))
        return made if made != character else chr(ord(made) + (1 if number % _HALF == 0 else -1))
    near = chr(ord(character) + 1 + number % 16)
    return near if near.isalpha() else character
