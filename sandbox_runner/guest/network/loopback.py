"""The sandbox's only network: loopback, which is down in a new network namespace.

Source: netdevice(7).
"""

from __future__ import annotations

import contextlib
import fcntl
import socket
import struct
from typing import Final

_SIOCSIFFLAGS: Final = 0x8914
_IFF_UP: Final = 0x1
_IFREQ: Final = struct.Struct("16sh22x")


def bring_loopback_up() -> None:
    """Bring loopback up. Without the privilege do nothing: an engine has done it already."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        fcntl.ioctl(probe, _SIOCSIFFLAGS, _IFREQ.pack(b"lo", _IFF_UP))
