"""What a replay's function gets that calls another: the other is played, and its caller hears what it heard in the run.

A replay says what comes by way of one environment. Whatever another function held over is that one's, and what a call
of it was answered in the run is part of what the caller met there. So a call that was made in the run is answered as it
was then, and one that was not, by what the other function says in a fresh environment. Either way it is played, with
the account that the caller has, for what it leaves there. An asynchronous one is accepted and no more: its caller
learns nothing of it, and it is replayed as a request of its own.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sandbox_runner import limits
from sandbox_runner.account import lambda_api
from sandbox_runner.account.base import AwsAnswer
from sandbox_runner.account.lambda_api import Invoked
from sandbox_runner.events.records import RequestAnswered, RequestArrived, RequestThrottled
from sandbox_runner.proof.replays import ReplayRequest
from sandbox_runner.results.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from sandbox_runner.account.base import AwsRequest
    from sandbox_runner.account.lambda_api import Invocation
    from sandbox_runner.account.moments import ReplayAccount
    from sandbox_runner.environment.guest_link import Serving
    from sandbox_runner.events.records import Event
    from sandbox_runner.proof.replays import ReplayAnswer
    from sandbox_runner.scenario.model import Scenario

_Asked = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class _Recorded:
    """A call in the run, by the index of the request that it became, whom it reached, and what its caller heard."""

    index: int
    function: str
    came: Invoked


@dataclass(frozen=True, slots=True)
class Beside:
    """What a function meets that a replay's function calls: its caller's account. ``depth`` calls led to it."""

    account: ReplayAccount
    depth: int


class RecordedCalls:
    """The calls of a run that were answered, by who made them and what they asked."""

    def __init__(self, scenario: Scenario, events: Iterable[Event]) -> None:
        self.functions = tuple(scenario.functions)
        arrived: dict[int, tuple[_Asked, str, str]] = {}
        self._calls: dict[_Asked, list[_Recorded]] = {}
        for event in events:
            record = event.record
            if isinstance(record, RequestArrived):
                if record.called_by is not None and record.invocation_type == "sync":
                    name = scenario.name_of(record.function)
                    key = record.called_by, scenario.functions[name].deployed_name, record.payload
                    arrived[record.index] = key, name, event.request_id or ""
            elif isinstance(record, RequestAnswered | RequestThrottled) and record.index in arrived:
                asked, name, request_id = arrived.pop(record.index)
                if isinstance(record, RequestAnswered) and record.response_cut:
                    continue
                self._calls.setdefault(asked, []).append(_Recorded(record.index, name, _heard(record, request_id)))

    def nth(self, asked: _Asked, number: int) -> _Recorded | None:
        """The call that asked that for the nth time, from 0."""
        calls = self._calls.get(asked, [])
        return calls[number] if number < len(calls) else None


class ReplayedCalls:
    """Lambda's API in one replay.

    :param play: plays a request to a function in a fresh environment.
    :param depth: how many calls led to it.
    """

    def __init__(
        self,
        recorded: RecordedCalls,
        account: ReplayAccount,
        play: Callable[[str, ReplayRequest, Beside], Awaitable[ReplayAnswer]],
        depth: int = 0,
    ) -> None:
        self._recorded = recorded
        self._account = account
        self._play = play
        self._depth = depth
        self._asked: Counter[_Asked] = Counter()

    async def answer(self, request: AwsRequest, serving: Serving | None) -> AwsAnswer:
        """See :meth:`sandbox_runner.run.function_calls.FunctionCalls.answer`."""
        asked = lambda_api.invocation_of(request, self._recorded.functions)
        if isinstance(asked, AwsAnswer):
            return asked
        if asked.type != "RequestResponse":
            return lambda_api.answer_of(Invoked(204 if asked.type == "DryRun" else 202))
        if self._depth >= limits.RECURSION_MAX:
            return lambda_api.loop_stopped(asked.function)
        return lambda_api.answer_of(await self._played(asked, serving.index if serving else 0))

    async def _played(self, asked: Invocation, called_by: int) -> Invoked:
        payload = asked.payload.decode("utf-8", "replace")
        key = called_by, asked.function, payload
        recorded = self._recorded.nth(key, self._asked[key])
        self._asked[key] += 1
        if recorded is not None and recorded.came.error_type:
            return recorded.came
        request = ReplayRequest(recorded.index if recorded else 0, payload)
        reached = recorded.function if recorded else asked.function
        answer = await self._play(reached, request, Beside(self._account, self._depth + 1))
        log = "".join(f"{line}\n" for line in answer.log) if asked.wants_log else None
        if recorded is not None:
            return replace(recorded.came, log=log)
        failed = "" if answer.outcome is Outcome.SUCCESS else "Unhandled"
        return Invoked(200, answer.request_id, answer.response.encode(), failed, log)


def _heard(record: RequestAnswered | RequestThrottled, request_id: str) -> Invoked:
    if isinstance(record, RequestThrottled):
        return Invoked(429, request_id, record.body.encode(), error_type=lambda_api.THROTTLED)
    return Invoked(200, request_id, record.response.encode(), record.function_error)
