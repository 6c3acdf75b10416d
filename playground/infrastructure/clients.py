"""Whom limits are counted by."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from django.http import HttpRequest

# Whoever has one address of version 6 has all of its network:
# https://www.rfc-editor.org/rfc/rfc6177 (an end site gets at least a /64)
_NETWORK_BITS: Final = 64


def client_of(request: HttpRequest) -> str:
    """The client's address, of version 6 its network. Behind a proxy that is trusted, uvicorn has set it."""
    written = request.META.get("REMOTE_ADDR") or "unknown"
    try:
        address = ipaddress.ip_address(written)
    except ValueError:
        return written
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((int(address), _NETWORK_BITS), strict=False).network_address)
    return written
