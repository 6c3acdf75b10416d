"""Answers programs that ask a name server themselves, such as static binaries and Node's ``dns.resolve``.

No sandbox names one in ``/etc/resolv.conf``, which every library takes to mean port 53 of 127.0.0.1. It knows the same
names as the C library's name service; any other does not exist.

Sources: RFC 1035, sections 4.1 and 4.2.1; resolv.conf(5).
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable
from typing import Final, TypeAlias

PLACE: Final = ("127.0.0.1", 53)

# The address of a name in lower case, without the last dot.
Find: TypeAlias = Callable[[bytes], "bytes | None"]

_HEAD: Final = struct.Struct("!6H")
_QUESTION: Final = struct.Struct("!2H")
# The name is that of the question; then type, class, time to live, and how many bytes follow.
_RECORD: Final = struct.Struct("!3HIH")
_NAME_OF_THE_QUESTION: Final = 0xC000 | _HEAD.size
_ADDRESS, _INTERNET = 1, 1
_ANSWER, _WANTS_RECURSION, _RECURSES, _OPERATIONS = 0x8000, 0x0100, 0x0080, 0x7800
_NO_SUCH_NAME: Final = 3
_SECONDS: Final = 60
_LABEL_BYTES_MAX: Final = 63
_BYTES_MAX: Final = 512


class NameServer:
    """Answers by UDP at a place until :meth:`stop`."""

    def __init__(self, place: tuple[str, int] = PLACE) -> None:
        self._place = place
        self._socket: socket.socket | None = None
        self._find: Find = lambda _: None

    def start(self, find: Find) -> None:
        """Start answering; where the port is not to be had, names are looked up without it."""
        self.stop()
        self._find = find
        opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        try:
            opened.bind(self._place)
        except OSError:
            opened.close()
            return
        self._socket = opened
        asyncio.get_running_loop().add_reader(opened, self._answer, opened)

    def stop(self) -> None:
        """Stop answering."""
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
            self._socket = None

    def _answer(self, opened: socket.socket) -> None:
        with contextlib.suppress(OSError):
            asked, who = opened.recvfrom(_BYTES_MAX)
            if said := reply(asked, self._find):
                opened.sendto(said, who)


def reply(asked: bytes, find: Find) -> bytes:
    """The answer to a message; empty for what is no question."""
    if len(asked) < _HEAD.size:
        return b""
    number, flags, questions, *_ = _HEAD.unpack_from(asked)
    name, end = _name(asked)
    if flags & (_ANSWER | _OPERATIONS) or questions != 1 or not end or len(asked) < end + _QUESTION.size:
        return b""
    kind, of = _QUESTION.unpack_from(asked, end)
    address = find(name)
    is_told = address is not None and (kind, of) == (_ADDRESS, _INTERNET)
    code = 0 if address is not None else _NO_SUCH_NAME
    said = _ANSWER | _RECURSES | flags & _WANTS_RECURSION | code
    head = _HEAD.pack(number, said, 1, int(is_told), 0, 0)
    question = asked[_HEAD.size : end + _QUESTION.size]
    if address is None or not is_told:
        return head + question
    record = _RECORD.pack(_NAME_OF_THE_QUESTION, _ADDRESS, _INTERNET, _SECONDS, len(address))
    return head + question + record + address


def _name(asked: bytes) -> tuple[bytes, int]:
    """The name that is asked for, and where it ends; 0 where it is none."""
    at, labels = _HEAD.size, []
    while at < len(asked) and (length := asked[at]):
        if length > _LABEL_BYTES_MAX:
            return b"", 0
        labels.append(asked[at + 1 : at + 1 + length])
        at += 1 + length
    return b".".join(labels).lower(), at + 1 if at < len(asked) else 0
