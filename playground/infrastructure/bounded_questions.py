"""Limits how long a page waits for the database, even if the server hangs or a file is locked.

A web process calls :func:`bound_questions`; a query without an answer in time raises
:class:`django.db.OperationalError`, as if the database were away. Workers, migrations and the command line wait as long
as it takes.
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

# For locks held by others.
LOCK_S: Final = 3.0
# For one query. A stalled server cannot enforce its own timeout, so the connection is cut on this side.
QUESTION_S: Final = 4.0


def bound_questions(lock_s: float = LOCK_S, question_s: float = QUESTION_S) -> Callable[..., None]:
    """Limit every query on connections this process opens from now on; returns the signal's receiver."""
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
    """Wraps every query, and cuts the connection of one that exceeds the limit, from its own thread."""

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
            # New queries do not delay it: they are due later than the ones already waiting.
            time.sleep(max(0.01, min(due - now, 0.5)))


def _cut(connection: Any) -> None:
    """Cut the connection; its reader immediately learns that there will be no answer."""
    with contextlib.suppress(Exception), socket.socket(fileno=os.dup(connection.pgconn.socket)) as ours:
        ours.shutdown(socket.SHUT_RDWR)
