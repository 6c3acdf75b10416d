"""Names of people: which may be, how they are stored, and which look like one another.

A name is stored as PRECIS prepares it (RFC 8265, UsernameCasePreserved): full-width letters become plain ones,
accents one character with their letter, and what cannot be seen is refused. Letters are of one script, or of those that
Japanese, Chinese and Korean are written with beside Latin. Two names that look alike have one skeleton. Both rules are
from https://www.unicode.org/reports/tr39/: "highly restrictive", and "confusable detection".
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from precis_i18n import get_profile

if TYPE_CHECKING:
    from collections.abc import Mapping

_PROFILE: Final = get_profile("UsernameCasePreserved")
_WRITTEN: Final = re.compile(r"[^\W_][\w.@+-]*")
_WRITTEN_TOGETHER: Final = (
    frozenset({"LATIN", "HAN", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "HAN", "BOPOMOFO"}),
    frozenset({"LATIN", "HAN", "HANGUL"}),
)
# Nobody is called what stands for this site, for those who run it, or for nobody.
RESERVED: Final = (
    "abuse",
    "admin",
    "administrator",
    "anonymous",
    "everybody",
    "holdover",
    "hostmaster",
    "moderator",
    "nobody",
    "operator",
    "postmaster",
    "root",
    "security",
    "staff",
    "stranger",
    "support",
    "system",
    "webmaster",
)


def prepared(typed: str) -> str | None:
    """The name as it is stored; None if no name can be written so."""
    try:
        name: str = _PROFILE.enforce(typed)
    except UnicodeError:
        return None
    return name if _WRITTEN.fullmatch(name) else None


def mixes_scripts(name: str) -> bool:
    """Whether its letters are of scripts that are not written together."""
    from confusable_homoglyphs.categories import unique_aliases  # noqa: PLC0415 - reads a megabyte, for new names only

    scripts = {script.upper() for script in unique_aliases(name)} - {"COMMON", "INHERITED"}
    return len(scripts) > 1 and not any(scripts <= together for together in _WRITTEN_TOGETHER)


def skeleton(name: str) -> str:
    """What the name looks like: equal for names that one could be taken for the other."""
    apart = unicodedata.normalize("NFD", name)
    seen = "".join(_looks_like(character) for character in apart)
    return unicodedata.normalize("NFD", seen).casefold()


def is_reserved(name: str) -> bool:
    """Whether it is a name that nobody may have, or looks like one."""
    return skeleton(name) in _reserved()


@lru_cache(maxsize=1)
def _reserved() -> frozenset[str]:
    return frozenset(skeleton(written) for name in RESERVED for written in (name, name.upper(), name.capitalize()))


def _looks_like(character: str) -> str:
    """The one that stands for all that look like ``character``.

    The library names each one's likes in both directions: those of the one that stands for the others are many, and
    everything else names it alone. Where there are but two, either may stand for the other.
    """
    likes = _likes().get(character, ())
    if len(likes) != 1:
        return character
    (other,) = likes
    return other if len(_likes().get(other, ())) > 1 else min(character, other)


@lru_cache(maxsize=1)
def _likes() -> Mapping[str, tuple[str, ...]]:
    from confusable_homoglyphs.confusables import confusables_data  # noqa: PLC0415 - as above

    # Characters of right-to-left scripts are listed between marks of direction.
    plain = {key.strip("\u200e"): value for key, value in confusables_data.items()}
    return {key: tuple(one["c"].strip("\u200e") for one in value) for key, value in plain.items()}
