"""An HTTP request to a session's address and the answer to it, as they travel between processes. Pure."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """What a client sent. ``path`` and ``query`` stand as in the address, ``headers`` in the order they came in.

    ``protocol`` is that of the client, such as ``HTTP/1.1``.
    """

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    source_ip: str
    protocol: str = "HTTP/1.1"

    def header(self, name: str) -> str:
        """The first value of a header, by its name in lower case; empty without it."""
        return next((value for known, value in self.headers if known == name), "")

    def to_bytes(self) -> bytes:
        """To be sent to another process of this version."""
        told = [self.method, self.path, self.query, self.headers, _text(self.body), self.source_ip, self.protocol]
        return json.dumps(told).encode()

    @classmethod
    def of_bytes(cls, sent: bytes) -> HttpRequest:
        """What :meth:`to_bytes` was told."""
        method, path, query, headers, body, source_ip, protocol = json.loads(sent)
        pairs = tuple((name, value) for name, value in headers)
        return cls(method, path, query, pairs, base64.b64decode(body), source_ip, protocol)


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What the client gets. ``headers`` may have a name several times."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def to_bytes(self) -> bytes:
        """To be sent to another process of this version."""
        return json.dumps([self.status, self.headers, _text(self.body)]).encode()

    @classmethod
    def of_bytes(cls, sent: bytes) -> HttpAnswer:
        """What :meth:`to_bytes` was told."""
        status, headers, body = json.loads(sent)
        return cls(status, tuple((name, value) for name, value in headers), base64.b64decode(body))


def _text(body: bytes) -> str:
    return base64.b64encode(body).decode()
