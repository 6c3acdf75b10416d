"""The messages between a function and the scenario's peers, both ways. Pure."""

from __future__ import annotations

from dataclasses import dataclass

# How many bytes of a connection may be in flight in each direction, where nothing else is said. One message carries
# half of them, so that the next one is on its way while the first is read.
PEER_WINDOW_BYTES = 16 * 1024
# How many connections of one sandbox may be open.
PEER_CONNECTIONS_MAX = 256


@dataclass(frozen=True, slots=True)
class PeerOpen:
    """The function connected to ``peer``. The host accepts or refuses; the guest ends each with a ``PeerClose``."""

    peer: str
    connection: int
    at_us: int


@dataclass(frozen=True, slots=True)
class PeerRefused:
    """The peer accepts no more clients: the guest resets ``connection``."""

    connection: int


@dataclass(frozen=True, slots=True)
class PeerData:
    """Data of ``connection``, numbered by the guest. No more than the window without a :class:`PeerMore`.

    ``at_us`` is the guest's reading, 0 from the host.
    """

    connection: int
    at_us: int = 0
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class PeerMore:
    """That many bytes of ``connection`` were forwarded: as many more may follow."""

    connection: int
    bytes: int


@dataclass(frozen=True, slots=True)
class PeerClose:
    """Nothing more follows on ``connection``; closed once both sides have sent this. ``at_us`` as in ``PeerData``."""

    connection: int
    at_us: int = 0
