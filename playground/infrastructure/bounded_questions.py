"""How long a page waits for the database: whoever asks is answered, also where a server hangs or a file is locked.

A web process bounds its questions with :func:`bound_questions`; what is not answered in time is a
:class:`django.db.OperationalError`, as where the database is away. A worker, a migration and a command line wait as
long as it takes.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
import threading
import time
from typing import TYPE_CHECKING, Any, Final

from django.db.backends.signals import connection_created

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.backends.base.base import BaseDatabaseWrapper

# For what somebody else holds locked.
LOCK_S: Final = 3.0
# For one question. A server that stands still cannot keep a time of its own, so the connection is cut on this side.
QUESTION_S: Final = 4.0


def bound_questions(lock_s: float = LOCK_S, question_s: float = QUESTION_S) -> Callable[..., None]:
    """Bound every question of this process on connections that are made from now on; returns the signal's receiver."""
    cutter = _Cutter(question_s)

    def bound(connection: BaseDatabaseWrapper, **_: object) -> None:
        milliseconds = int(lock_s * 1000)
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute(f"PRAGMA busy_timeout = {milliseconds}")
                return
            cursor.execute(f"SET lock_timeout = {milliseconds}")
        if cutter not in connection.execute_wrappers:
            connection.execute_wrappers.append(cutter)

    connection_created.connect(bound, weak=False)
    return bound


class _Cutter:
    """Wraps every question, and cuts the connection of one that is not answered in time, from a thread of its own."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._asked: dict[int, tuple[float, Any]] = {}
        self._numbers = itertools.count()
        self._some = threading.Condition()
        self._thread: threading.Thread | None = None

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
        number = next(self._numbers)
        with self._some:
            self._asked[number] = (time.monotonic() + self._limit_s, context["connection"].connection)
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="bounded-questions", daemon=True)
                self._thread.start()
            self._some.notify()
        try:
            return execute(sql, params, many, context)
        finally:
            with self._some:
                self._asked.pop(number, None)

    def _watch(self) -> None:
        while True:
            with self._some:
                self._some.wait_for(lambda: self._asked)
                now = time.monotonic()
                due = min(until for until, _ in self._asked.values())
                for number in [number for number, (until, _) in self._asked.items() if until <= now]:
                    _cut(self._asked.pop(number)[1])
            # Not held up by a question that comes meanwhile: it is due later than those that were there.
            time.sleep(max(0.01, min(due - now, 0.5)))


def _cut(connection: Any) -> None:
    """Whoever waits for an answer on it is told at once that there will be none."""
    with contextlib.suppress(Exception), socket.socket(fileno=os.dup(connection.pgconn.socket)) as ours:
        ours.shutdown(socket.SHUT_RDWR)
