"""The page's language for modules that are pure otherwise: the one thing of Django's that they know.

What they return depends on their arguments and on the language that is active, and on nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar

from django.utils.translation import get_language, gettext, gettext_noop, ngettext

if TYPE_CHECKING:
    from collections.abc import Hashable

__all__ = ["N_", "Words", "_", "is_english", "ngettext"]

_ = gettext
# Marks a word where it stands; it is translated where it is shown.
N_ = gettext_noop

K = TypeVar("K", bound="Hashable")


def is_english() -> bool:
    """Whether the page is in the language in which results are stored."""
    return (get_language() or "en").startswith("en")


class Words(Mapping[K, str]):
    """Words by what they stand for, each in the page's language at the moment it is asked for."""

    def __init__(self, english: Mapping[K, str]) -> None:
        self._english = english

    def __getitem__(self, key: K) -> str:
        return gettext(self._english[key]) if self._english[key] else ""

    def __iter__(self) -> Iterator[K]:
        return iter(self._english)

    def __len__(self) -> int:
        return len(self._english)
