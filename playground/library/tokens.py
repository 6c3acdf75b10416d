"""From text to the tokens that are searched for, the same for every database. Pure.

A token is a run of letters, digits, ``_`` and ``$``, case folded: ``Runtime.ImportModuleError`` is two tokens in a row,
so that an identifier with dots is found whole, as a phrase, and by each of its names. A name that is made of several
words (``someGlobalValue``, ``some_global_value``) has these words as parts, which are indexed apart and weigh less.

Chinese, Japanese and Korean are written without spaces, so a run of theirs becomes its overlapping pairs of characters
and its last character: 日本語 is 日本, 本語, 語. A text of two characters or more is found as a phrase of pairs, a
single character as the beginning of a pair.
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
# Kana, ideographs with their extensions, Hangul; after NFKC there are no half-width forms of them.
_UNSPACED: Final = (
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_RUN: Final = re.compile(rf"(?P<unspaced>[{_UNSPACED}]+)|[^{_UNSPACED}]+")
_PART: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\dA-Za-z_$]+")


def tokens(text: str) -> list[str]:
    """The tokens of ``text`` in their order."""
    return [token for word in _words(text) for token in _tokens_of(word)]


def parts(text: str) -> list[str]:
    """The words that the names in ``text`` are made of, in their order, without names of one word."""
    return [part for word in _words(text) for part in _parts_of(word)]


def phrase(text: str) -> tuple[tuple[str, ...], bool]:
    """What stands in the index where ``text`` does: tokens in a row, and whether the last is a beginning only."""
    found: list[str] = []
    open_end = False
    for word in _words(text):
        for run, unspaced in _runs(word):
            found += _pairs(run) if unspaced else [run.casefold()[:TOKEN_CHARACTERS_MAX]]
            open_end = unspaced
    if open_end and len(found) > 1 and len(found[-2]) > 1 and found[-2][-1] == found[-1]:
        # The last character stands alone at the end of a run only; the text asked for may be followed by more.
        return tuple(found[:-1]), False
    return tuple(found), open_end


def facet_token(kind: str, value: str) -> str:
    """The token that a document has for this value of a facet, whatever characters are in it."""
    return f"facet{hashlib.sha256(f'{kind}:{value}'.encode()).hexdigest()[:24]}"


def distinct_words(text: str) -> Iterator[str]:
    """The words of ``text`` as they were written."""
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
