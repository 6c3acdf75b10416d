"""What passes between a function and the scenario's peers, both ways over the wire."""

from __future__ import annotations

from dataclasses import dataclass

# How many bytes of a connection may be under way in each direction, and how many of them one message carries.
PEER_WINDOW_BYTES = 16 * 1024
PEER_DATA_BYTES_MAX = 8 * 1024
# How many connections of one sandbox may be under way.
PEER_CONNECTIONS_MAX = 256


@dataclass(frozen=True, slots=True)
class PeerOpen:
    """The function connected to ``peer``. The host refuses or answers; the guest ends each with a ``PeerClose``."""

    peer: str
    connection: int
    at_us: int


@dataclass(frozen=True, slots=True)
class PeerRefused:
    """The peer takes no more clients: the guest resets ``connection``."""

    connection: int


@dataclass(frozen=True, slots=True)
class PeerData:
    """Bytes of ``connection``, which the guest numbers. At most :data:`PEER_WINDOW_BYTES` without a :class:`PeerMore`.

    ``at_us`` is the guest's reading, 0 from the host.
    """

    connection: int
    at_us: int = 0
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class PeerMore:
    """That many bytes of ``connection`` have gone on their way: as many more may come."""

    connection: int
    bytes: int


@dataclass(frozen=True, slots=True)
class PeerClose:
    """Nothing more will come on ``connection``; over when both sides have said so. ``at_us`` as in ``PeerData``."""

    connection: int
    at_us: int = 0
