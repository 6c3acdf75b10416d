"""The event source mappings of a run: those of its scenario's resources, and those that its steps make.

What Lambda answers: https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html; the texts of its
refusals were recorded in localstack/localstack, tests/aws/services/lambda_/event_source_mapping/.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from sandbox_runner.account import lambda_api
from sandbox_runner.account.base import AwsAnswer, Operation
from sandbox_runner.aws_place import ACCOUNT, REGION
from sandbox_runner.environment import identity
from sandbox_runner.run.queue_sources import queue_poller
from sandbox_runner.run.stream_sources import AccountStream, StreamBatches
from sandbox_runner.scenario.account.queue_mappings import QueueMapping, mapping, mappings
from sandbox_runner.service.event_sources.stream_poller import StreamPoller

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox_runner.account.moments import RunAccount
    from sandbox_runner.clock import Clock
    from sandbox_runner.events.log import EventLog
    from sandbox_runner.scenario.account.stream_mappings import StreamMapping
    from sandbox_runner.scenario.model import Scenario
    from sandbox_runner.service.event_sources.poller import QueuePoller
    from sandbox_runner.service.service import LambdaService

_REFUSED: Final = 400
_OF_STREAMS: Final[Mapping[str, Any]] = {
    "BisectBatchOnFunctionError": False,
    "DestinationConfig": {"OnFailure": {}},
    "LastProcessingResult": "No records processed",
    "MaximumRecordAgeInSeconds": -1,
    "MaximumRetryAttempts": -1,
    "ParallelizationFactor": 1,
    "StateTransitionReason": "User action",
    "TumblingWindowInSeconds": 0,
}


class Mappings:
    """Has the service poll queues and streams of the account."""

    def __init__(
        self, scenario: Scenario, log: EventLog, clock: Clock, account: RunAccount, service: LambdaService
    ) -> None:
        self._scenario = scenario
        self._log = log
        self._clock = clock
        self._account = account
        self._service = service
        self._made: set[tuple[str, str]] = set()

    async def begin(self) -> None:
        """Those of the resources.

        :raises OurFailure: whatever answers for the account has failed.
        """
        for each in mappings(self._scenario.account):
            await self._begin(each)

    async def create(self, asked: Mapping[str, Any]) -> AwsAnswer:
        """One that a step makes, and Lambda's answer.

        :raises OurFailure: whatever answers for the account has failed.
        """
        wanted = mapping(asked)
        if (wanted.arn, wanted.function) in self._made:
            return lambda_api.refusal(409, "ResourceConflictException", _exists(wanted))
        if problem := await self._problem(wanted):
            return lambda_api.refusal(_REFUSED, "InvalidParameterValueException", problem)
        is_enabled = asked.get("Enabled", True)
        self._made.add((wanted.arn, wanted.function))
        if is_enabled:
            await self._begin(wanted)
        told = {**_told(wanted, asked), "LastModified": self._clock.epoch_ms() / 1_000}
        told["State"] = "Creating" if is_enabled else "Disabled"
        return AwsAnswer(202, (("content-type", "application/json"),), json.dumps(told).encode())

    async def _problem(self, wanted: QueueMapping | StreamMapping) -> str:
        """What Lambda has against it; empty for nothing."""
        if not isinstance(wanted, QueueMapping):
            found = await self._account.stream_records(wanted.kind, wanted.name, {}, 0)
            return "" if found else f"Stream not found: {wanted.arn}"
        asked = {"QueueUrl": wanted.url, "AttributeNames": ["VisibilityTimeout"]}
        reply = await self._account.carry_out(Operation("sqs", "GetQueueAttributes", asked), f"mapping {wanted.arn}")
        if reply.refused:
            return (
                "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. "
                "SQS Error Message: The specified queue does not exist."
            )
        visible_s = int(json.loads(reply.answer.body)["Attributes"]["VisibilityTimeout"])
        timeout_s = self._scenario.functions[wanted.function].timeout_s
        if visible_s >= timeout_s:
            return ""
        return f"Queue visibility timeout: {visible_s} seconds is less than Function timeout: {timeout_s} seconds"

    async def _begin(self, wanted: QueueMapping | StreamMapping) -> None:
        self._made.add((wanted.arn, wanted.function))
        poller = self._poller(wanted)
        if isinstance(poller, StreamPoller):
            await poller.begin()
        self._account.listeners.append(poller.wake)
        self._service.poll(poller)

    def _poller(self, wanted: QueueMapping | StreamMapping) -> QueuePoller | StreamPoller:
        called = self._service.called
        if isinstance(wanted, QueueMapping):
            return queue_poller(wanted, self._log, self._account, called)
        batches = StreamBatches(self._scenario, self._log, self._account, called)
        epoch_ms = self._clock.epoch_ms() - self._log.now_us() // 1_000
        return StreamPoller(
            wanted, AccountStream(self._account, wanted, self._log, epoch_ms), self._log, batches.invoke
        )


def _exists(wanted: QueueMapping | StreamMapping) -> str:
    """The words against a second mapping of a source to the same function; they differ between queues and streams."""
    of, to = f'arn (" {wanted.arn} ")', f'function (" {wanted.function} ")'
    said = f"An event source mapping with SQS {of} and {to} already exists."
    if not isinstance(wanted, QueueMapping):
        said = f"The event source {of} and {to} provided mapping already exists."
    return f"{said} Please update or delete the existing mapping with UUID {wanted.uuid}"


def _told(wanted: QueueMapping | StreamMapping, asked: Mapping[str, Any]) -> dict[str, Any]:
    """What is answered of a mapping: what was asked for, and the defaults of the rest."""
    common = {
        "BatchSize": wanted.batch_size,
        "MaximumBatchingWindowInSeconds": 0,
        "FunctionResponseTypes": [],
        "StateTransitionReason": "USER_INITIATED",
    }
    if not isinstance(wanted, QueueMapping):
        common |= _OF_STREAMS
    named = {
        "UUID": wanted.uuid,
        "EventSourceMappingArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:event-source-mapping:{wanted.uuid}",
        "FunctionArn": identity.function_arn(wanted.function),
    }
    told = {key: value for key, value in asked.items() if key not in {"Enabled", "FunctionName"}}
    return {**common, **told, **named}
