"""The address of the web process: the requested one, or by default the next free one."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from playground.local_stack.children import StartError

if TYPE_CHECKING:
    from collections.abc import Mapping

HOST_DEFAULT: Final = "127.0.0.1"
PORT_DEFAULT: Final = 8000
_PORTS_TRIED: Final = 100


@dataclass(frozen=True, slots=True)
class Address:
    """A host and a port to listen on."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """What a person types; for an address that means every interface, this machine's own."""
        shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - names it, binds nothing
        return f"http://[{shown}]:{self.port}/" if ":" in shown else f"http://{shown}:{self.port}/"

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def choose_address(host: str | None, port: str | None, environ: Mapping[str, str]) -> Address:
    """The address to listen on: by option, by ``HOST`` and ``PORT``, or 127.0.0.1 and the next free port from 8000.

    :raises StartError: the requested port is invalid or taken.
    """
    host = host or environ.get("HOST") or HOST_DEFAULT
    asked = port or environ.get("PORT")
    if not asked:
        return _first_free(host)
    if not asked.isdecimal() or not 0 < int(asked) < 65536:
        raise StartError(f"The port {asked!r} is none; choose a number from 1 to 65535.")
    address = Address(host, int(asked))
    if problem := _problem(address):
        raise StartError(f"Port {asked} of {host} cannot be used: {problem}. Choose another with PORT=….")
    return address


def _first_free(host: str) -> Address:
    problem = ""
    for port in range(PORT_DEFAULT, PORT_DEFAULT + _PORTS_TRIED):
        address = Address(host, port)
        if not (problem := _problem(address)):
            return address
    raise StartError(f"No port from {PORT_DEFAULT} on can be used at {host}: {problem}.")


def _problem(address: Address) -> str:
    """Why nothing can listen there now, or empty."""
    try:
        family, kind, *_, place = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
            # Binding alone succeeds beside a server that listens on every interface.
            probe.listen(1)
    except OSError as error:
        return (error.strerror or str(error)).lower()
    return ""
