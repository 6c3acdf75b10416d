"""Calls to other servers that may hang, with bounded waiting."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, wait
from typing import TYPE_CHECKING, Final, NamedTuple

from django.db import DatabaseError, connection
from redis.exceptions import RedisError

if TYPE_CHECKING:
    from collections.abc import Callable

OK: Final = "ok"


class ProbeResult(NamedTuple):
    """An answer: :data:`OK` or what is missing, in a sentence; and its age, None if there is none."""

    words: str
    age_s: float | None = 0.0

    @property
    def is_well(self) -> bool:
        """Whether nothing is missing."""
        return self.words == OK


class Probe:
    """One check, run on its own thread.

    While it hangs it is not started again: a server that is away holds one thread, however often we are asked, and does
    not delay the end of this process.

    :param ask: may raise the database's or broker's errors, or the operating system's.
    """

    def __init__(self, ask: Callable[[], ProbeResult]) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._asking: Future[ProbeResult] | None = None
        self._answered_at: float | None = None

    def begin(self) -> Future[ProbeResult]:
        """Start the check, or join the one in progress."""
        with self._lock:
            if self._asking is None or self._asking.done():
                self._asking = Future()
                threading.Thread(target=self._answer, args=(self._asking,), name="probe", daemon=True).start()
            return self._asking

    def late(self, limit_s: float) -> ProbeResult:
        """The answer if none came in time; as old as the last one that did."""
        age_s = None if self._answered_at is None else time.monotonic() - self._answered_at
        return ProbeResult(f"does not answer within {limit_s:g} s", age_s)

    def _answer(self, asking: Future[ProbeResult]) -> None:
        try:
            said = self._ask()
        except (DatabaseError, RedisError, OSError) as error:
            said = ProbeResult(f"does not answer ({type(error).__name__})")
        except BaseException as error:  # noqa: BLE001 - raised where it is waited for
            asking.set_exception(error)
            return
        finally:
            connection.close()
        self._answered_at = time.monotonic()
        asking.set_result(said)


def answers(probes: dict[str, Probe], limit_s: float) -> dict[str, ProbeResult]:
    """The answer of each probe: all start at once, and are waited for at most ``limit_s``."""
    asking = {name: probe.begin() for name, probe in probes.items()}
    wait(asking.values(), limit_s)
    return {name: future.result() if future.done() else probes[name].late(limit_s) for name, future in asking.items()}
