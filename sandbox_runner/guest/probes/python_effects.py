"""Records which files below ``/tmp`` are opened for writing, and what is sent over connections.

Nothing is changed: an audit hook sees files, and the sending methods of ``socket.socket`` are observed. Descriptors
opened earlier and other libraries' own sockets are not seen.

Source: https://docs.python.org/3/library/audit_events.html
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from collections.abc import Callable
from typing import Any

ROOT = "/tmp/"
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = {"os.remove": "removed", "os.mkdir": "made-folder", "os.rmdir": "removed-folder"}

Note = Callable[[str, str], None]


def install(note: Note) -> None:
    """Pass the text and the kind, ``file`` or ``peer``, of each effect to ``note``, in the thread that has it."""

    def audit(event: str, args: tuple[Any, ...]) -> None:
        with contextlib.suppress(Exception):
            if event == "open":
                _opened(note, *args)
            elif event in _CHANGES and _is_ours(args[0]):
                note(f"{_CHANGES[event]} {os.fsdecode(args[0])}", "file")
            elif event == "os.rename" and _is_ours(args[1]):
                note(f"renamed {os.fsdecode(args[1])}", "file")

    sys.addaudithook(audit)
    for name in ("send", "sendall"):
        _watch(note, name)


def _opened(note: Note, path: Any, mode: Any, flags: Any) -> None:
    writes = bool(set(mode) & set("wax+")) if isinstance(mode, str) else bool(flags & _WRITES)
    if writes and _is_ours(path):
        note(f"wrote {os.fsdecode(path)}", "file")


def _is_ours(path: Any) -> bool:
    return isinstance(path, str | bytes | os.PathLike) and os.path.abspath(os.fsdecode(path)).startswith(ROOT)  # noqa: PTH100 - pathlib is the function's to load


def _watch(note: Note, name: str) -> None:
    send = getattr(socket.socket, name)

    def watched(connection: Any, data: Any, *args: Any) -> Any:
        sent = send(connection, data, *args)
        with contextlib.suppress(Exception):
            if connection.family == socket.AF_INET:
                count = sent if isinstance(sent, int) else memoryview(data).nbytes
                note(f"sent {count} {connection.getpeername()[1]}", "peer")
        return sent

    setattr(socket.socket, name, watched)
