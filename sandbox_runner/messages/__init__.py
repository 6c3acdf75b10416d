"""What Holdover says: codes with parameters, and the sentences that they are in English and Japanese. Pure.

A :class:`Message` is a fact: a stable code and small typed parameters, with no word of any language in them but what
is the user's own data. :mod:`.codes` is the closed list of codes, one group for each kind of statement; :mod:`.en` and
:mod:`.ja` have the template of each. :func:`render` makes the sentence. Nothing else in this project may.
"""

from sandbox_runner.messages.model import Kind, Message, Who, cut, say
from sandbox_runner.messages.rendering import (
    DEFAULT,
    LANGUAGES,
    Language,
    language_of,
    render,
    render_all,
    vocabulary,
    word,
)

__all__ = [
    "DEFAULT",
    "LANGUAGES",
    "Kind",
    "Language",
    "Message",
    "Who",
    "cut",
    "language_of",
    "render",
    "render_all",
    "say",
    "vocabulary",
    "word",
]
