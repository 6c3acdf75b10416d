"""Values of one request that can be recognised when they come out in another. Pure.

A marker is a leaf of a payload that is long and unusual enough to be nobody else's: ``"a"``, ``1`` and ``true`` say
nothing. It is looked for as it stands and in the forms in which code passes values on.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, quote_plus

from sandbox_runner.verdict.texts.encoded_strings import claims_in
from sandbox_runner.verdict.texts.outputs import bounded_leaves, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

CHARACTERS_MIN: Final = 4
# A longer value is recognised by its beginning.
CHARACTERS_MAX: Final = 512
MARKERS_MAX: Final = 200
# Characters times searches: about a second.
_WORK_MAX: Final = 2_000_000_000
_FORMS_ABOUT: Final = 15
# Within a longer word, a text that is shorter than this is found by chance.
_SAFE_INSIDE_A_WORD: Final = 9
_COMMON: Final = frozenset(
    (
        *("true", "false", "null", "none", "undefined", "post", "delete", "head", "patch", "options", "http", "https"),
        *(
            "application/json",
            "text/plain",
            "text/html",
            "name",
            "user",
            "test",
            "data",
            "value",
            "message",
            "localhost",
        ),
    )
)
# Which service an event is of, the same for all who cause one:
# https://docs.aws.amazon.com/lambda/latest/dg/with-s3.html, https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
_SERVICE: Final = re.compile(r"aws:[a-z0-9-]{1,40}")
_WORD = re.compile(r"\w")
_SPLIT = re.compile(r"[\s,;:/=&?\"'()<>{}\[\]|]+")
_WORD_CHARACTERS_MIN: Final = 6


@dataclass(frozen=True, slots=True)
class Marker:
    """A recognisable leaf, or a word of one (``part``): where it stands in the payload, and its text."""

    path: str
    text: str
    part: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A marker that was found: in which form, and the text of that form."""

    marker: Marker
    form: str
    text: str


@dataclass(slots=True)
class Searched:
    """What was looked for: so many values in so many answers, and whether the bound ended it."""

    values: int = 0
    outputs: int = 0
    cut: bool = False
    _work: int = 0

    def afford(self, characters: int) -> bool:
        """Whether one more value can be looked for in a text of that length."""
        self._work += characters * _FORMS_ABOUT
        self.cut |= self._work > _WORK_MAX
        return self._work <= _WORK_MAX


def markers_of(payload: object) -> tuple[Marker, ...]:
    """The recognisable leaves of a payload and then their words; the first of each text."""
    found: dict[str, Marker] = {}
    leaves = bounded_leaves(payload)[0]
    for path, value in leaves:
        text = text_of(value)[:CHARACTERS_MAX]
        if _is_unusual(value, text) and len(found) < MARKERS_MAX:
            found.setdefault(text, Marker(path, text))
    for path, value in leaves:
        for word in _words(value):
            if len(found) < MARKERS_MAX:
                found.setdefault(word, Marker(path, word, part=True))
    return tuple(found.values())


def _words(value: object) -> list[str]:
    """The longer words of a text of several, or a token's claims: a handler may pass on a name out of a sentence."""
    if isinstance(value, str) and (token := claims_in(value.rpartition(" ")[2])):
        claims = (text_of(held) for _, held in bounded_leaves(token.value)[0] if isinstance(held, str))
        return [claim for claim in claims if len(claim) >= _WORD_CHARACTERS_MIN and _is_unusual(claim, claim)]
    words = _SPLIT.split(value[:CHARACTERS_MAX]) if isinstance(value, str) else []
    if len(words) < 2 or str(value).strip().lower() in _COMMON or names_a_service(value):
        return []
    return [word for word in words if len(word) >= _WORD_CHARACTERS_MIN and _is_unusual(word, word)]


def names_a_service(value: object) -> bool:
    """Whether it is the name of a service of AWS, as an event has it, and so nobody's data."""
    return isinstance(value, str) and _SERVICE.fullmatch(value) is not None


