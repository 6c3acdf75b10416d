"""ExtensionMoment an environment's extensions did, from the wire to records."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast, get_args

from sandbox_runner.errors import ProtocolViolation
from sandbox_runner.events.records import ExtensionMoment, ExtensionSeen, PlatformExtension
from sandbox_runner.rules.phases import NO_EXTENSIONS, Extensions
from sandbox_runner.untrusted_text import well_formed

if TYPE_CHECKING:
    from sandbox_runner.guest import wire

_WHAT = frozenset(get_args(ExtensionMoment))
# The guest bounds what an extension says; these are what it keeps to.
_NAME_MAX = 255
_TEXT_MAX = 512
_EVENTS_MAX = 2
# The eleventh is named as the one that was too many.
_NAMED_MAX = 11


def seen(message: wire.ExtensionSeen) -> ExtensionSeen:
    """The record of what happened to an extension.

    :raises ProtocolViolation: nothing that can.
    """
    if message.what not in _WHAT:
        raise ProtocolViolation("the guest told of something that cannot happen to an extension")
    return ExtensionSeen(
        name=well_formed(message.extension)[:_NAME_MAX],
        external=message.kind == "external",
        what=cast("ExtensionMoment", message.what),
        text=well_formed(message.text)[:_TEXT_MAX],
    )


def at_end_of_init(done: wire.InitDone) -> list[PlatformExtension]:
    """A record for each extension that there was."""
    return [
        PlatformExtension(
            name=well_formed(name)[:_NAME_MAX],
            state=well_formed(told.get("state", ""))[:_TEXT_MAX],
            events=tuple(well_formed(each) for each in told.get("events", "").split(",") if each)[:_EVENTS_MAX],
            error_type=well_formed(told.get("error", ""))[:_TEXT_MAX] or None,
        )
        for name, told in list(done.extensions.items())[:_NAMED_MAX]
    ]


def counted(done: wire.InitDone) -> Extensions:
    """How many of each kind there are."""
    if not done.extensions:
        return NO_EXTENSIONS
    external = sum(told.get("kind") == "external" for told in done.extensions.values())
    return Extensions(internal=len(done.extensions) - external, external=external)
