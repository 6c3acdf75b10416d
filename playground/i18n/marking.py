"""The page's language, for modules that are otherwise pure: the only part of Django they use.

Their results depend only on their arguments and the active language.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar

from django.utils.translation import get_language, gettext, gettext_noop, ngettext

from sandbox_runner.messages import language_of, render_all, vocabulary, word

if TYPE_CHECKING:
    from collections.abc import Hashable

    from sandbox_runner.messages import Language, Message

__all__ = ["N_", "Vocabulary", "Words", "_", "language", "ngettext", "told"]

_ = gettext
# Marks text for translation where it is written; it is translated where it is shown.
N_ = gettext_noop

K = TypeVar("K", bound="Hashable")


def language() -> Language:
    """The page's language, for what the emulator's catalogues say."""
    return language_of(get_language() or "")


def told(*messages: Message) -> str:
    """What the messages say, in the page's language."""
    return render_all(messages, language())


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


class Vocabulary(Mapping[str, str]):
    """The words of one of the emulator's vocabularies, each in the page's language at the moment it is asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getitem__(self, key: str) -> str:
        return word(self._name, key, language())

    def __iter__(self) -> Iterator[str]:
        return iter(vocabulary(self._name))

    def __len__(self) -> int:
        return len(vocabulary(self._name))
