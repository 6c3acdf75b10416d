"""Whom kept zips are counted by, and who may name them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.crypto import salted_hmac

if TYPE_CHECKING:
    from playground.experiments.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Client:
    """Who sends something.

    :ivar viewer: what they may open.
    :ivar address: where they are, see :mod:`playground.infrastructure.clients`.
    """

    viewer: Viewer
    address: str

    @property
    def counted_as(self) -> str:
        """The person, or the address of whoever is none; kept as a digest that nobody else can make."""
        person = self.viewer.user_id
        return _digest(f"address-{self.address}" if person is None else f"person-{person}")

    @property
    def browser(self) -> str:
        """The browser; empty without one."""
        return _digest(f"browser-{self.viewer.browser_key}") if self.viewer.browser_key else ""

    @property
    def identities(self) -> tuple[str, ...]:
        """What they may have been counted as before: signed in meanwhile, they have what they sent."""
        return self.counted_as, _digest(f"address-{self.address}")


def _digest(said: str) -> str:
    return salted_hmac("playground.archives.client", said, algorithm="sha256").hexdigest()
