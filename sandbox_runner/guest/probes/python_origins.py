"""Attributes output and file writes to the request that started them, if that is not the current one.

A request's number travels with the work it starts: in a context variable through tasks and callbacks, over
``Thread.start`` into threads, over ``submit`` into an executor's workers. Whatever is written during another request is
late. Output is never changed; every failure here is swallowed.
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
    """``take`` returns what was recorded since its last call: late lines, and all lines of this process."""

    def __init__(self) -> None:
        self._origin: contextvars.ContextVar[str | None] = contextvars.ContextVar("origin", default=None)
        self._under_way: str | None = ""
        self._process = os.getpid()
        self._carried: weakref.WeakKeyDictionary[Any, str | None] = weakref.WeakKeyDictionary()
        self._begun: dict[int, str] = {}
        self.late: list[list[str]] = []
        self.written: list[str] = []

    def install(self) -> None:
        """Follow threads and executors, and observe writes."""
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
        """``request_id`` is current from now on; empty is module code."""
        self._under_way = request_id
        self._origin.set(request_id)

    def end(self) -> None:
        """The answer was posted: writes until the next request are late, because a freeze lies between."""
        self._under_way = None

    def take(self) -> dict[str, Any]:
        """The recorded parts of the probe's frame."""
        for begun in self._begun.values():
            self._add(self.written, begun[:CHARACTERS_MAX], WRITTEN_MAX)
        said = {"late": self.late, "written": self.written}
        self.late, self.written = [], []
        return said

    def note(self, text: str) -> None:
        """The caller is writing ``text``."""
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
        """The caller did ``text``, to a file or a peer according to ``what``."""
        origin = self._origin.get()
        if os.getpid() == self._process and origin is not None and origin != self._under_way:
            self._add(self.late, [origin, _kind(), text[:CHARACTERS_MAX], what], ENTRIES_MAX)

    @staticmethod
    def _add(entries: list[Any], entry: Any, entries_max: int) -> None:
        if len(entries) < entries_max:
            entries.append(entry)

    def _follow(self, owner: Any, begins: str, runs: str) -> None:
        """Carry the origin from the caller of the method ``begins`` into the method ``runs`` of the same object."""
        begin, run = getattr(owner, begins), getattr(owner, runs)

        def carried_begin(item: Any, *args: Any, **kwargs: Any) -> Any:
            self._carried[item] = self._origin.get()
            return begin(item, *args, **kwargs)

        # Later releases hand a work item what its thread has prepared.
        def carried_run(item: Any, *args: Any) -> Any:
            token = self._origin.set(self._carried.get(item))
            try:
                return run(item, *args)
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
