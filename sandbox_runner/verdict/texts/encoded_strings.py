"""What a string of a payload or an answer holds: JSON, base64 of JSON, or text that an event carries as base64. Pure.

Real handlers read the value they keep out of such strings: an HTTP request's ``body``, a queue's message, the data of a
stream. A string that is opened here is closed again as it was written, so that nothing but a changed leaf changes.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import JsonValue

TEXT_CHARACTERS_MAX: Final = 256 * 1024
Container: TypeAlias = "dict[str, Any] | list[Any]"

_BASE64: Final = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
# The first six bits of "{" and of "[".
_CONTAINER_AS_BASE64: Final = ("e", "W")
_TOKEN: Final = re.compile(r"(?P<before>eyJ[\w-]*\.)(?P<claims>eyJ[\w-]*)(?P<after>\.[\w-]*)", re.ASCII)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MANNERS: Final[tuple[dict[str, Any], ...]] = tuple(
    {**form, "ensure_ascii": is_ascii}
    for is_ascii in (False, True)
    for form in ({"separators": (",", ":")}, {"separators": (", ", ": ")}, {"indent": 2}, {"indent": 4})
)


@dataclass(frozen=True, slots=True)
class Opened:
    """What a string holds, and what makes the string of it, or of another in its place."""

    value: Container | str
    close: Callable[[JsonValue], str]


def opened(text: str, key: str = "", beside: Mapping[str, Any] | None = None) -> Opened | None:
    """What ``text`` holds, which stands at ``key`` of the object ``beside``; nothing where it is only itself.

    JSON within is an object or an array. Base64 of such JSON is seen wherever it stands; that of other text only where
    an event of AWS says so, because many a word is base64 of something.
    """
    if (inner := container_in(text)) is not None:
        return Opened(inner, _writer(text, inner))
    decoded = base64_text(text) if _may_be_base64(text, key, beside or {}) else None
    if decoded is None:
        return None
    if (inner := container_in(decoded)) is not None:
        write = _writer(decoded, inner)
        return Opened(inner, lambda value: as_base64(write(value)))
    if not _is_base64_here(key, beside or {}) or _CONTROL.search(decoded):
        return None
    return Opened(decoded, lambda value: as_base64(value if isinstance(value, str) else json.dumps(value)))


def claims_in(text: str) -> Opened | None:
    """The claims of a token as an Authorization header carries it, a JWT in its compact form.

    https://www.rfc-editor.org/rfc/rfc7519#section-3
    """
    found = _TOKEN.fullmatch(text) if len(text) <= TEXT_CHARACTERS_MAX else None
    if found is None:
        return None
    try:
        said = base64.urlsafe_b64decode(found["claims"] + "=" * (-len(found["claims"]) % 4)).decode()
    except ValueError:
        return None
    inner = container_in(said)
    if not isinstance(inner, dict):
        return None
    write = _writer(said, inner)

    def close(value: JsonValue) -> str:
        made = base64.urlsafe_b64encode(write(value).encode("utf-8", "surrogatepass")).decode().rstrip("=")
        return f"{found['before']}{made}{found['after']}"

    return Opened(inner, close)


def container_in(text: str) -> Container | None:
    """The object or array that ``text`` is the JSON of, if it is."""
    if len(text) > TEXT_CHARACTERS_MAX or text.lstrip(" \t\r\n")[:1] not in ("{", "["):
        return None
    try:
        inner = json_in(text)
    except (ValueError, RecursionError):
        return None
    return inner if isinstance(inner, dict | list) else None


def json_in(text: str) -> object:
    """What ``text`` is the JSON of.

    An object with a name twice would lose what stands at the first of them, so it is only the text that it is.

    :raises ValueError: it is no JSON, or has such an object.
    :raises RecursionError: it is too deep.
    """
    return json.loads(text, object_pairs_hook=_each_name_once)


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a name is there twice")
    return made


def _may_be_base64(text: str, key: str, beside: Mapping[str, Any]) -> bool:
    if not text or len(text) > TEXT_CHARACTERS_MAX or len(text) % 4:
        return False
    return text.startswith(_CONTAINER_AS_BASE64) or _is_base64_here(key, beside)


def _is_base64_here(key: str, beside: Mapping[str, Any]) -> bool:
    """Whether an event of AWS has base64 at ``key`` of such an object.

    HTTP events and answers say so in ``isBase64Encoded``
    (https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html); what marks the others is another of their keys:
    Kinesis (https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html), Firehose
    (https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html), Kafka
    (https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html) and Amazon MQ
    (https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html).
    """
    match key:
        case "body":
            return beside.get("isBase64Encoded") is True
        case "data":
            return any(other in beside for other in ("partitionKey", "recordId", "messageID"))
        case "key" | "value":
            return "offset" in beside and "partition" in beside
        case _:
            return False


def base64_text(text: str) -> str | None:
    """The text that ``text`` is the base64 of, if it is."""
    if not _BASE64.fullmatch(text):
        return None
    try:
        decoded = base64.b64decode(text, validate=True).decode()
    except ValueError:
        return None
    return decoded if as_base64(decoded) == text else None


def as_base64(text: str) -> str:
    """``text`` in base64."""
    return base64.b64encode(text.encode("utf-8", "surrogatepass")).decode()


def _writer(text: str, inner: Container) -> Callable[[JsonValue], str]:
    """What writes JSON in the manner of ``text``, which is that of ``inner``; compact where its manner is another."""

    def write(value: JsonValue) -> str:
        manner = next((each for each in _MANNERS if json.dumps(inner, **each) == text), _MANNERS[0])
        return json.dumps(value, **manner)

    return write