def _is_unusual(value: object, text: str) -> bool:
    if value is None or isinstance(value, bool) or len(text) < CHARACTERS_MIN or names_a_service(value):
        return False
    if isinstance(value, int | float):
        return len(text.strip("-").replace(".", "").strip("0")) >= CHARACTERS_MIN
    return text.strip().lower() not in _COMMON and len(set(text.strip())) > 1 and any(c.isalnum() for c in text)


def repeats_of(payload: object, path: str) -> tuple[str, ...]:
    """The other leaves of a payload that have the value of the one at ``path``, before those that contain it."""
    leaves = dict(bounded_leaves(payload)[0])
    text = text_of(leaves.get(path))
    if path not in leaves or not _is_unusual(leaves[path], text) or len(text) > CHARACTERS_MAX:
        return ()
    others = [(other, text_of(value)) for other, value in leaves.items() if other != path]
    equal = [other for other, value in others if value == text]
    return (*equal, *(other for other, value in others if value != text and contains(value, text)))


@lru_cache(maxsize=4096)
def forms(text: str) -> tuple[tuple[str, str], ...]:
    """``(name, text)`` of every form a value is looked for in, the plain one first, none twice."""
    found: dict[str, str] = {}
    for name, make in _FORMS:
        made = make(text)
        if len(made) >= CHARACTERS_MIN and made not in found:
            found[made] = name
    return tuple((name, made) for made, name in found.items())


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


_FORMS: Final[tuple[tuple[str, Callable[[str], str]], ...]] = (
    ("plain", str),
    ("lower-case", str.lower),
    ("upper-case", str.upper),
    ("title-case", str.title),
    ("reversed", lambda text: text[::-1]),
    ("trimmed", str.strip),
    ("url-encoded", lambda text: quote(_bytes(text), safe="")),
    ("url-encoded", lambda text: quote_plus(_bytes(text))),
    ("json-escaped", lambda text: json.dumps(text)[1:-1]),
    ("html-escaped", html.escape),
    ("base64", lambda text: base64.b64encode(_bytes(text)).decode().rstrip("=")),
    ("base64url", lambda text: base64.urlsafe_b64encode(_bytes(text)).decode().rstrip("=")),
    ("hex", lambda text: _bytes(text).hex()),
    ("md5", lambda text: hashlib.md5(_bytes(text), usedforsecurity=False).hexdigest()),
    # An address is written in lower case before it is hashed, as for a picture of a person.
    ("md5", lambda text: hashlib.md5(_bytes(text.strip().lower()), usedforsecurity=False).hexdigest()),
    ("sha-256", lambda text: hashlib.sha256(_bytes(text.strip().lower())).hexdigest()),
    ("sha-1", lambda text: hashlib.sha1(_bytes(text), usedforsecurity=False).hexdigest()),
    ("sha-256", lambda text: hashlib.sha256(_bytes(text)).hexdigest()),
    ("sha-512", lambda text: hashlib.sha512(_bytes(text)).hexdigest()),
    ("sha-256-base64", lambda text: base64.b64encode(hashlib.sha256(_bytes(text)).digest()).decode().rstrip("=")),
)


def contains(text: str, wanted: str) -> bool:
    """Whether ``wanted`` stands in ``text``; a short one must stand there as a word of its own."""
    at = text.find(wanted)
    if len(wanted) >= _SAFE_INSIDE_A_WORD:
        return at >= 0
    while at >= 0:
        before, after = text[at - 1 : at] if at else "", text[at + len(wanted) : at + len(wanted) + 1]
        if not (_joins(before, wanted[0]) or _joins(wanted[-1], after)):
            return True
        at = text.find(wanted, at + 1)
    return False


def _joins(left: str, right: str) -> bool:
    return bool(left and right and _WORD.match(left) and _WORD.match(right) and left != "_" and right != "_")


def search(text: str, marker: Marker) -> Hit | None:
    """The first form of ``marker`` that stands in ``text``."""
    for name, made in forms(marker.text):
        if made in text and contains(text, made):
            return Hit(marker, name, made)
    return None


def in_any(texts: Iterable[str], wanted: str) -> bool:
    """Whether ``wanted`` stands in one of ``texts``, however it is written there in case."""
    lowered = wanted.lower()
    return any(contains(text.lower(), lowered) for text in texts)
