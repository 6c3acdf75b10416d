"""Splits text into search tokens, the same for every database. Pure.

A token is a run of letters, digits, ``_`` and ``$``, case folded: ``Runtime.ImportModuleError`` is two consecutive
tokens, so that a dotted identifier is found whole, as a phrase, and by each of its parts. A compound name
(``someGlobalValue``, ``some_global_value``) also has its words as parts, which are indexed separately and weigh less.

Chinese, Japanese and Korean are written without spaces, so a run of these becomes its overlapping pairs of characters
and its last character: 日本語 is 日本, 本語, 語. Text of two or more characters is found as a phrase of pairs, a single
character as the beginning of a pair.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

TOKEN_CHARACTERS_MAX: Final = 80

_WORD: Final = re.compile(r"[\w$]+")
# Kana, ideographs with their extensions, Hangul; NFKC leaves no half-width forms of them.
_UNSPACED: Final = (
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_RUN: Final = re.compile(rf"(?P<unspaced>[{_UNSPACED}]+)|[^{_UNSPACED}]+")
_PART: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\dA-Za-z_$]+")


def tokens(text: str) -> list[str]:
    """The tokens of ``text`` in order."""
    return [token for word in _words(text) for token in _tokens_of(word)]


def parts(text: str) -> list[str]:
    """The words within the compound names of ``text``, in order."""
    return [part for word in _words(text) for part in _parts_of(word)]


def phrase(text: str) -> tuple[tuple[str, ...], bool]:
    """The tokens that ``text`` has in the index, and whether the last is only a prefix."""
    found: list[str] = []
    open_end = False
    for word in _words(text):
        for run, unspaced in _runs(word):
            found += _pairs(run) if unspaced else [run.casefold()[:TOKEN_CHARACTERS_MAX]]
            open_end = unspaced
    if open_end and len(found) > 1 and len(found[-2]) > 1 and found[-2][-1] == found[-1]:
        # The last character is a token only at the end of a run; more may follow the search text.
        return tuple(found[:-1]), False
    return tuple(found), open_end


def facet_token(kind: str, value: str) -> str:
    """The token for a facet value, whatever its characters."""
    return f"facet{hashlib.sha256(f'{kind}:{value}'.encode()).hexdigest()[:24]}"


def distinct_words(text: str) -> Iterator[str]:
    """The words of ``text`` as written."""
    yield from dict.fromkeys(_words(text))


def _words(text: str) -> Iterable[str]:
    return _WORD.findall(text if text.isascii() else unicodedata.normalize("NFKC", text))


def _tokens_of(word: str) -> tuple[str, ...]:
    if word.isascii():
        return (word.lower()[:TOKEN_CHARACTERS_MAX],)
    return tuple(
        token
        for run, unspaced in _runs(word)
        for token in (_pairs(run) if unspaced else (run.casefold()[:TOKEN_CHARACTERS_MAX],))
    )


def _runs(word: str) -> Iterator[tuple[str, bool]]:
    for run in _RUN.finditer(word):
        yield run[0], run["unspaced"] is not None


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run))]


@lru_cache(maxsize=50_000)
def _parts_of(word: str) -> tuple[str, ...]:
    if word.islower() and word.isalpha():
        return ()
    found = tuple(part.casefold()[:TOKEN_CHARACTERS_MAX] for part in _PART.findall(word))
    return found if len(found) > 1 else ()
