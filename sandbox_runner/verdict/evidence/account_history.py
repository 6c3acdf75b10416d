"""What the run's requests called of AWS's services, and which of them met the same account. Pure."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox_runner.events.account_calls import only_reads
from sandbox_runner.events.records import AccountCalled, RequestAssigned

if TYPE_CHECKING:
    from sandbox_runner.events.records import Event


@dataclass(frozen=True, slots=True)
class Called:
    """A call to an AWS service that a request made, and when it began."""

    at_us: int
    call: AccountCalled


@dataclass(slots=True)
class AccountHistory:
    """The calls of a run, and when its requests began; of a request that was tried again, the last attempt."""

    _called: list[tuple[Called, str | None]] = field(default_factory=list)
    _began: dict[int, int] = field(default_factory=dict)
    _ids: dict[str, int] = field(default_factory=dict)

    def read(self, event: Event) -> None:
        """Take up an event of the run."""
        match event.record:
            case AccountCalled() as call:
                self._called.append((Called(event.at_us, call), event.request_id))
            case RequestAssigned() as assigned:
                self._began[assigned.index] = event.at_us
                self._ids[event.request_id or ""] = assigned.index
            case _:
                pass

    def calls(self) -> dict[int, tuple[Called, ...]]:
        """Those of each request, in the order in which they began."""
        found: dict[int, list[Called]] = {}
        for called, request_id in self._called:
            if request_id and request_id in self._ids:
                found.setdefault(self._ids[request_id], []).append(called)
        return {index: tuple(sorted(calls, key=lambda each: each.at_us)) for index, calls in found.items()}

    def moments(self) -> dict[int, int]:
        """A number for each request: equal where nothing that may have changed the account lies between them.

        Where such a call was under way, or calls are missing from the record, it is the request's own.
        """
        changing = [each for each, _ in self._called if not only_reads(each.call.operation)]
        begun = sorted(each.at_us for each in changing)
        ended = sorted(each.at_us + each.call.took_us for each in changing)
        is_whole = not any(each.call.left_out for each, _ in self._called)
        found = {}
        for index, at_us in self._began.items():
            before = bisect_left(begun, at_us)
            settled = is_whole and before == bisect_left(ended, at_us)
            found[index] = before if settled else -index
        return found
