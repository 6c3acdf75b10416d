"""Parses text from the search box; never fails. Pure.

All words must occur; ``"several words"`` must occur in that order; ``-word`` must not occur. Other operator-like text
is plain text. A name with dots is a phrase of its parts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from playground.library.search.tokens import parts, phrase

QUERY_CHARACTERS_MAX: Final = 200
TERMS_MAX: Final = 12
_CHUNK: Final = re.compile(r'(?P<minus>-?)(?:"(?P<quoted>[^"]*)"?|(?P<bare>[^\s"]+))')


@dataclass(frozen=True, slots=True)
class Term:
    """Tokens that must follow each other; ``parts`` are the words of a name that match as well.

    ``open_end``: the last token is only the beginning of one.
    """

    tokens: tuple[str, ...]
    parts: tuple[str, ...] = ()
    open_end: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query. ``problem`` says why there is no search, ``remark`` what was ignored.

    ``facets`` are facet tokens that a document must have as well.
    """

    text: str = ""
    wanted: tuple[Term, ...] = ()
    unwanted: tuple[Term, ...] = ()
    problem: str = ""
    remark: str = ""
    facets: tuple[str, ...] = ()

    @property
    def searches(self) -> bool:
        """Whether there is anything to search for."""
        return bool(self.wanted or self.facets)


def read_query(text: str) -> Query:
    """Parse ``text``, with a message if it is not a query."""
    text = text.strip()
    if len(text) > QUERY_CHARACTERS_MAX:
        problem = _("The search text has %(length)s characters; shorten it to %(most)s.")
        length, most = f"{len(text):,}", QUERY_CHARACTERS_MAX
        return Query(text=text[:QUERY_CHARACTERS_MAX], problem=problem % {"length": length, "most": most})
    if not text:
        return Query()
    read = [(term, bool(found["minus"])) for found in _CHUNK.finditer(text) if (term := _term(found))]
    kept = list(dict.fromkeys(read))[:TERMS_MAX]
    wanted = tuple(term for term, minus in kept if not minus)
    return Query(
        text=text,
        wanted=wanted,
        unwanted=tuple(term for term, minus in kept if minus),
        problem="" if wanted else _nothing_wanted(bool(kept)),
        remark=_left_out(len(set(read)) - len(kept)),
    )


def _term(found: re.Match[str]) -> Term | None:
    text = found["bare"] if found["quoted"] is None else found["quoted"]
    tokens, open_end = phrase(text)
    if not tokens:
        return None
    words = tuple(parts(text)) if len(tokens) == 1 else ()
    return Term(tokens, words, open_end)


def _nothing_wanted(excludes: bool) -> str:
    if excludes:
        return _("Only words to leave out were given; name at least one that must occur.")
    return _("There is no letter or digit in the search text; name a word, an identifier or an error.")


def _left_out(count: int) -> str:
    if count <= 0:
        return ""
    return _("Only the first %(most)s words are searched for; %(count)s more were left out.") % {
        "most": TERMS_MAX,
        "count": count,
    }
