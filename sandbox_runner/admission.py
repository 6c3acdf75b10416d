"""Whether a request is taken, may run now, or is throttled. Pure but for its count of what is under way.

Concurrency counts invocations in flight. Reserved concurrency is such a count and nothing more: environments may exist
beyond it, because some were prepared, or are left from before.
Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html and, for the reasons,
https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html (``TooManyRequestsException``,
``RequestTooLargeException``).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sandbox_runner import limits

if TYPE_CHECKING:
    from sandbox_runner.scenario import Request

STATUS_CODE: Final = 429


@dataclass(frozen=True, slots=True)
class Throttle:
    """Why the service refuses. ``body`` is what the caller gets with status 429."""

    reason: str

    @property
    def body(self) -> str:
        """The JSON of the answer, keys in the service's order."""
        return json.dumps({"Reason": self.reason, "Type": "User", "message": "Rate Exceeded."}, separators=(",", ":"))


OVER_RESERVED: Final = Throttle("ReservedFunctionConcurrentInvocationLimitExceeded")
OVER_ACCOUNT: Final = Throttle("ConcurrentInvocationLimitExceeded")


TOO_LARGE_STATUS_CODE: Final = 413
TOO_LARGE: Final = "RequestTooLargeException"


def refused_for_size(request: Request) -> str | None:
    """What the caller gets with status 413 where the payload is larger than its type may be; ``None`` where it is not.

    Nothing of the function hears of such a request. The text is as callers quote it.
    """
    if not request.is_too_large:
        return None
    kind = "Event" if request.type == "event" else "RequestResponse"
    size, most = request.payload_bytes, request.bytes_max
    said = f"{size} byte payload is too large for the {kind} invocation type (limit {most} bytes)"
    return json.dumps({"Message": said}, separators=(",", ":"))


class Admission:
    """Counts invocations in flight.

    :param reserved: the function's reserved concurrency; without one it shares the account's.
    :param account: the account's concurrency; no other function of it runs here.
    """

    def __init__(self, reserved: int | None, account: int = limits.ACCOUNT_CONCURRENCY) -> None:
        self._limit = account if reserved is None else reserved
        self._throttle = OVER_ACCOUNT if reserved is None else OVER_RESERVED
        self.in_flight = 0

    def enter(self) -> Throttle | None:
        """Begin an invocation, which then has to :meth:`leave`; or the reason why it cannot begin."""
        if self.in_flight >= self._limit:
            return self._throttle
        self.in_flight += 1
        return None

    def leave(self) -> None:
        """End one: its environment is free again."""
        self.in_flight -= 1
