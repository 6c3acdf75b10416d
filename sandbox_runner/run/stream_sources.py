"""The streams of an account whose records the service sends to functions, and on whose behalf it does."""

from __future__ import annotations

import json
import re
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sandbox_runner import limits
from sandbox_runner.account import lambda_api
from sandbox_runner.account.base import Operation
from sandbox_runner.environment import identity
from sandbox_runner.events.records import Cause, CausingMessage, RequestArrived
from sandbox_runner.rules.timestamps import timestamp
from sandbox_runner.scenario.account.queue_mappings import queue_url
from sandbox_runner.scenario.account.settings import CallStep
from sandbox_runner.service.admission import STATUS_CODE, Throttle
from sandbox_runner.service.event_sources.stream_poller import StreamRecord

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox_runner.account.moments import RunAccount
    from sandbox_runner.events.log import EventLog
    from sandbox_runner.scenario.account.stream_mappings import StreamMapping
    from sandbox_runner.scenario.destinations import Destination
    from sandbox_runner.scenario.model import Scenario
    from sandbox_runner.service.called import CalledRequests
    from sandbox_runner.service.event_sources.poller import Invoked
    from sandbox_runner.service.event_sources.stream_poller import Batch, GivenUp

# See :meth:`.base.Account.call`: what a call's seed begins with says whose it was.
_OF_REQUEST: Final = re.compile(r"(?:request|on-success|on-failure|dead-letter)-(\d+)/")
_OF_STEP: Final = re.compile(r"step-(\d+)/")
_INFO: Final = {"dynamodb": "DDBStreamBatchInfo", "kinesis": "KinesisBatchInfo"}


class AccountStream:
    """A stream of the account's; see :class:`sandbox_runner.service.event_sources.stream_poller.Stream`."""

    def __init__(self, account: RunAccount, mapping: StreamMapping, log: EventLog, epoch_ms: int) -> None:
        self._account = account
        self._mapping = mapping
        self._log = log
        self._epoch_ms = epoch_ms

    async def read(self, after: Mapping[str, int], count: int) -> Mapping[str, Sequence[StreamRecord]]:
        """Read on."""
        found = await self._account.stream_records(self._mapping.kind, self._mapping.name, after, count)
        return {shard: tuple(self._record(shard, each) for each in told) for shard, told in found.items()}

    def _record(self, shard: str, told: Mapping[str, Any]) -> StreamRecord:
        at_us = (int(told["at_ms"]) - self._epoch_ms) * 1_000
        event = {**told["record"], "eventSourceARN": self._mapping.arn}
        return StreamRecord(shard, str(told["sequence"]), at_us, str(told["origin"]), event)

    async def give_up(self, batch: Batch, why: GivenUp, invoked: Invoked | None) -> None:
        """Send a record of the batch to the mapping's destination."""
        to = self._mapping.on_failure
        if to is None:
            return
        index, request_id = (invoked.index, invoked.request_id) if invoked else (0, "")
        await self._account.send(
            "on-failure", index, request_id, self._sent(to, batch, self._told(batch, why, invoked))
        )

    def _sent(self, to: Destination, batch: Batch, told: dict[str, Any]) -> Operation:
        """What carries a record to its destination; a bucket gets the records of the batch, too."""
        body = json.dumps(told, separators=(",", ":"))
        match to.service:
            case "sns":
                return Operation("sns", "Publish", {"TopicArn": to.arn, "Message": body})
            case "s3":
                whole = json.dumps({**told, "payload": {"Records": [each.event for each in batch.records]}})
                return Operation("s3", "PutObject", {"Bucket": to.name, "Key": self._key(batch), "Body": whole})
            case _:
                return Operation("sqs", "SendMessage", {"QueueUrl": queue_url(to.name), "MessageBody": body})

    def _key(self, batch: Batch) -> str:
        """``aws/lambda/MAPPING/SHARD/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-UUID``; the last part is equal in every run."""
        at = datetime.fromtimestamp(self._epoch_ms / 1_000 + self._log.service_us() / 1_000_000, UTC)
        first = batch.records[0]
        made = uuid.uuid5(uuid.NAMESPACE_OID, f"{self._mapping.arn}/{first.shard}/{first.sequence}")
        folder = f"aws/lambda/{self._mapping.uuid}/{first.shard}/{at:%Y/%m/%d}"
        return f"{folder}/{at:%Y-%m-%dT%H.%M.%S}-{made}"

    def _told(self, batch: Batch, why: GivenUp, invoked: Invoked | None) -> dict[str, Any]:
        """https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html has its form.

        Which fields there are was recorded in localstack/localstack,
        tests/aws/services/lambda_/event_source_mapping/test_lambda_integration_kinesis.snapshot.json.
        """
        first, last = batch.records[0], batch.records[-1]
        context = {
            "requestId": invoked.request_id if invoked else str(uuid.uuid5(uuid.NAMESPACE_OID, first.sequence)),
            "functionArn": identity.function_arn(self._mapping.function),
            "condition": why,
            "approximateInvokeCount": batch.tries,
        }
        told: dict[str, Any] = {"requestContext": context}
        if invoked is not None:
            is_throttled = isinstance(invoked.came, Throttle)
            told["responseContext"] = {
                "statusCode": STATUS_CODE if is_throttled else 200,
                "executedVersion": identity.VERSION,
                "functionError": None if isinstance(invoked.came, Throttle) else invoked.came.function_error or None,
            }
        told |= {"version": "1.0", "timestamp": self._at(self._log.service_us())}
        told[_INFO[self._mapping.kind]] = {
            "shardId": first.shard,
            "startSequenceNumber": first.sequence,
            "endSequenceNumber": last.sequence,
            "approximateArrivalOfFirstRecord": self._arrived(first),
            "approximateArrivalOfLastRecord": self._arrived(last),
            "batchSize": len(batch.records),
            "streamArn": self._mapping.arn,
        }
        return told

    def _arrived(self, record: StreamRecord) -> str:
        """DynamoDB knows seconds only."""
        at = self._at(record.at_us)
        return at if self._mapping.kind == "kinesis" else f"{at[:19]}Z"

    def _at(self, service_us: int) -> str:
        return timestamp(self._epoch_ms * 1_000 + service_us)


