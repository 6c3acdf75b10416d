"""The queues of an account whose messages the service sends to functions, and on whose behalf it does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from sandbox_runner import limits
from sandbox_runner.account import lambda_api
from sandbox_runner.account.base import Operation
from sandbox_runner.errors import ProtocolViolation
from sandbox_runner.events.records import AccountCalled, Cause, CausingMessage, RequestArrived
from sandbox_runner.service.event_sources.batches import Message, event_of, record_of
from sandbox_runner.service.event_sources.poller import LoopStopped, QueuePoller

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sandbox_runner.account.base import AwsAnswer, Reply
    from sandbox_runner.account.moments import RunAccount
    from sandbox_runner.events.log import EventLog
    from sandbox_runner.scenario.account.queue_mappings import QueueMapping
    from sandbox_runner.service.called import CalledRequests
    from sandbox_runner.service.event_sources.poller import Invoked

_SENDS: Final = frozenset({"SendMessage", "SendMessageBatch", "Publish", "PublishBatch"})


class AccountQueue:
    """A queue of the account's; see :class:`sandbox_runner.service.event_sources.poller.Queue`."""

    def __init__(self, account: RunAccount, mapping: QueueMapping) -> None:
        self._account = account
        self._mapping = mapping
        self._calls = 0
        self._moved = 0

    async def receive(self, count: int) -> Sequence[Message]:
        """Receive messages with all of their attributes; those that no filter of the mapping wants are deleted."""
        while came := await self._received(count):
            wanted = [each for each in came if self._mapping.wants(record_of(each, self._mapping.arn))]
            if len(wanted) < len(came):
                await self.delete([each for each in came if each not in wanted], "")
            if wanted:
                return wanted
        return ()

    async def _received(self, count: int) -> Sequence[Message]:
        asked = {
            "QueueUrl": self._mapping.url,
            "MaxNumberOfMessages": count,
            "MessageSystemAttributeNames": ["All"],
            "MessageAttributeNames": ["All"],
            "WaitTimeSeconds": 0,
        }
        came = [_message(each) for each in _messages(await self._carry_out("ReceiveMessage", asked))]
        if came:
            self._account.note_changed()
        return came

    async def delete(self, messages: Sequence[Message], request_id: str) -> None:
        """Delete them, by as many calls as that takes."""
        most = limits.QUEUE_RECEIVED_AT_ONCE_MAX
        for start in range(0, len(messages), most):
            entries = [
                {"Id": str(number), "ReceiptHandle": each.receipt}
                for number, each in enumerate(messages[start : start + most])
            ]
            asked = {"QueueUrl": self._mapping.url, "Entries": entries}
            reply = await self._carry_out("DeleteMessageBatch", asked)
            self._account.note_changed()
            operation = Operation("sqs", "DeleteMessageBatch", asked)
            self._account.note_call("event-source", request_id, operation, reply.answer)

    async def shown_again_ms(self) -> int | None:
        """The first of those that were not received too often."""
        hidden = await self._account.hidden(self._mapping.queue)
        if hidden.moved != self._moved:
            self._moved = hidden.moved
            self._account.tell()
        return min(
            (
                wait_ms
                for wait_ms, received in hidden.waits
                if received < limits.QUEUE_RECEIVES_MAX or received == hidden.received_most
            ),
            default=None,
        )

    async def _carry_out(self, name: str, asked: dict[str, Any]) -> Reply:
        self._calls += 1
        seed = f"mapping-{self._mapping.queue}-{self._mapping.function}/{self._calls}"
        return await self._account.carry_out(Operation("sqs", name, asked), seed)


class _Batches:
    """Invokes functions with batches of messages."""

    def __init__(self, log: EventLog, account: RunAccount, called: CalledRequests) -> None:
        self._log = log
        self._account = account
        self._called = called

    async def invoke(self, mapping: QueueMapping, messages: Sequence[Message]) -> Invoked | LoopStopped | None:
        """Invoke a function with messages; nothing where it is not to be invoked any more."""
        senders = _Senders(self._log)
        found = [senders.of(each) for each in messages]
        principals = {principal for _, principal in found}
        request = found[0][0]
        if self._called.is_loop(request, mapping.function):
            self._refuse(mapping, lambda_api.loop_stopped(mapping.function))
            return LoopStopped()
        if self._called.left <= 0:
            said = f"Holdover plays {limits.CALLED_REQUESTS_MAX} such invocations in a run, and this is one more"
            self._refuse(mapping, lambda_api.refusal(400, "LimitExceededException", said))
            return None
        causing = tuple(
            CausingMessage(id=each.id, received=each.received, request=index)
            for each, (index, _) in zip(messages, found, strict=True)
        )
        cause = Cause(kind="queue", name=mapping.queue, request=request, messages=causing)
        principal = principals.pop() if len(principals) == 1 else ""
        return await self._called.serve_batch(
            mapping.function, event_of(messages, mapping.arn), cause, principal=principal
        )

    def _refuse(self, mapping: QueueMapping, answer: AwsAnswer) -> None:
        invocation = Operation("lambda", "Invoke", {"FunctionName": mapping.function})
        self._account.note_call("event-source", "", invocation, answer)


class _Senders:
    """Who sent each message, as far as the log has it: the request's index and its principal, or a caller's."""

    def __init__(self, log: EventLog) -> None:
        requests: dict[str, tuple[int, str]] = {}
        self._sent: list[tuple[str, tuple[int, str]]] = []
        for event in log.events:
            record = event.record
            if isinstance(record, RequestArrived):
                requests[event.request_id or ""] = record.index, record.principal
            elif isinstance(record, AccountCalled) and record.operation in _SENDS:
                self._sent.append((record.answer, requests.get(event.request_id or "", (0, record.principal))))

    def of(self, message: Message) -> tuple[int, str]:
        """The one whose call was answered with the message's id, or with that of the notification in it."""
        for wanted in _ids(message):
            for answer, sender in self._sent:
                if wanted in answer:
                    return sender
        return 0, ""


def _ids(message: Message) -> Iterable[str]:
    yield message.id
    try:
        notification = json.loads(message.body)
    except (ValueError, RecursionError):
        return
    if isinstance(notification, dict) and isinstance(published := notification.get("MessageId"), str) and published:
        yield published


def _messages(reply: Reply) -> list[dict[str, Any]]:
    """Those of an answer; none where the queue has been deleted."""
    if reply.refused:
        return []
    try:
        return list(json.loads(reply.answer.body or b"{}").get("Messages") or [])
    except (ValueError, AttributeError):
        raise ProtocolViolation("an account's process sent no messages") from None


def _message(told: dict[str, Any]) -> Message:
    attributes = {str(name): str(value) for name, value in told.get("Attributes", {}).items()}
    return Message(
        id=str(told["MessageId"]),
        receipt=str(told["ReceiptHandle"]),
        body=str(told["Body"]),
        received=int(attributes.get("ApproximateReceiveCount", 1)),
        md5=str(told.get("MD5OfBody", "")),
        attributes=attributes,
        message_attributes=told.get("MessageAttributes", {}),
        attributes_md5=str(told.get("MD5OfMessageAttributes", "")),
    )


def queue_poller(mapping: QueueMapping, log: EventLog, account: RunAccount, called: CalledRequests) -> QueuePoller:
    """The poller of a mapping."""
    return QueuePoller(mapping, AccountQueue(account, mapping), log, _Batches(log, account, called).invoke)
