"""Calls to the account as records of the event log."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal, TypeAlias

from sandbox_runner.account import operations
from sandbox_runner.account.operations import Asked
from sandbox_runner.aws_place import REGION
from sandbox_runner.environment.identity import blanked
from sandbox_runner.events.records import AccountCalled
from sandbox_runner.limits import ACCOUNT_RECORDS_MAX
from sandbox_runner.untrusted_text import well_formed

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox_runner.account.base import AwsAnswer, AwsRequest, Operation
    from sandbox_runner.clock import Clock
    from sandbox_runner.environment.guest_link import Serving
    from sandbox_runner.events.log import EventLog

ByLambda: TypeAlias = Literal["on-success", "on-failure", "dead-letter", "event-source", "sns", "s3", "eventbridge"]
"""Why Lambda itself calls: to send what became of an asynchronous request, or for a batch of a queue's messages; or
which service calls Lambda to send it an event.
"""


class CallRecord:
    """Records calls, up to a number; the last of those over it is recorded at the end, with the count."""

    def __init__(self, log: EventLog, clock: Clock) -> None:
        self._log = log
        self._clock = clock
        self._left = ACCOUNT_RECORDS_MAX
        self._left_out = 0
        self._last: Callable[[int], None] | None = None

    def begin(
        self, asked: Asked, request: AwsRequest, environment: str, serving: Serving | None
    ) -> Callable[[AwsAnswer], None]:
        """A call begins; what is returned records it with its answer."""
        begun_us = self._clock.monotonic_us()
        request_id = serving.request_id if serving else None

        def note(answer: AwsAnswer) -> None:
            record = self._called(asked, request.too_large or len(request.body), answer, begun_us)
            told = {"attempt": operations.attempt_of(request), "region": operations.elsewhere(request)}
            record = record.model_copy(update=told)
            self._append(record, environment, request_id, begun_us)

        return note

    def from_outside(self, step: int, principal: str, operation: Operation) -> Callable[[AwsAnswer], None]:
        """A step's call begins; what is returned records it with its answer."""
        return self._of_no_environment(operation, None, step=step, principal=well_formed(principal))

    def from_lambda(self, why: ByLambda, request_id: str, operation: Operation) -> Callable[[AwsAnswer], None]:
        """Lambda itself calls for a request; what is returned records that with the answer."""
        return self._of_no_environment(operation, request_id, by_lambda=why)

    def from_workflow(
        self, request_id: str | None, step: int | None, principal: str, told: tuple[str, str, str], answer: AwsAnswer
    ) -> None:
        """A Task state called a service; ``told`` is the service, the operation and the parameters as text.

        :param request_id: the request that started the execution, if one did; else step ``step`` may have.
        """
        asked = Asked(*(well_formed(each) for each in told))
        begun_us = self._clock.monotonic_us()
        record = self._called(asked, len(asked.parameters), answer, begun_us)
        fields = {
            "by_lambda": "workflow",
            "step": step,
            "principal": well_formed(principal) if step is not None else "",
        }
        self._append(record.model_copy(update=fields), None, request_id, begun_us)

    def _of_no_environment(
        self, operation: Operation, request_id: str | None, **fields: str | int
    ) -> Callable[[AwsAnswer], None]:
        begun_us = self._clock.monotonic_us()
        parameters = json.dumps(operation.parameters, ensure_ascii=False).encode("utf-8", "replace")
        asked = Asked(operation.service, operation.name, operations.shown(parameters))

        def note(answer: AwsAnswer) -> None:
            record = self._called(asked, len(parameters), answer, begun_us)
            region = "" if operation.region == REGION else operation.region
            self._append(record.model_copy(update={**fields, "region": region}), None, request_id, begun_us)

        return note

    def settle(self) -> None:
        """At the end, record the last call that was left out."""
        if self._last is not None:
            self._last(self._left_out - 1)
            self._last, self._left_out = None, 0

    def _called(self, asked: Asked, size: int, answer: AwsAnswer, begun_us: int) -> AccountCalled:
        return AccountCalled(
            service=asked.service,
            operation=asked.operation,
            parameters=blanked(asked.parameters),
            answer=blanked(operations.shown(answer.body)),
            status_code=answer.status,
            error=operations.error_of(answer),
            request_bytes=size,
            answer_bytes=len(answer.body),
            took_us=self._clock.monotonic_us() - begun_us,
            is_ours=answer.is_ours,
        )

    def _append(self, record: AccountCalled, environment: str | None, request_id: str | None, begun_us: int) -> None:
        def append(left_out: int) -> None:
            told = record.model_copy(update={"left_out": left_out})
            self._log.append(told, environment=environment, request_id=request_id, monotonic_us=begun_us)

        if self._left > 0:
            self._left -= 1
            append(0)
        else:
            self._left_out += 1
            self._last = append
