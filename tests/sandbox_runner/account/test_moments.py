"""What a run's account keeps of itself, and what a replay finds; whoever answers is a fake."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from sandbox_runner import limits
from sandbox_runner.account.base import AccountTooSlowError, AwsRequest
from sandbox_runner.account.moments import AccountRefusedError, MomentNotKeptError, ReplayAccount, opened
from sandbox_runner.clock import SystemClock
from sandbox_runner.environment.guest_link import Serving
from sandbox_runner.events.log import EventLog
from sandbox_runner.events.records import AccountCalled, AccountRefused
from sandbox_runner.scenario.account.settings import AccountCall, AccountSettings
from tests.fakes.answering import FakeAnswering

HOST = (("Host", "letters.s3.us-east-1.amazonaws.com"),)
QUEUE = {"sqs.create_queue": {"QueueName": "jobs"}}
CLOCK = SystemClock()


class World:
    """A run's account over a fake, and requests to it."""

    def __init__(self, *resources, **settings):
        self.answering = FakeAnswering()
        self.settings = AccountSettings(resources=resources, **settings)
        self.log = EventLog(CLOCK)
        self.run = None

    async def opened(self):
        """The account, with its resources."""
        self.run = await opened(self.answering, self.settings, self.log, CLOCK)
        return self

    async def put(self, body, index=1):
        """A function writes the letter."""
        await self.ask(self.run.relay, AwsRequest("PUT", "/letter", HOST, body), index)

    async def ask(self, relay, request, index=1):
        """One call through a relay, as of a request."""
        link = SimpleNamespace(serving=Serving(index, f"id-{index}"))
        return await relay._answered(request, "env-1", link)

    async def found(self, account):
        """The letter that is in an account; nothing without one."""
        return (await account.answer(AwsRequest("GET", "/letter", HOST), "x")).body

    def replay(self):
        """What a replay meets."""
        return ReplayAccount(self.run, self.settings, EventLog(CLOCK), CLOCK)


@pytest.fixture
async def world():
    made = await World().opened()
    yield made
    await made.run.close()
    assert made.answering.alive == []


async def test_requests_that_come_together_find_the_same(world):
    copy = world.run._account.copy

    async def taking_its_time():
        await asyncio.sleep(0)
        return await copy()

    world.run._account.copy = taking_its_time
    await asyncio.gather(*(world.run.begin(index) for index in (1, 2)))

    assert world.run._moments[1] is world.run._moments[2]


async def test_a_request_is_replayed_with_what_was_there_when_it_came(world):
    await world.run.begin(1)
    await world.put(b"of 1")
    await world.run.begin(2)
    await world.put(b"of 2", index=2)

    found = [await world.run.as_of(index) for index in (1, 2)]

    assert [await world.found(each) for each in found] == [b"", b"of 1"]
    for each in found:
        await each.end()


async def test_a_moment_at_which_nothing_changed_is_not_kept_twice(world):
    for index in (1, 2, 3):
        await world.run.begin(index)
        await world.ask(world.run.relay, AwsRequest("GET", "/letter", HOST), index)

    assert len(world.answering.alive) == 2


async def test_an_attempt_that_is_made_again_is_replayed_with_what_it_found_itself(world):
    await world.run.begin(1)
    await world.put(b"of the first attempt")
    await world.run.begin(1)

    found = await world.run.as_of(1)

    assert await world.found(found) == b"of the first attempt"
    await found.end()


async def test_what_a_replay_writes_is_neither_in_the_run_nor_in_its_own_next_request(world):
    await world.run.begin(1)
    await world.put(b"of the run")
    await world.run.begin(2)
    replay = world.replay()

    await replay.turn_to(1)
    await world.ask(replay.relay, AwsRequest("PUT", "/letter", HOST, b"of the replay"))
    await replay.turn_to(2)
    answer = await world.ask(replay.relay, AwsRequest("GET", "/letter", HOST), 2)

    assert answer.body == b"of the run"
    await replay.close()


async def test_a_call_has_the_same_number_in_a_replay_as_in_the_run(world):
    await world.run.begin(1)
    await world.run.begin(2)
    await world.put(b"a", index=2)
    replay = world.replay()
    await replay.turn_to(2)
    await world.ask(replay.relay, AwsRequest("PUT", "/letter", HOST, b"a"), 2)

    seeds = {seed for each in world.answering.accounts for _, seed in each.asked}
    assert seeds == {"request-2/1"}
    await replay.close()


async def test_no_more_moments_are_kept_than_may_be_and_the_others_are_missed(world, monkeypatch):
    monkeypatch.setattr(limits, "ACCOUNT_MOMENTS_MAX", 2)
    for index in (1, 2, 3):
        await world.run.begin(index)
        await world.put(b"%d" % index, index=index)

    await (await world.run.as_of(2)).end()
    with pytest.raises(MomentNotKeptError):
        await world.run.as_of(3)


async def test_a_resource_that_is_refused_is_told_and_leaves_nothing():
    world = World(QUEUE, QUEUE)

    with pytest.raises(AccountRefusedError):
        await world.opened()

    (refused,) = (each.record.why for each in world.log.events if isinstance(each.record, AccountRefused))
    assert refused.params == {
        "field": "account.resources[1]",
        "operation": "sqs.create_queue",
        "said": "CreateQueue: it exists already",
    }
    assert world.answering.alive == []


# --- calls from outside ----------------------------------------------------------------------------------------------

SEND = AccountCall.model_validate({"sqs.send_message": {"QueueUrl": "jobs", "MessageBody": "hoge"}, "as": "alice"})


def calls(world):
    """The records of calls."""
    return [each for each in world.log.events if isinstance(each.record, AccountCalled)]


async def test_a_call_from_outside_is_recorded_with_its_step_and_who_made_it(world):
    await world.run.call(3, SEND)

    (event,) = calls(world)
    told = event.record
    assert (event.environment, event.request_id) == (None, None)
    assert (told.service, told.operation, told.step, told.principal) == ("sqs", "SendMessage", 3, "alice")
    assert (told.parameters, told.status_code, told.error) == ('{"QueueUrl": "jobs", "MessageBody": "hoge"}', 200, "")


async def test_resources_and_calls_of_steps_are_made_in_the_account_s_region():
    world = await World(QUEUE, region="eu-west-1").opened()
    await world.run.call(0, SEND)

    (made,) = world.answering.accounts
    assert [each.region for each in made.carried_out] == ["eu-west-1", "eu-west-1"]
    assert [each.record.region for each in calls(world)] == ["eu-west-1"]
    await world.run.close()


async def test_what_a_service_has_against_a_call_from_outside_is_an_answer(world):
    await world.run.call(0, SEND)
    await world.run.call(1, SEND)

    assert [(each.record.status_code, each.record.error) for each in calls(world)] == [
        (200, ""),
        (400, "AlreadyExists"),
    ]


async def test_a_request_after_a_call_from_outside_is_replayed_with_what_that_left(world):
    await world.run.begin(1)
    await world.run.call(1, SEND)
    await world.run.begin(2)

    found = [await world.run.as_of(index) for index in (1, 2)]

    assert [len(each.carried_out) for each in found] == [0, 1]
    for each in found:
        await each.end()


async def test_a_call_from_outside_that_takes_too_long_is_answered_as_unavailable(world, monkeypatch):
    async def never(_operation, _seed):
        raise AccountTooSlowError

    monkeypatch.setattr(world.answering.accounts[0], "call", never)
    await world.run.call(0, SEND)

    (event,) = calls(world)
    assert (event.record.status_code, event.record.error) == (503, "ServiceUnavailable")
