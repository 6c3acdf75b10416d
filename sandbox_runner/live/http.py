"""An HTTP request to a session's address and the answer to it, as they travel between processes. Pure."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Final, TypeAlias


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """What a client sent. ``path`` and ``query`` stand as in the address, ``headers`` in the order they came in.

    ``protocol`` is that of the client, such as ``HTTP/1.1``; ``connection`` tells the one that it came on from others.
    """

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    source_ip: str
    protocol: str = "HTTP/1.1"
    connection: str = ""

    def header(self, name: str) -> str:
        """The first value of a header, by its name in lower case; empty without it."""
        return next((value for known, value in self.headers if known == name), "")

    def to_bytes(self) -> bytes:
        """To be sent to another process of this version."""
        told = [self.method, self.path, self.query, self.headers, _text(self.body), self.source_ip, self.protocol]
        return json.dumps([*told, self.connection]).encode()

    @classmethod
    def of_bytes(cls, sent: bytes) -> HttpRequest:
        """What :meth:`to_bytes` was told."""
        method, path, query, headers, body, *where = json.loads(sent)
        pairs = tuple((name, value) for name, value in headers)
        return cls(method, path, query, pairs, base64.b64decode(body), *where)


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What the client gets. ``headers`` may have a name several times. One that is not whole has parts after it."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    is_whole: bool = True

    def to_bytes(self) -> bytes:
        """To be sent to another process of this version."""
        return json.dumps([self.status, self.headers, _text(self.body), self.is_whole]).encode()

    @property
    def is_last(self) -> bool:
        """Whether nothing comes after it."""
        return self.is_whole


@dataclass(frozen=True, slots=True)
class HttpPart:
    """More of an answer's body. After one that is broken, nothing comes, and the client has to see that."""

    body: bytes
    is_last: bool = False
    is_broken: bool = False

    def to_bytes(self) -> bytes:
        """To be sent to another process of this version."""
        return json.dumps([_text(self.body), self.is_last, self.is_broken]).encode()


Told: TypeAlias = HttpAnswer | HttpPart
"""What a client is told, in order: an answer, and its parts if it is not whole."""

_FIELDS_OF_A_PART: Final = 3


def told_of_bytes(sent: bytes) -> Told:
    """What ``to_bytes`` made."""
    fields = json.loads(sent)
    if len(fields) == _FIELDS_OF_A_PART:
        return HttpPart(base64.b64decode(fields[0]), *fields[1:])
    status, headers, body, is_whole = fields
    return HttpAnswer(status, tuple((name, value) for name, value in headers), base64.b64decode(body), is_whole)


def _text(body: bytes) -> str:
    return base64.b64encode(body).decode()