class StreamBatches:
    """Invokes functions with batches of records."""

    def __init__(self, scenario: Scenario, log: EventLog, account: RunAccount, called: CalledRequests) -> None:
        self._scenario = scenario
        self._log = log
        self._account = account
        self._called = called

    async def invoke(self, mapping: StreamMapping, batch: Batch) -> Invoked | None:
        """Invoke a function with records; nothing where it is not to be invoked any more."""
        if self._called.left <= 0:
            said = f"Holdover plays {limits.CALLED_REQUESTS_MAX} such invocations in a run, and this is one more"
            invocation = Operation("lambda", "Invoke", {"FunctionName": mapping.function})
            refusal = lambda_api.refusal(400, "LimitExceededException", said)
            self._account.note_call("event-source", "", invocation, refusal)
            return None
        known = self._principals()
        writers = [self._writer(each.origin, known) for each in batch.records]
        principals = {principal for _, principal in writers}
        times = batch.tries + batch.throttles + 1
        causing = tuple(
            CausingMessage(id=each.sequence, received=times, request=index)
            for each, (index, _) in zip(batch.records, writers, strict=True)
        )
        cause = Cause(kind=mapping.kind, name=mapping.name, request=writers[0][0], messages=causing)
        payload = json.dumps(
            {"Records": [each.event for each in batch.records]}, ensure_ascii=False, separators=(",", ":")
        )
        principal = principals.pop() if len(principals) == 1 else ""
        sent = payload.encode("utf-8", "replace")
        return await self._called.serve_batch(mapping.function, sent, cause, principal=principal)

    def _principals(self) -> dict[int, str]:
        arrived = (each.record for each in self._log.events if isinstance(each.record, RequestArrived))
        return {each.index: each.principal for each in arrived}

    def _writer(self, origin: str, known: Mapping[int, str]) -> tuple[int, str]:
        """The request whose call wrote a record, and for whom: a caller from outside has no request."""
        if found := _OF_REQUEST.match(origin):
            index = int(found[1])
            return index, known.get(index, "")
        if found := _OF_STEP.match(origin):
            step = self._scenario.steps[int(found[1])] if int(found[1]) < len(self._scenario.steps) else None
            return 0, (step.call.principal or "") if isinstance(step, CallStep) else ""
        return 0, ""
