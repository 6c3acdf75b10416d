"""The conversation with one account's process: orders out, numbered answers in; see ``inside/answering.py``."""

from __future__ import annotations

import asyncio
import json
import struct
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from sandbox_runner import limits
from sandbox_runner.errors import AccountLost, ProtocolViolation, SandboxLost

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox_runner.peers.streams import Stream

_LENGTHS: Final = struct.Struct("!II")
# An answer's status and headers; Amazon S3's may have 2 KB of an object's own.
_HEAD_BYTES_MAX: Final = 64 * 1024

Head = dict[str, Any]


class Line:
    """One connection. What comes in is of a process that strangers' requests have reached: everything is bounded."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._pending = bytearray()
        self._numbers = count(1)
        self._waiting: dict[int, asyncio.Future[tuple[Head, bytes]]] = {}
        self._sending = asyncio.Lock()
        self._over: Exception | None = None

    async def receive(self) -> tuple[Head, bytes]:
        """The next frame.

        :raises AccountLost: the process is gone.
        :raises ProtocolViolation: it sent something else, or too much.
        """
        head_size, body_size = _LENGTHS.unpack(await self._exactly(_LENGTHS.size))
        if head_size > _HEAD_BYTES_MAX or body_size > limits.ACCOUNT_ANSWER_BYTES_MAX:
            raise ProtocolViolation("an account's process sent more than an answer may have")
        try:
            head = json.loads(await self._exactly(head_size))
        except ValueError:
            head = None
        if not isinstance(head, dict):
            raise ProtocolViolation("an account's process sent a frame without a head")
        return head, await self._exactly(body_size)

    async def listen(self) -> None:
        """Hand each answer to whoever waits for it, until the process is gone."""
        try:
            while True:
                head, body = await self.receive()
                waiting = self._waiting.pop(head.get("n", 0), None)
                if waiting is not None and not waiting.done():
                    waiting.set_result((head, body))
        except (AccountLost, ProtocolViolation, SandboxLost) as problem:
            self._over = problem
        finally:
            self._over = self._over or AccountLost("what answers for AWS's services was ended")
            for each in self._waiting.values():
                if not each.done():
                    each.set_exception(self._over)
            self._waiting.clear()

    async def order(self, head: Mapping[str, Any], body: bytes = b"") -> tuple[Head, bytes]:
        """Give an order and wait for its answer.

        :raises AccountLost: the process is gone, does not answer in time, or says that it failed.
        :raises ProtocolViolation: as :meth:`receive`.
        """
        if self._over is not None:
            raise self._over
        number = next(self._numbers)
        answer: asyncio.Future[tuple[Head, bytes]] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        text = json.dumps({"n": number, **head}).encode()
        try:
            async with asyncio.timeout(limits.ACCOUNT_ORDER_S):
                async with self._sending:
                    await self._stream.write(_LENGTHS.pack(len(text), len(body)) + text + body)
                told, given = await answer
        except TimeoutError:
            raise AccountLost(f"what answers for AWS's services did not carry out {head['do']!r} in time") from None
        except SandboxLost as lost:
            raise AccountLost(str(lost)) from lost
        finally:
            self._waiting.pop(number, None)
        if "failure" in told:
            raise AccountLost(f"what answers for AWS's services failed: {str(told['failure'])[:500]}")
        return told, given

    async def _exactly(self, size: int) -> bytes:
        while len(self._pending) < size:
            data = await self._stream.read()
            if not data:
                raise AccountLost("an account's process is gone")
            self._pending += data
        taken = bytes(self._pending[:size])
        del self._pending[:size]
        return taken
