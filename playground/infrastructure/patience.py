"""Waiting for a database that is away. For threads that live longer than a connection may.

Django gives each web request, and Celery each task, a fresh connection; a thread of our own would keep a broken one for
ever. So whoever catches one of :data:`AWAY` on such a thread calls :func:`renew`.
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

# A server that is away, a connection that broke, a lock, a full disk, a server that takes no writes: all of it passes.
AWAY: Final = (OperationalError, InterfaceError, InternalError)
# How long what is in hand is kept for a database that is away. With a run's own time this stays under the hour after
# which the broker gives a message to somebody else.
KEPT_S: Final = 1800.0
# The same once this process is to end, which somebody waits for.
KEPT_AT_THE_END_S: Final = 5.0
_PAUSES_S: Final = (0.1, 0.2, 0.5, 1.0)
_PAUSE_MAX_S: Final = 2.0


def renew() -> None:
    """Let this thread's next question to the database use a new connection."""
    with suppress(Error):
        connection.close()


@dataclass(frozen=True, slots=True)
class Patience:
    """Asks a database until it answers, with pauses that grow up to two seconds.

    :param stopping: set when this process is to end.
    :param clock: seconds that never go back.
    """

    stopping: threading.Event = field(default_factory=threading.Event)
    clock: Callable[[], float] = time.monotonic

    def ask(self, ask: Callable[[], _T], *, at_the_end_s: float = KEPT_AT_THE_END_S) -> _T:
        """What ``ask`` returns; it has to be a question that may be asked twice.

        :param at_the_end_s: for how long it is still asked once this process is to end.
        :raises Error: the database's, after :data:`KEPT_S`, or that long after this process was to end.
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
