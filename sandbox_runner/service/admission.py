"""Decides whether a request is accepted, runs now or is throttled. Pure except for its count of running invocations.

Concurrency counts invocations in flight. Reserved concurrency is such a count and nothing more: there may be more
environments, pre-initialised or left from before.
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

    from sandbox_runner.scenario.request import Request

STATUS_CODE: Final = 429


@dataclass(frozen=True, slots=True)
class Throttle:
    """Why the service throttles. ``body`` is what the caller gets with status 429."""

    reason: str

    @property
    def body(self) -> str:
        """The JSON answer, with keys in the service's order."""
        return json.dumps({"Reason": self.reason, "Type": "User", "message": "Rate Exceeded."}, separators=(",", ":"))


OVER_RESERVED: Final = Throttle("ReservedFunctionConcurrentInvocationLimitExceeded")
OVER_ACCOUNT: Final = Throttle("ConcurrentInvocationLimitExceeded")


TOO_LARGE_STATUS_CODE: Final = 413
TOO_LARGE: Final = "RequestTooLargeException"


def refused_for_size(request: Request) -> str | None:
    """The body of status 413 if the payload is larger than its type allows; else ``None``.

    The function never sees such a request. The text is as reported by callers.
    """
    if not request.is_too_large:
        return None
    kind = "Event" if request.type == "event" else "RequestResponse"
    size, most = request.payload_bytes, request.bytes_max
    said = f"{size} byte payload is too large for the {kind} invocation type (limit {most} bytes)"
    return json.dumps({"Message": said}, separators=(",", ":"))


class Account:
    """An account's concurrency: part of it reserved by functions, the rest shared.

    :param reserved: what each function reserves; ``None`` if it shares the rest.
    """

    def __init__(self, reserved: Iterable[int | None] = (), total: int = limits.ACCOUNT_CONCURRENCY) -> None:
        self.unreserved = total - sum(each or 0 for each in reserved)
        self.in_flight = 0


class Admission:
    """Counts one function's invocations in flight.

    :param reserved: the function's reserved concurrency; without it, the function shares the account's unreserved part.
    :param account: the account, by default one with no other function.
    """

    def __init__(self, reserved: int | None, account: Account | None = None) -> None:
        self._reserved = reserved
        self._account = account or Account()
        self.in_flight = 0

    @property
    def reserved(self) -> int | None:
        """The function's reserved concurrency."""
        return self._reserved

    def reserve(self, concurrency: int | None) -> None:
        """Reserve that much from now on; what is in flight goes on, and counts where it would if it began now."""
        in_flight, self.in_flight = self.in_flight, 0
        self._account.in_flight -= in_flight if self._reserved is None else 0
        self._account.unreserved += (self._reserved or 0) - (concurrency or 0)
        self._reserved = concurrency
        self._count(in_flight)

    def enter(self) -> Throttle | None:
        """Begin an invocation, which must later :meth:`leave`; or return the reason why it cannot begin."""
        if self._reserved is not None and self.in_flight >= self._reserved:
            return OVER_RESERVED
        if self._reserved is None and self._account.in_flight >= self._account.unreserved:
            return OVER_ACCOUNT
        self._count(1)
        return None

    def leave(self) -> None:
        """End an invocation; its environment is free again."""
        self._count(-1)

    def _count(self, more: int) -> None:
        self.in_flight += more
        if self._reserved is None:
            self._account.in_flight += more
