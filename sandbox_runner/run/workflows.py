"""The executions of state machines in a run's account: their tasks are requests of the run, on the service's clock.

What a definition means is the account's own business, in its sandbox: see ``account/inside/workflows``. Here its tasks
are invoked, its waits are waited for, and what it tells is recorded.
Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sandbox_runner import limits
from sandbox_runner.account import lambda_api
from sandbox_runner.account.base import AwsAnswer, Origin
from sandbox_runner.account.workflow_news import CalledByState, Ended, Invoke, Moved, Started
from sandbox_runner.events.account_calls import only_reads
from sandbox_runner.events.records import Cause, RequestArrived, WorkflowEnded, WorkflowMoved, WorkflowStarted
from sandbox_runner.results.model import Outcome
from sandbox_runner.scenario.account.settings import CallStep
from sandbox_runner.service.admission import Throttle
from sandbox_runner.service.asynchronous.rounds import Rounds

if TYPE_CHECKING:
    from sandbox_runner.account.moments import RunAccount
    from sandbox_runner.account.workflow_news import WorkflowNews
    from sandbox_runner.clock import Clock
    from sandbox_runner.events.log import EventLog
    from sandbox_runner.scenario.model import Scenario
    from sandbox_runner.service.called import CalledRequests

_MS_US: Final = 1_000
_BY: Final = re.compile(r"(?P<what>request|step)-(?P<number>\d{1,6})/\d+")


@dataclass(slots=True)
class _Execution:
    """One execution: who started it, and how many records it may still have."""

    machine: str
    request: int = 0
    request_id: str | None = None
    step: int | None = None
    principal: str = ""
    left: int = field(default_factory=lambda: limits.WORKFLOW_RECORDS_MAX)
    left_out: int = 0


class Workflows(Rounds):
    """Moves them, beside the steps of a scenario."""

    def __init__(
        self, scenario: Scenario, log: EventLog, account: RunAccount, called: CalledRequests, clock: Clock
    ) -> None:
        super().__init__(log)
        self._scenario = scenario
        self._account = account
        self._called = called
        self._clock = clock
        self._executions: dict[str, _Execution] = {}
        self._done: list[dict[str, Any]] = []
        self._due_us: int | None = None

    @property
    def next_due_us(self) -> int | None:
        """The service time at which one of them goes on by itself."""
        return None if self._is_over or self._is_busy else self._due_us

    # --- moving ---------------------------------------------------------------------------------------------------

    async def _round(self) -> None:
        done, self._done = self._done, []
        news = await self._account.move_workflows(self._now_ms(), done)
        self._take(news)

    def _take(self, news: WorkflowNews) -> None:
        for told in news.told:
            if isinstance(told, Started):
                self._started(told)
            elif told.execution not in self._executions:
                continue
            elif isinstance(told, Moved):
                self._moved(told)
            elif isinstance(told, Ended):
                self._ended(told, news.refused)
            elif isinstance(told, Invoke):
                self._running.add(asyncio.ensure_future(self._invoke(told)))
            else:
                self._note_call(told)
        self._is_woken = self._is_woken or news.more
        self._due_us = None
        if news.due_ms is not None:
            self._due_us = self._log.service_us() + max(0, news.due_ms - self._now_ms()) * _MS_US

    def _now_ms(self) -> int:
        """The service's time since 1970."""
        return self._clock.epoch_ms() + (self._log.service_us() - self._log.now_us()) // _MS_US

    # --- what is told ---------------------------------------------------------------------------------------------

    def _started(self, told: Started) -> None:
        if told.execution in self._executions or len(self._executions) >= limits.WORKFLOW_EXECUTIONS_MAX:
            return
        one = self._executions[told.execution] = self._starter(told)
        record = WorkflowStarted(
            execution=told.execution,
            machine=told.machine,
            name=told.name,
            request=one.request,
            step=one.step,
            input=told.input,
            graph=told.graph,
        )
        self._log.append(record, request_id=one.request_id)

    def _starter(self, told: Started) -> _Execution:
        """Who made the call that started it."""
        one, by = _Execution(told.machine), _BY.fullmatch(told.cause)
        if by is not None and by["what"] == "step":
            step = int(by["number"])
            steps = self._scenario.steps
            if step < len(steps) and isinstance(found := steps[step], CallStep):
                one.step, one.principal = step, found.call.principal or ""
        elif by is not None:
            for event in self._log.events:
                record = event.record
                if isinstance(record, RequestArrived) and record.index == int(by["number"]):
                    one.request, one.request_id, one.principal = record.index, event.request_id, record.principal
        return one

    def _moved(self, told: Moved) -> None:
        one = self._executions[told.execution]
        if one.left <= 0:
            one.left_out += 1
            return
        one.left -= 1
        record = WorkflowMoved(
            execution=told.execution,
            what=told.what,
            state=told.state,
            place=told.place,
            text=told.input or told.output,
            error=told.error,
            cause=told.cause,
            wait_s=told.wait_ms / _MS_US,
        )
        self._log.append(record, request_id=one.request_id)

    def _ended(self, told: Ended, refused: int) -> None:
        one = self._executions[told.execution]
        record = WorkflowEnded(
            execution=told.execution,
            status=told.status,
            output=told.output,
            error=told.error,
            cause=told.cause,
            left_out=one.left_out,
            refused=refused,
        )
        self._log.append(record, request_id=one.request_id)

    def _note_call(self, told: CalledByState) -> None:
        one = self._executions[told.execution]
        operation = told.operation[:1].upper() + told.operation[1:]
        answer = AwsAnswer(told.status, (), told.answer.encode())
        self._account.note_call_of_workflow(
            one.request_id, one.step, one.principal, (told.service, operation, told.parameters), answer
        )
        origin = Origin(one.request, one.request_id or "", one.principal)
        self._account.push(tuple(each.given() for each in told.pushed), origin)
        if not only_reads(operation):
            self._account.tell()

    # --- tasks ----------------------------------------------------------------------------------------------------

    async def _invoke(self, told: Invoke) -> None:
        came = await self._invoked(told)
        self._done.append({"execution": told.execution, "task": told.task, "is_direct": told.is_direct, **came})
        self.wake()

    async def _invoked(self, told: Invoke) -> dict[str, Any]:
        one = self._executions[told.execution]
        function = lambda_api.function_named(told.function, "", self._scenario.functions)
        if isinstance(function, AwsAnswer):
            return {"missing": function.body.decode()}
        if self._called.left <= 0:
            most = limits.CALLED_REQUESTS_MAX
            return {"refused": f"Holdover plays {most} such invocations in a run, and this is one more"}
        cause = Cause(
            kind="workflow", name=one.machine, request=one.request, state=told.state, execution=told.execution
        )
        if told.is_event:
            self._called.accept(function, told.payload.encode(), cause)
            return {"body": "", "is_event": True}
        served = await self._called.serve_batch(function, told.payload.encode(), cause, principal=one.principal)
        if isinstance(served.came, Throttle):
            return {"throttled": served.came.body}
        return {
            "body": served.came.body.decode("utf-8", "replace"),
            "failed": served.came.outcome is not Outcome.SUCCESS,
        }


def workflows_of(
    scenario: Scenario, log: EventLog, account: RunAccount, called: CalledRequests, clock: Clock
) -> Workflows:
    """Those of a run, which look at their account when a call may have changed them."""
    workflows = Workflows(scenario, log, account, called, clock)
    account.when_workflows_change = workflows.wake
    return workflows
