"""What is stored as messages with a run, as its pages say it."""

from __future__ import annotations

from typing import Final

from playground.experiments.stored_json import unpack_messages
from playground.i18n.marking import told

# What a run needs and this installation does not have, or not now: an index that does not answer, a zip not kept here.
_WANTED: Final = frozenset({"archive-missing", "index-away", "packages-away"})


def rendered(messages: str) -> str:
    """Stored messages in the page's language, with unsafe characters of quoted data made visible."""
    return told(*unpack_messages(messages)).encode("utf-8", "replace").decode().replace("\x00", "\ufffd")


def is_of_want(messages: str) -> bool:
    """Whether they say what was wanting before anything ran."""
    return any(each.code in _WANTED for each in unpack_messages(messages))
