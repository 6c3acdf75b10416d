"""Notes for which request a line of output was made, or a file written, when that is not the request under way.

A request's number travels with the work it starts: in a context variable through tasks and callbacks, over
``Thread.start`` into threads, over ``submit`` into the workers of an executor. What is written while another request
is under way is late. Nothing that is written is changed; whatever fails here is swallowed.
"""

from __future__ import annotations

import concurrent.futures.thread
import contextlib
import contextvars
import os
import threading
import weakref
from typing import Any

from . import python_effects

ENTRIES_MAX = 200
WRITTEN_MAX = 500
CHARACTERS_MAX = 1024


class Origins:
    """``take`` gives what was noted since it was last called: late lines, and all lines of this process."""

    def __init__(self) -> None:
        self._origin: contextvars.ContextVar[str | None] = contextvars.ContextVar("origin", default=None)
        self._under_way: str | None = ""
        self._process = os.getpid()
        self._carried: weakref.WeakKeyDictionary[Any, str | None] = weakref.WeakKeyDictionary()
        self._begun: dict[int, str] = {}
        self.late: list[list[str]] = []
        self.written: list[str] = []

    def install(self) -> None:
        """Follow threads and executors, and look at what is written."""
        # Found only once the path is the function's own.
        from awslambdaric import bootstrap  # type: ignore[import-not-found,import-untyped,unused-ignore] # noqa: PLC0415

        self.begin("")
        self._follow(threading.Thread, "start", "_bootstrap_inner")
        self._follow(concurrent.futures.thread._WorkItem, "__init__", "run")  # noqa: SLF001 - the one place they pass
        self._watch(bootstrap.Unbuffered, "write", lambda text: text)
        self._watch(bootstrap.Unbuffered, "writelines", _joined)
        self._watch(bootstrap.FramedTelemetryLogSink, "log", lambda text: f"{text}\n")
        python_effects.install(self.note_effect)

    def begin(self, request_id: str) -> None:
        """``request_id`` is under way from now on; empty is module code."""
        self._under_way = request_id
        self._origin.set(request_id)

    def end(self) -> None:
        """The answer is out: what is written until the next request begins is late, for a freeze lies between."""
        self._under_way = None

    def take(self) -> dict[str, Any]:
        """What there is to say, as parts of the probe's frame."""
        for begun in self._begun.values():
            self._add(self.written, begun[:CHARACTERS_MAX], WRITTEN_MAX)
        said = {"late": self.late, "written": self.written}
        self.late, self.written = [], []
        return said

    def note(self, text: str) -> None:
        """``text`` is being written by whoever calls this."""
        if os.getpid() != self._process:
            return
        thread = threading.get_ident()
        *lines, rest = (self._begun.pop(thread, "") + text).split("\n")
        if rest:
            self._begun[thread] = rest[:CHARACTERS_MAX]
        origin = self._origin.get()
        for line in filter(None, lines):
            self._add(self.written, line[:CHARACTERS_MAX], WRITTEN_MAX)
            if origin is not None and origin != self._under_way:
                self._add(self.late, [origin, _kind(), line[:CHARACTERS_MAX]], ENTRIES_MAX)

    def note_effect(self, text: str, what: str) -> None:
        """``text`` was done, ``what`` says to a file or to a peer, by whoever calls this."""
        origin = self._origin.get()
        if os.getpid() == self._process and origin is not None and origin != self._under_way:
            self._add(self.late, [origin, _kind(), text[:CHARACTERS_MAX], what], ENTRIES_MAX)

    @staticmethod
    def _add(entries: list[Any], entry: Any, entries_max: int) -> None:
        if len(entries) < entries_max:
            entries.append(entry)

    def _follow(self, owner: Any, begins: str, runs: str) -> None:
        """Carry the origin of whoever calls the method ``begins`` into the method ``runs`` of the same object."""
        begin, run = getattr(owner, begins), getattr(owner, runs)

        def carried_begin(item: Any, *args: Any, **kwargs: Any) -> Any:
            self._carried[item] = self._origin.get()
            return begin(item, *args, **kwargs)

        def carried_run(item: Any) -> Any:
            token = self._origin.set(self._carried.get(item))
            try:
                return run(item)
            finally:
                self._origin.reset(token)

        setattr(owner, begins, carried_begin)
        setattr(owner, runs, carried_run)

    def _watch(self, owner: Any, name: str, text_of: Any) -> None:
        write = getattr(owner, name)

        def watched(stream: Any, message: Any, *args: Any, **kwargs: Any) -> Any:
            with contextlib.suppress(Exception):
                self.note(text_of(message))
            return write(stream, message, *args, **kwargs)

        setattr(owner, name, watched)


def _joined(lines: Any) -> str:
    """The text of ``lines``; what can be read only once is left to the function."""
    return "".join(lines) if isinstance(lines, list | tuple) else ""


def _kind() -> str:
    thread = threading.current_thread()
    if isinstance(thread, threading.Timer):
        return "timer"
    return "promise" if thread is threading.main_thread() else "thread"
