"""Metrics for Prometheus: counted in each process, then added up in Redis for the whole installation.

There are several web processes and workers, they come and go, and only one address is scraped. So every process keeps
what it has counted since its last flush and adds it to one hash in Redis, whose counters only grow. A failed flush
loses nothing: its counts are added by the next one. Labels are names from our own code (a route, a backend, a verdict),
never a path, a payload or any other user input.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from redis.exceptions import RedisError

from playground.infrastructure import redis_client

if TYPE_CHECKING:
    from collections.abc import Iterable

_LOG: Final = logging.getLogger(__name__)
KEY: Final = "holdover:metrics"
FLUSH_S: Final = 2.0
_INFINITY: Final = "+Inf"


@dataclass(frozen=True, slots=True)
class Metric:
    """A counter, or a histogram if it has ``buckets`` (upper bounds, in the metric's unit)."""

    name: str
    says: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


_SHORT: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_LONG: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)

HTTP: Final = Metric("holdover_http_seconds", "Time to an answer's first byte.", ("route", "method", "status"), _SHORT)
QUEUE_WAIT: Final = Metric("holdover_queue_wait_seconds", "From a run's queueing to its claim.", (), _LONG)
RUN_TIME: Final = Metric("holdover_run_seconds", "From a run's claim to its end, proof included.", ("status",), _LONG)
RUNS: Final = Metric("holdover_runs", "Runs that ended.", ("status", "verdict"))
SUBMITTED: Final = Metric("holdover_submissions", "Runs that were submitted.")
THROTTLED: Final = Metric("holdover_throttled", "Submissions that were refused.", ("limit",))
SANDBOXES: Final = Metric("holdover_sandbox_start_seconds", "Starts of sandboxes.", ("backend", "started"), _SHORT)
RECOVERED: Final = Metric("holdover_runs_recovered", "Runs whose worker was lost.", ("became",))
RETURNED: Final = Metric("holdover_runs_returned", "Runs that went back into the queue.", ("why",))
PRUNED: Final = Metric("holdover_experiments_pruned", "Experiments that were removed because nobody came for long.")

METRICS: Final = (HTTP, QUEUE_WAIT, RUN_TIME, RUNS, SUBMITTED, THROTTLED, SANDBOXES, RECOVERED, RETURNED, PRUNED)


class Tally:
    """What this process has counted and not yet added to Redis. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._adding = threading.Lock()
        self._pending: Counter[str] = Counter()
        self._flushing: threading.Thread | None = None

    def count(self, metric: Metric, *labels: str, by: int = 1) -> None:
        """Increment a counter."""
        self._add({field(metric, labels, "total"): by})

    def observe(self, metric: Metric, value: float, *labels: str) -> None:
        """Record a value in a histogram."""
        at = bisect_left(metric.buckets, value)
        bucket = f"{metric.buckets[at]:g}" if at < len(metric.buckets) else _INFINITY
        self._add({field(metric, labels, bucket): 1, field(metric, labels, "sum"): max(value, 0.0)})

    def flush(self) -> None:
        """Add pending counts to Redis; everything counted before the call is there when it returns.

        :raises RedisError: it failed; the counts stay pending.
        """
        # One flush at a time: with nothing pending, another may still be in progress, and its counts would be missed.
        with self._adding:
            with self._lock:
                pending, self._pending = self._pending, Counter()
            if not pending:
                return
            try:
                with redis_client.redis().pipeline() as pipe:
                    for name, value in pending.items():
                        pipe.hincrbyfloat(KEY, name, value)
                    pipe.execute()
            except RedisError:
                with self._lock:
                    self._pending.update(pending)
                raise

    def _add(self, counted: dict[str, Any]) -> None:
        with self._lock:
            self._pending.update(counted)
            if self._flushing is None:
                self._flushing = threading.Thread(target=self._flush_for_ever, name="metrics", daemon=True)
                self._flushing.start()

    def _flush_for_ever(self) -> None:
        while True:
            time.sleep(FLUSH_S)
            try:
                self.flush()
            except RedisError as error:
                _LOG.debug("Metrics wait for the broker: %s", type(error).__name__)


TALLY: Final = Tally()


def field(metric: Metric, labels: Iterable[str], part: str) -> str:
    """The hash field of one number: the metric, its label values, and which number it is."""
    return json.dumps([metric.name, [*labels], part], separators=(",", ":"))


def counted() -> dict[str, float]:
    """The counts of all processes, including this one's latest, by :func:`field`.

    :raises RedisError: the broker does not answer.
    """
    TALLY.flush()
    stored: Any = redis_client.redis().hgetall(KEY)
    return {name.decode(): float(value) for name, value in stored.items()}
