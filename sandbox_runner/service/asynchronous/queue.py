"""The queue of asynchronous requests: when each is retried, and when it is given up. Pure.

A failed attempt is repeated after one minute and then after two, as often as the function's configuration allows. A
throttled attempt does not count: it returns to the queue, and its delay doubles from one second up to five minutes.
Neither is queued again if its next attempt would be later than the maximum age.
Sources: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html and, for giving up ahead of
the maximum age, localstack/localstack, services/lambda_/invocation/event_manager.py (``has_enough_time_for_retry``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from sandbox_runner import limits

Condition: TypeAlias = Literal["RetriesExhausted", "EventAgeExceeded", "ZeroReservedConcurrency", "RecursiveLoop"]

_US = 1_000_000


@dataclass(frozen=True, slots=True)
class Queued:
    """One request in the queue. Times are service time.

    :ivar due_us: when attempt ``attempt`` may begin.
    :ivar throttles: how often this attempt was throttled.
    :ivar invokes: how often the function was invoked for it.
    """

    index: int
    request_id: str
    payload: str
    trace: str
    accepted_us: int
    due_us: int
    attempt: int = 1
    throttles: int = 0
    invokes: int = 0


class AsyncQueue:
    """Requests waiting for an attempt; one whose attempt is running is not in it."""

    def __init__(self, *, max_retry_attempts: int, max_event_age_s: int) -> None:
        self._retries_max = max_retry_attempts
        self._age_us_max = max_event_age_s * _US
        self._waiting: list[Queued] = []

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def next_due_us(self) -> int | None:
        """When the next attempt may begin."""
        return min((each.due_us for each in self._waiting), default=None)

    def accept(self, request: Queued) -> None:
        """Add a new request."""
        self._waiting.append(request)

    def take_due(self, now_us: int) -> list[Queued]:
        """Remove and return requests whose attempt is due, longest overdue first."""
        due = sorted((each for each in self._waiting if each.due_us <= now_us), key=lambda each: each.due_us)
        self._waiting = [each for each in self._waiting if each.due_us > now_us]
        return due

    def failed(self, request: Queued, now_us: int) -> Queued | Condition:
        """After a failed attempt: the request queued again, or the reason why not.

        :param request: as it was taken from the queue, with the attempt counted in ``invokes``.
        """
        if request.attempt > self._retries_max:
            return "RetriesExhausted"
        delay_s = limits.RETRY_DELAYS_S[request.attempt - 1]
        return self._back(replace(request, attempt=request.attempt + 1, throttles=0), now_us, delay_s)

    def throttled(self, request: Queued, now_us: int) -> Queued | Condition:
        """After an attempt that could not begin: the same."""
        delay_s = min(limits.THROTTLE_BACKOFF_S_MIN * 2**request.throttles, limits.THROTTLE_BACKOFF_S_MAX)
        return self._back(replace(request, throttles=request.throttles + 1), now_us, delay_s)

    def _back(self, request: Queued, now_us: int, delay_s: int) -> Queued | Condition:
        due_us = now_us + delay_s * _US
        if due_us - request.accepted_us > self._age_us_max:
            return "EventAgeExceeded"
        back = replace(request, due_us=due_us)
        self._waiting.append(back)
        return back
