"""Where a subscriber takes its records: HTTP requests or one TCP connection, to a port of this sandbox.

Whoever listens there is the function's: it may accept nothing, answer anything, or never. Only its own stream waits for
it then.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import select
import socket
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..apis.telemetry import Subscription

_LOOPBACK: Final = "127.0.0.1"
_ANSWER_BYTES_MAX: Final = 64 * 1024
_STATUS_END: Final = 400


class Destination:
    """That of one subscription."""

    def __init__(self, subscription: Subscription) -> None:
        self._subscription = subscription
        self._connection: socket.socket | None = None

    def open(self) -> str:
        """Connect by TCP, where that is asked for; returns why it cannot be, empty if it can. Never waits."""
        if self._subscription.method:
            return ""
        self._connection = connection = _socket()
        address = _LOOPBACK, self._subscription.port
        connection.connect_ex(address)
        # On loopback a connection is made or refused at once; a full queue counts as refused.
        ready = select.select([], [connection], [], 0)[1]
        if ready and not connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            return ""
        self.close()
        return f"could not TCP dial provided address {address[0]}:{address[1]}: connection refused"

    async def take(self, records: Sequence[bytes]) -> bool:
        """Hand these records over; whether they were taken."""
        try:
            return await (self._post(records) if self._subscription.method else self._write(records))
        except OSError:
            self.close()
            return False

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def _write(self, records: Sequence[bytes]) -> bool:
        loop = asyncio.get_running_loop()
        if self._connection is None:
            self._connection = _socket()
            await loop.sock_connect(self._connection, (_LOOPBACK, self._subscription.port))
        await loop.sock_sendall(self._connection, b"".join(record + b"\n" for record in records))
        return True

    async def _post(self, records: Sequence[bytes]) -> bool:
        loop = asyncio.get_running_loop()
        body = b"[" + b",".join(records) + b"]"
        with _socket() as connection:
            await loop.sock_connect(connection, (_LOOPBACK, self._subscription.port))
            await loop.sock_sendall(connection, self._head(body) + body)
            answer = b""
            while len(answer) < _ANSWER_BYTES_MAX and (data := await loop.sock_recv(connection, _ANSWER_BYTES_MAX)):
                answer += data
        status = answer.split(b" ", 2)[1:2]
        return bool(status) and status[0].isdigit() and int(status[0][:3]) < _STATUS_END

    def _head(self, body: bytes) -> bytes:
        asked = self._subscription
        sequence = base64.b64encode(hashlib.sha256(body).digest()).decode()
        return (
            f"{asked.method} {asked.path} HTTP/1.1\r\nHost: sandbox.localdomain:{asked.port}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            f"Sequence-Id: {sequence}\r\nConnection: close\r\n\r\n"
        ).encode()


def _socket() -> socket.socket:
    return socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
