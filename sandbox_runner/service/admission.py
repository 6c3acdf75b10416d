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
    from collections.abc import Iterable

    from sandbox_runner.scenario.model import Request

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


class Account:
    """The concurrency of an account, of which some is reserved by functions and the rest is everybody's.

    :param reserved: what each function reserves; ``None`` where one shares the rest.
    """

    def __init__(self, reserved: Iterable[int | None] = (), total: int = limits.ACCOUNT_CONCURRENCY) -> None:
        self.unreserved = total - sum(each or 0 for each in reserved)
        self.in_flight = 0


class Admission:
    """Counts invocations of one function in flight.

    :param reserved: the function's reserved concurrency; without one it shares what is unreserved of the account's.
    :param account: the account, by default one that holds no other function.
    """

    def __init__(self, reserved: int | None, account: Account | None = None) -> None:
        self._reserved = reserved
        self._account = account or Account()
        self.in_flight = 0

    def enter(self) -> Throttle | None:
        """Begin an invocation, which then has to :meth:`leave`; or the reason why it cannot begin."""
        if self._reserved is not None and self.in_flight >= self._reserved:
            return OVER_RESERVED
        if self._reserved is None and self._account.in_flight >= self._account.unreserved:
            return OVER_ACCOUNT
        self._count(1)
        return None

    def leave(self) -> None:
        """End one: its environment is free again."""
        self._count(-1)

    def _count(self, more: int) -> None:
        self.in_flight += more
        if self._reserved is None:
            self._account.in_flight += more
