"""The address of the web process: the requested one, or by default the next free one."""

from __future__ import annotations

import ipaddress
import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from playground.config.environment import LOOPBACK_HOSTS
from playground.local_stack.children import StartError

if TYPE_CHECKING:
    from collections.abc import Mapping

HOST_DEFAULT: Final = "127.0.0.1"
PORT_DEFAULT: Final = 8000
_PORTS_TRIED: Final = 100
# Connections that wait while the web process starts or restarts; uvicorn's own default.
_BACKLOG: Final = 2048


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


def own_hosts(listening_at: str) -> tuple[str, ...]:
    """What a browser may call this machine: its names and addresses, and the one that is listened at.

    A page of another site can give its own name this machine's address (DNS rebinding); by that name nothing is
    answered.
    """
    name = socket.gethostname()
    found = {*LOOPBACK_HOSTS, name, f"{name}.local", socket.getfqdn(), _in_url(listening_at), *_addresses_of(name)}
    return tuple(sorted(found - {"0.0.0.0", "[::]", ""}))  # noqa: S104 - names them, binds nothing


def _addresses_of(name: str) -> set[str]:
    with suppress(OSError):
        return {_in_url(str(place[0]).partition("%")[0]) for *_, place in socket.getaddrinfo(name, None)}
    return set()


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def listen(host: str | None, port: str | None, environ: Mapping[str, str]) -> tuple[Address, socket.socket]:
    """Listen where it was asked for, by option or by ``HOST`` and ``PORT``, or at 127.0.0.1's next free port from 8000.

    Whoever has the socket has the port: nobody else can take it while the web process starts or restarts.

    :raises StartError: the requested port is invalid or taken.
    """
    host = host or environ.get("HOST") or HOST_DEFAULT
    asked = port or environ.get("PORT")
    if not asked:
        return _listen_at_first_free(host)
    if not asked.isdecimal() or not 0 < int(asked) < 65536:
        raise StartError(f"The port {asked!r} is none; choose a number from 1 to 65535.")
    address = Address(host, int(asked))
    try:
        return address, _listening(address)
    except OSError as problem:
        raise StartError(
            f"Port {asked} of {host} cannot be used: {_words(problem)}. Choose another with PORT=…."
        ) from None


def _listen_at_first_free(host: str) -> tuple[Address, socket.socket]:
    why = ""
    for port in range(PORT_DEFAULT, PORT_DEFAULT + _PORTS_TRIED):
        address = Address(host, port)
        try:
            return address, _listening(address)
        except OSError as problem:
            why = _words(problem)
    raise StartError(f"No port from {PORT_DEFAULT} on can be used at {host}: {why}.")


def _listening(address: Address) -> socket.socket:
    family, kind, *_, place = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)[0]
    listening = socket.socket(family, kind)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(place)
        # Binding alone succeeds beside a server that listens on every interface.
        listening.listen(_BACKLOG)
    except OSError:
        listening.close()
        raise
    return listening


def _words(problem: OSError) -> str:
    return (problem.strerror or str(problem)).lower()
