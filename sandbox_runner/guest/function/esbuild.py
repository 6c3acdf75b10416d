"""Asks esbuild to transform one text after the other, with no more rights than the function has.

Nothing of the function runs yet, and what esbuild reads is hostile: it has the function's user, and limits for its
memory and its time. It is asked over its standard input, as its own library for Node asks it: a 4-byte little-endian
length, then a number that pairs answer and question, then a value.

Source: evanw/esbuild, cmd/esbuild/stdio_protocol.go and service.go.
"""

from __future__ import annotations

import os
import resource
import select
import struct
import subprocess
import time
from typing import TYPE_CHECKING, Any, Final

from .processes import GID, UID, children_die_first, give_way

if TYPE_CHECKING:
    from collections.abc import Sequence

# A nest of brackets takes more of it with every byte, until the kernel refuses.
_MEMORY_BYTES: Final = 256 * 1024 * 1024
# 2 MB of code take about two. Counted in its own time, because a busy machine is nobody's fault.
PROCESSOR_S_MAX: Final = 5
_ANSWER_BYTES_MAX: Final = 32 * 1024 * 1024
_READ_BYTES: Final = 256 * 1024
_VALUES_DEEP_MAX: Final = 20
_NUMBER: Final = struct.Struct("<I")


class EsbuildGoneError(Exception):
    """It has ended, or what it says is no answer: whoever asks again needs another."""


class EsbuildLateError(Exception):
    """There was no answer in time."""


class Esbuild:
    """One process, until :meth:`end`.

    :param command: how the image starts it.
    :param until: when it has to have answered everything, by the monotonic clock.
    :raises OSError: it cannot be started.
    """

    def __init__(self, command: Sequence[str], until: float) -> None:
        self._command, self._until = list(command), until
        self._said = bytearray()
        self._asked = 0
        with children_die_first():
            self._process = subprocess.Popen(
                self._command,
                env={"GOTRACEBACK": "none", "GOMEMLIMIT": str(_MEMORY_BYTES * 3 // 4)},
                cwd="/",
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                user=UID,
                group=GID,
                extra_groups=[],
                umask=0o022,
                preexec_fn=_limited,  # noqa: PLW1509 - the supervisor has one thread
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._in, False)
        os.set_blocking(self._out, False)

    def end(self) -> None:
        """Kill it."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def transform(self, text: str, flags: Sequence[str]) -> dict[str, Any]:
        """What it makes of ``text``: ``code``, ``map``, ``errors``.

        :raises EsbuildLateError: there is no answer in time.
        :raises EsbuildGoneError: there will be none.
        """
        if not self._asked:
            self._message(b"")
        number, self._asked = self._asked, self._asked + 1
        asked = {
            "command": "transform",
            "flags": list(flags),
            "inputFS": False,
            "input": text.encode("utf-8", "replace"),
        }
        question = _NUMBER.pack(number << 1) + _encoded(asked)
        answer = self._message(_NUMBER.pack(len(question)) + question)
        try:
            told, _ = _decoded(answer, 4)
        except (struct.error, IndexError, UnicodeDecodeError, ValueError) as problem:
            raise EsbuildGoneError(str(problem)) from None
        if _NUMBER.unpack_from(answer)[0] != number << 1 | 1 or not isinstance(told, dict):
            raise EsbuildGoneError("an answer to another question")
        return told

    def _message(self, question: bytes) -> bytes:
        """Write ``question``, and read the next message meanwhile and afterwards."""
        rest = memoryview(question)
        poll = select.poll()
        poll.register(self._out, select.POLLIN)
        if rest:
            poll.register(self._in, select.POLLOUT)
        while (found := self._next()) is None:
            ready = dict(poll.poll(max(0.0, self._until - time.monotonic()) * 1000))
            if not ready:
                raise EsbuildLateError
            if self._out in ready:
                self._read()
            elif self._in in ready:
                rest = rest[self._write(rest) :]
                if not rest:
                    poll.unregister(self._in)
        return found

    def _next(self) -> bytes | None:
        if len(self._said) < _NUMBER.size:
            return None
        (length,) = _NUMBER.unpack_from(self._said)
        if length > _ANSWER_BYTES_MAX:
            raise EsbuildGoneError(f"an answer of {length} bytes")
        end = _NUMBER.size + length
        if len(self._said) < end:
            return None
        found = bytes(self._said[_NUMBER.size : end])
        del self._said[:end]
        return found

    def _read(self) -> None:
        part = os.read(self._out, _READ_BYTES)
        if not part:
            raise EsbuildGoneError("it has ended")
        self._said += part

    def _write(self, rest: memoryview) -> int:
        try:
            return os.write(self._in, rest)
        except BrokenPipeError:
            raise EsbuildGoneError("it has ended") from None


def _limited() -> None:
    """In the child, before it becomes esbuild."""
    give_way()
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_S_MAX, PROCESSOR_S_MAX))


def _encoded(value: Any) -> bytes:
    match value:
        case bool():
            return b"\x01" + bytes([value])
        case str():
            return b"\x03" + _sized(value.encode("utf-8", "replace"))
        case bytes():
            return b"\x04" + _sized(value)
        case list():
            return b"\x05" + _NUMBER.pack(len(value)) + b"".join(map(_encoded, value))
        case dict():
            parts = (_sized(key.encode()) + _encoded(held) for key, held in value.items())
            return b"\x06" + _NUMBER.pack(len(value)) + b"".join(parts)
        case _:
            raise TypeError(f"{type(value).__name__} is no value of the protocol")


def _sized(data: bytes) -> bytes:
    return _NUMBER.pack(len(data)) + data


def _decoded(data: bytes, at: int, deep: int = 0) -> tuple[Any, int]:
    """The value at ``at``, and where the next one is."""
    kind, at = data[at], at + 1
    if kind == 0:
        return None, at
    if kind == 1:
        return data[at] != 0, at + 1
    (number,) = _NUMBER.unpack_from(data, at)
    at += _NUMBER.size
    if kind == 2:
        return number, at
    if kind in (3, 4):
        part = data[at : at + number]
        return (part.decode("utf-8", "replace") if kind == 3 else part), at + number
    if deep > _VALUES_DEEP_MAX or kind not in (5, 6):
        raise ValueError(f"{kind} is no kind of value")
    found: list[tuple[str, Any]] = []
    for _ in range(number):
        key = ""
        if kind == 6:
            size = _NUMBER.unpack_from(data, at)[0]
            key, at = data[at + 4 : at + 4 + size].decode("utf-8", "replace"), at + 4 + size
        held, at = _decoded(data, at, deep + 1)
        found.append((key, held))
    return (dict(found) if kind == 6 else [held for _, held in found]), at
