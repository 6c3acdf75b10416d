"""Questions to other servers that may hang, while whoever asks us is answered in time."""

from __future__ import annotations

import threading
from concurrent.futures import Future, wait
from typing import TYPE_CHECKING, Final

from django.db import DatabaseError, connection
from redis.exceptions import RedisError

if TYPE_CHECKING:
    from collections.abc import Callable

OK: Final = "ok"


class Probe:
    """One question, asked on a thread of its own.

    While it hangs it is not asked again: a server that is away holds one thread, however often we are asked, and does
    not hold up the end of this process.

    :param ask: returns :data:`OK`, or a sentence about what is missing; may raise the database's or broker's errors.
    """

    def __init__(self, ask: Callable[[], str]) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._asking: Future[str] | None = None

    def begin(self) -> Future[str]:
        """Ask, or join whoever is asking already."""
        with self._lock:
            if self._asking is None or self._asking.done():
                self._asking = Future()
                threading.Thread(target=self._answer, args=(self._asking,), name="probe", daemon=True).start()
            return self._asking

    def _answer(self, asking: Future[str]) -> None:
        try:
            asking.set_result(self._ask())
        except (DatabaseError, RedisError) as error:
            asking.set_result(f"does not answer ({type(error).__name__})")
        except BaseException as error:  # noqa: BLE001 - raised where it is waited for
            asking.set_exception(error)
        finally:
            connection.close()


def answers(probes: dict[str, Probe], limit_s: float) -> dict[str, str]:
    """What each probe says: all are asked at once, and waited for no longer than ``limit_s``."""
    asking = {name: probe.begin() for name, probe in probes.items()}
    wait(asking.values(), limit_s)
    late = f"does not answer within {limit_s:g} s"
    return {name: future.result() if future.done() else late for name, future in asking.items()}
