"""Resolves the scenario's peers for the function's processes, by the C library's own name service protocol.

The root file system is read-only and an engine mounts its own ``/etc/hosts`` over the image's, so the names of a run
cannot be written anywhere. But the C library first asks a caching daemon on a socket below ``/run``, and so do Python,
Node and every other dynamically linked program. This is that daemon, while a function is configured; names that are not
peers are looked up in ``/etc/hosts``, as without it. It answers without peers, too: an engine's ``/etc/hosts`` may lack
``localhost``, and a name that does not exist is not found in every sandbox, whatever a library on its own would do.
Programs that ask a name server themselves get the same answers from one.

The protocol: 12 bytes version, type and key length, then the key; the answer is a fixed header and the data it counts.
If a connection is closed without an answer, the library does without the daemon.

Source: nscd/nscd-client.h and nscd/nscd_getai.c of the GNU C library.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import re
import socket
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .name_server import NameServer

if TYPE_CHECKING:
    from collections.abc import Mapping

SOCKET: Final = Path("/run/nscd/socket")

_VERSION: Final = 2
# What extensions listen on for telemetry: https://docs.aws.amazon.com/lambda/latest/dg/telemetry-api.html
_LOCALHOST: Final = dict.fromkeys((b"localhost", b"sandbox.localdomain", b"sandbox"), b"\x7f\0\0\1")
_REQUEST: Final = struct.Struct("=iii")
_HOST: Final = struct.Struct("=8i")
_ADDRESSES: Final = struct.Struct("=6i")
_BY_NAME, _BY_ADDRESS, _ALL_ADDRESSES = 4, 6, 14
_IPV4_BYTES: Final = 4
# h_errno of netdb.h for an unknown name. The library turns it into EAI_NONAME, ENOTFOUND in Node.
_NOT_FOUND: Final = 1
_KEY_BYTES_MAX: Final = 1024
# A query is a single write, so connections are short; more than these at once are not answered.
_OPEN_MAX: Final = 64


class NameService:
    """Resolves ``names``, a map from name to address as text, until :meth:`stop`; ``server`` answers beside it."""

    def __init__(self, path: Path = SOCKET, hosts: Path = Path("/etc/hosts"), server: NameServer | None = None) -> None:
        self._path, self._hosts = path, hosts
        self._server = server or NameServer()
        self._names: dict[bytes, bytes] = {}
        self._patterns: dict[re.Pattern[bytes], bytes] = {}
        self._listener: socket.socket | None = None
        self._open: set[socket.socket] = set()

    def start(self, names: Mapping[str, str], patterns: Mapping[str, str] | None = None) -> None:
        """Start answering.

        :param patterns: the address of every other name that one of these regular expressions matches.
        :raises OSError: the socket cannot be made.
        """
        self.stop()
        peers = {name.encode(): socket.inet_aton(address) for name, address in names.items()}
        self._names = _LOCALHOST | known_hosts(self._hosts) | peers
        self._patterns = {
            re.compile(pattern.encode()): socket.inet_aton(address) for pattern, address in (patterns or {}).items()
        }
        self._path.parent.mkdir(exist_ok=True)
        self._listener = listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        listener.bind(str(self._path))
        # Connecting requires write permission; the folder is not writable for them.
        self._path.chmod(0o666)
        listener.listen(_OPEN_MAX)
        asyncio.get_running_loop().add_reader(listener, self._accept)
        self._server.start(self._address)

    def stop(self) -> None:
        """Stop answering; the C library then resolves names by itself."""
        self._server.stop()
        for connection in list(self._open):
            self._end(connection)
        if self._listener is not None:
            asyncio.get_running_loop().remove_reader(self._listener)
            self._listener.close()
            self._listener = None
            self._path.unlink(missing_ok=True)

    def _accept(self) -> None:
        if self._listener is None:
            return
        with contextlib.suppress(OSError):
            connection, _ = self._listener.accept()
            connection.setblocking(False)  # noqa: FBT003 - the standard library's signature
            if len(self._open) >= _OPEN_MAX:
                connection.close()
                return
            self._open.add(connection)
            asyncio.get_running_loop().add_reader(connection, self._answer, connection)

    def _answer(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            reply = self.reply(connection.recv(_REQUEST.size + _KEY_BYTES_MAX))
            # Fits into any socket's buffer: at most a hundred bytes and a name.
            connection.send(reply)
        self._end(connection)

    def _end(self, connection: socket.socket) -> None:
        self._open.discard(connection)
        asyncio.get_running_loop().remove_reader(connection)
        connection.close()

    def reply(self, request: bytes) -> bytes:
        """The answer to one query; empty for a query that the library should answer itself."""
        if len(request) < _REQUEST.size:
            return b""
        version, kind, length = _REQUEST.unpack_from(request)
        key = request[_REQUEST.size :]
        if version != _VERSION or len(key) != length:
            return b""
        if kind == _BY_ADDRESS:
            return self._by_address(key)
        name = key.rstrip(b"\0").rstrip(b".").lower()
        if kind == _ALL_ADDRESSES:
            return _all_addresses(name, self._address(name))
        return _host(name, self._address(name)) if kind == _BY_NAME else b""

    def _address(self, name: bytes) -> bytes | None:
        matching = (address for pattern, address in self._patterns.items() if pattern.fullmatch(name))
        return self._names.get(name) or next(matching, None)

    def _by_address(self, address: bytes) -> bytes:
        name = next((name for name, known in self._names.items() if known == address), b"")
        return _host(name, address if name else None)


def known_hosts(path: Path) -> dict[bytes, bytes]:
    """The IPv4 addresses of a hosts file by name; a name's first line counts, see hosts(5)."""
    found: dict[bytes, bytes] = {}
    with contextlib.suppress(OSError):
        for line in path.read_bytes().splitlines():
            address, *names = line.partition(b"#")[0].split() or [b""]
            with contextlib.suppress(ValueError):
                packed = ipaddress.IPv4Address(address.decode("ascii", "replace")).packed
                for name in names:
                    found.setdefault(name.lower(), packed)
    return found


def _all_addresses(name: bytes, address: bytes | None) -> bytes:
    if address is None:
        return _ADDRESSES.pack(_VERSION, 0, 0, 0, 0, _NOT_FOUND)
    canonical = name + b"\0"
    head = _ADDRESSES.pack(_VERSION, 1, 1, _IPV4_BYTES, len(canonical), 0)
    return head + address + bytes([socket.AF_INET]) + canonical


def _host(name: bytes, address: bytes | None) -> bytes:
    if address is None:
        return _HOST.pack(_VERSION, 0, 0, 0, 0, 0, 0, _NOT_FOUND)
    official = name + b"\0"
    return _HOST.pack(_VERSION, 1, len(official), 0, socket.AF_INET, _IPV4_BYTES, 1, 0) + official + address
