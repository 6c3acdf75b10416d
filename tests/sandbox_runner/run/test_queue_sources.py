"""The queues of an account as pollers see them, and whose messages are; whoever answers is a fake."""

from __future__ import annotations

import json

import pytest

from sandbox_runner.account.base import AwsAnswer, Reply
from sandbox_runner.account.moments import opened
from sandbox_runner.events.log import EventLog
from sandbox_runner.run.queue_sources import AccountQueue
from sandbox_runner.scenario.account.queue_mappings import QueueMapping
from sandbox_runner.scenario.account.settings import AccountSettings
from tests.fakes.answering import FakeAnswering
from tests.fakes.clock import FakeClock

CLOCK = FakeClock()
MESSAGE = {
    "MessageId": "m-1",
    "ReceiptHandle": "r-1",
    "Body": "hoge",
    "MD5OfBody": "md5",
    "Attributes": {"ApproximateReceiveCount": "2"},
}


class World:
    """A queue in a run's account that answers with these messages."""

    async def opened(self, *messages):
        self.log = EventLog(CLOCK)
        self.run = await opened(FakeAnswering(), AccountSettings(), self.log, CLOCK)
        self.queue = AccountQueue(self.run, QueueMapping("jobs", "worker"))

        async def call(_operation, _seed):
            told = json.dumps({"Messages": list(messages)} if messages else {}).encode()
            return Reply("", AwsAnswer(200, (), told))

        self.run._account.call = call
        return self


async def test_a_message_is_read_with_how_often_it_was_received():
    world = await World().opened(MESSAGE)

    (message,) = await world.queue.receive(10)

    assert (message.id, message.receipt, message.body, message.received) == ("m-1", "r-1", "hoge", 2)


@pytest.mark.parametrize(("messages", "is_the_same"), [((), True), ((MESSAGE,), False)])
async def test_only_a_poll_that_received_something_changes_what_the_next_request_finds(messages, is_the_same):
    world = await World().opened(*messages)
    await world.run.begin(1)
    await world.queue.receive(10)
    await world.run.begin(2)

    assert (world.run._moments[1] is world.run._moments[2]) == is_the_same


async def test_what_is_deleted_is_recorded_for_the_request_that_handled_it():
    world = await World().opened(MESSAGE)

    await world.queue.delete(await world.queue.receive(10), "id-7")

    (event,) = world.log.events
    assert (event.request_id, event.environment) == ("id-7", None)
    assert (event.record.operation, event.record.by_lambda) == ("DeleteMessageBatch", "event-source")
