"""What an environment can reach. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox_runner.guest.wire import PEER_WINDOW_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Reach:
    """Ports on the environment's own loopback that lead to the host.

    :ivar ports: by the name of who is reached.
    :ivar names: which other names lead there, as a regular expression by that name.
    :ivar trust: the certificates that programs trust, in PEM.
    :ivar window_bytes: how much of a connection may be in flight in each direction.
    """

    ports: Mapping[str, int] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    trust: str = ""
    window_bytes: int = PEER_WINDOW_BYTES
