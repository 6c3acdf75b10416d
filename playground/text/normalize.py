"""Titles, tags and descriptions as they are kept: what hides or reorders other words never gets into a title. Pure."""

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
    """``text`` on one line, without characters that show as nothing or reorder what stands beside them."""
    spaced = " ".join(well_formed(text).split())
    return "".join(character for character in spaced if not hides(character)).strip()


def several_lines(text: str) -> str:
    """``text`` as databases keep it: no lone surrogates, no NUL, a browser's line ends made plain.

    Characters that hide stay, because right-to-left languages and composed emoji need some of them; whoever shows the
    text gives the others a name.
    """
    return well_formed(text).replace("\r\n", "\n").replace("\x00", "").strip()


def tag_names(text: str) -> tuple[str, ...]:
    """The tags that somebody typed, with commas or spaces between them, each once."""
    names = (unicodedata.normalize("NFKC", part).casefold() for part in _BETWEEN_TAGS.split(one_line(text)))
    return tuple(dict.fromkeys(name.removeprefix("#") for name in names if name.removeprefix("#")))


def is_tag(name: str) -> bool:
    """Whether it is a word of letters, digits, hyphens and underscores that is short enough."""
    return len(name) <= TAG_CHARACTERS_MAX and _TAG.fullmatch(name) is not None
