"""Has a sandbox emptied by its supervisor, for another environment of the same run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox_runner.environment.guest_link import unexpected
from sandbox_runner.guest import wire

if TYPE_CHECKING:
    from sandbox_runner.environment.guest_link import GuestLink

_WIPE_WITHIN_S: Final = 10.0


async def wipe(link: GuestLink) -> None:
    """Leave nothing of the function behind.

    :raises OurFailure: it cannot be emptied, and must serve nobody any more.
    """
    await link.send(wire.Wipe())
    await link.receive_until(wire.WipeDone, _refuse, within_s=_WIPE_WITHIN_S)


def _refuse(message: wire.GuestMessage) -> None:
    # Output that was still in the pipes belongs to nobody now.
    if not isinstance(message, wire.Logs | wire.Cut):
        raise unexpected(message)
