"""Retries while a database is away. For threads that outlive a connection.

Django gives each web request, and Celery each task, a fresh connection; our own threads would keep a broken one for
ever. So code that catches one of :data:`AWAY` on such a thread calls :func:`renew`.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

from django.db import Error, InterfaceError, InternalError, OperationalError, connection

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")
_LOG: Final = logging.getLogger(__name__)

# A server that is away, a broken connection, a lock, a full disk, a read-only server: all are temporary.
AWAY: Final = (OperationalError, InterfaceError, InternalError)
# How long a result is held for a database that is away. With a run's own time, this stays under the hour after which
# the broker redelivers a message.
KEPT_S: Final = 1800.0
# The same while this process is shutting down, which someone is waiting for.
KEPT_AT_THE_END_S: Final = 5.0
_PAUSES_S: Final = (0.1, 0.2, 0.5, 1.0)
_PAUSE_MAX_S: Final = 2.0


def renew() -> None:
    """Make this thread's next query use a new connection."""
    with suppress(Error):
        connection.close()


@dataclass(frozen=True, slots=True)
class Patience:
    """Retries a query until it succeeds, with pauses that grow to two seconds.

    :param stopping: set when this process is to end.
    :param clock: monotonic seconds.
    """

    stopping: threading.Event = field(default_factory=threading.Event)
    clock: Callable[[], float] = time.monotonic

    def ask(self, ask: Callable[[], _T], *, at_the_end_s: float = KEPT_AT_THE_END_S) -> _T:
        """The result of ``ask``, which must be safe to repeat.

        :param at_the_end_s: how long to keep retrying once this process is to end.
        :raises Error: the database's, after :data:`KEPT_S`, or that long after the end was requested.
        """
        pauses = itertools.chain(_PAUSES_S, itertools.repeat(_PAUSE_MAX_S))
        give_up_at, ending = self.clock() + KEPT_S, False
        while True:
            try:
                return ask()
            except AWAY as error:
                renew()
                if self.stopping.is_set() and not ending:
                    give_up_at, ending = min(give_up_at, self.clock() + at_the_end_s), True
                if self.clock() >= give_up_at:
                    raise
                pause_s = next(pauses)
                if pause_s == _PAUSES_S[0]:
                    _LOG.warning("The database does not answer (%s); it is asked until it does.", type(error).__name__)
            self._pause(pause_s)

    def _pause(self, pause_s: float) -> None:
        if self.stopping.is_set():
            time.sleep(min(pause_s, _PAUSES_S[1]))
        else:
            self.stopping.wait(pause_s)
