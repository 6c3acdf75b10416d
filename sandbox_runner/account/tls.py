"""TLS over a connection of a sandbox: the host's end."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox_runner.peers.streams import Stream

_T = TypeVar("_T")
_READ_BYTES: Final = 16 * 1024


class TlsStream:
    """One connection, encrypted."""

    def __init__(self, stream: Stream, context: ssl.SSLContext) -> None:
        self._stream = stream
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_side=True)

    async def shake_hands(self) -> None:
        """Agree on keys.

        :raises ssl.SSLError: the client does not want this.
        :raises SandboxLost: it is gone.
        """
        await self._until(self._tls.do_handshake)

    async def read(self) -> bytes:
        """The next bytes; empty at the end.

        :raises ssl.SSLError: what comes is not of this connection.
        :raises SandboxLost: it is gone.
        """
        try:
            return await self._until(lambda: self._tls.read(_READ_BYTES))
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
            return b""

    async def write(self, data: bytes) -> None:
        """Send ``data`` as fast as it is read.

        :raises SandboxLost: it is gone.
        """
        if data:
            self._tls.write(data)
            await self._stream.write(self._out.read())

    async def _until(self, step: Callable[[], _T]) -> _T:
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                await self._flush()
                data = await self._stream.read()
                if data:
                    self._in.write(data)
                else:
                    self._in.write_eof()
            finally:
                await self._flush()

    async def _flush(self) -> None:
        if pending := self._out.read():
            await self._stream.write(pending)
