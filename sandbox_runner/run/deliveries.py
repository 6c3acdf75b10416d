"""What Lambda sends when an asynchronous request has ended: its record to a destination, its event as a dead letter.

What each service gets: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html.
"""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sandbox_runner import limits
from sandbox_runner.account import lambda_api
from sandbox_runner.account.base import Operation
from sandbox_runner.account.lambda_api import Invoked
from sandbox_runner.environment import identity
from sandbox_runner.events.records import SUCCESS, Cause
from sandbox_runner.scenario.account.queue_mappings import queue_url
from sandbox_runner.service.asynchronous.destinations import dead_letter, destination_record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

    from sandbox_runner.account.base import AwsAnswer
    from sandbox_runner.account.moments import RunAccount
    from sandbox_runner.scenario.destinations import Destination
    from sandbox_runner.scenario.model import Scenario
    from sandbox_runner.service.asynchronous.destinations import Ended
    from sandbox_runner.service.called import CalledRequests


class Deliveries:
    """Sends to the account's queues, topics, buses and buckets, and to the functions of the run.

    What a service answers, or has against it, is recorded; Lambda does not try again.
    """

    def __init__(self, scenario: Scenario, account: RunAccount, called: CalledRequests) -> None:
        self._scenario = scenario
        self._account = account
        self._called = called

    async def deliver(self, index: int, ended: Ended) -> None:
        """Send what became of request ``index`` to whatever its function names.

        :raises OurFailure: whatever answers for the account has failed.
        """
        receivers = self._scenario.settings_of(ended.function).receivers
        which: Literal["on-success", "on-failure"] = "on-success" if ended.condition == SUCCESS else "on-failure"
        if to := receivers.get("on_success" if which == "on-success" else "on_failure"):
            await self._send_record(which, to, index, ended)
        if which == "on-failure" and (to := receivers.get("dead_letter")):
            await self._account.send("dead-letter", index, ended.request_id, _dead_letter(to, ended))

    async def _send_record(
        self, which: Literal["on-success", "on-failure"], to: Destination, index: int, ended: Ended
    ) -> None:
        record = json.dumps(destination_record(ended), ensure_ascii=False, separators=(",", ":"))
        if to.service != "lambda":
            await self._account.send(which, index, ended.request_id, _record(which, to, index, ended, record))
            return
        invocation = Operation("lambda", "Invoke", {"FunctionName": to.name, "InvocationType": "Event"})
        cause = Cause(kind=which, name=ended.function, request=index)
        self._account.note_call(which, ended.request_id, invocation, self._invoked(to.name, record, cause))

    def _invoked(self, function: str, record: str, cause: Cause) -> AwsAnswer:
        """The answer of the function's queue."""
        payload = record.encode()
        if problem := lambda_api.body_problem(payload, "Event"):
            return problem
        if self._called.left <= 0:
            said = f"Holdover plays {limits.CALLED_REQUESTS_MAX} such invocations in a run, and this is one more"
            return lambda_api.refusal(400, "LimitExceededException", said)
        return lambda_api.answer_of(Invoked(202, self._called.accept(function, payload, cause)))


def _record(
    which: Literal["on-success", "on-failure"], to: Destination, index: int, ended: Ended, record: str
) -> Operation:
    """The operation that carries a record to a service."""
    match to.service:
        case "sqs":
            return Operation("sqs", "SendMessage", {"QueueUrl": queue_url(to.name), "MessageBody": record})
        case "sns":
            return Operation("sns", "Publish", {"TopicArn": to.arn, "Message": record})
        case "s3":
            return Operation("s3", "PutObject", {"Bucket": to.name, "Key": _object_key(index, ended), "Body": record})
        case _:
            function = f"{identity.function_arn(ended.function)}:{identity.VERSION}"
            result = "Success" if which == "on-success" else "Failure"
            entry = {
                "EventBusName": to.name,
                "Source": "lambda",
                "DetailType": f"Lambda Function Invocation Result - {result}",
                "Resources": [to.arn, function],
                "Detail": record,
            }
            return Operation("events", "PutEvents", {"Entries": [entry]})


def _dead_letter(to: Destination, ended: Ended) -> Operation:
    letter = dead_letter(ended)
    attributes = dict(_attributes(letter["messageAttributes"]))
    if to.service == "sns":
        told = {"TopicArn": to.arn, "Message": letter["body"], "MessageAttributes": attributes}
        return Operation("sns", "Publish", told)
    told = {"QueueUrl": queue_url(to.name), "MessageBody": letter["body"], "MessageAttributes": attributes}
    return Operation("sqs", "SendMessage", told)


def _attributes(written: dict[str, dict[str, str]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """As the two services take them; neither takes one without a value."""
    for name, each in written.items():
        if each["stringValue"]:
            yield name, {"DataType": each["dataType"], "StringValue": each["stringValue"]}


def _object_key(index: int, ended: Ended) -> str:
    """``aws/lambda/async/NAME/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-UUID``; the last part is equal in every run."""
    at = datetime.fromtimestamp(ended.epoch_ms / 1000, UTC)
    made = uuid.uuid5(uuid.NAMESPACE_OID, f"{ended.function}/{index}")
    return f"aws/lambda/async/{ended.function}/{at:%Y/%m/%d}/{at:%Y-%m-%dT%H.%M.%S}-{made}"
