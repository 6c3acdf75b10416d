"""Normalises titles, tags and descriptions for storage; titles never contain characters that hide or reorder. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from playground.text.display_text import hides
from sandbox_runner.untrusted_text import well_formed

TITLE_CHARACTERS_MAX: Final = 120
DESCRIPTION_CHARACTERS_MAX: Final = 20_000
TAGS_MAX: Final = 10
TAG_CHARACTERS_MAX: Final = 40

_BETWEEN_TAGS: Final = re.compile(r"[\s,、]+")
_TAG: Final = re.compile(r"[\w-]+")


def one_line(text: str) -> str:
    """``text`` on one line, without characters that are invisible or reorder their neighbours."""
    spaced = " ".join(well_formed(text).split())
    return "".join(character for character in spaced if not hides(character)).strip()


def several_lines(text: str) -> str:
    """``text`` for storage: no lone surrogates, no NUL, a browser's line ends normalised.

    Invisible characters are kept, because right-to-left languages and composed emoji need some of them; on display, the
    others are shown by name.
    """
    return well_formed(text).replace("\r\n", "\n").replace("\x00", "").strip()


def tag_names(text: str) -> tuple[str, ...]:
    """The typed tags, separated by commas or spaces, without duplicates."""
    names = (unicodedata.normalize("NFKC", part).casefold() for part in _BETWEEN_TAGS.split(one_line(text)))
    return tuple(dict.fromkeys(name.removeprefix("#") for name in names if name.removeprefix("#")))


def is_tag(name: str) -> bool:
    """Whether it is a sufficiently short word of letters, digits, hyphens and underscores."""
    return len(name) <= TAG_CHARACTERS_MAX and _TAG.fullmatch(name) is not None
