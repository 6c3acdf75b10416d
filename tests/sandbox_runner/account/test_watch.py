"""What is recorded of an account around each request; whoever answers is a fake."""

from __future__ import annotations

import pytest

from sandbox_runner import limits
from sandbox_runner.account.base import AwsRequest
from sandbox_runner.account.watch import Watch
from sandbox_runner.clock import SystemClock
from sandbox_runner.errors import AccountLost
from sandbox_runner.events.log import EventLog
from sandbox_runner.events.records import AccountChanged, AccountHeld
from sandbox_runner.projections.account import account_result
from tests.fakes.answering import FakeAnswering

HOST = (("Host", "letters.s3.us-east-1.amazonaws.com"),)


class Watched:
    """An account with its watch."""

    def __init__(self):
        self.account = FakeAnswering().made({}, ())
        self.log = EventLog(SystemClock())
        self.watch = Watch(self.account, self.log)

    async def put(self, name):
        """Something is stored."""
        await self.account.answer(AwsRequest("PUT", f"/{name}", HOST, b"hoge"), "1")
        self.watch.note_change()

    def recorded(self, kind):
        """The records of one kind."""
        return [each.record for each in self.log.events if isinstance(each.record, kind)]

    @property
    def changes(self):
        """By the attempts that were served, the keys that changed."""
        return [
            ([(each.index, each.attempt) for each in one.during], [each.key for each in one.changes])
            for one in self.recorded(AccountChanged)
        ]


@pytest.fixture
def watched():
    return Watched()


async def test_a_change_is_that_of_the_attempt_which_was_served(watched):
    for index, attempt in ((1, 1), (1, 2), (2, 1)):
        await watched.watch.begin(index, attempt)
        await watched.put(f"{index}-{attempt}")
        await watched.watch.end(index, attempt)

    assert watched.changes == [([(1, 1)], ["1-1"]), ([(1, 2)], ["1-2"]), ([(2, 1)], ["2-1"])]


async def test_what_is_stored_while_two_are_served_may_be_either_s(watched):
    await watched.watch.begin(1, 1)
    await watched.put("alone")
    await watched.watch.begin(2, 1)
    await watched.put("both")
    await watched.watch.end(1, 1)
    await watched.put("other")
    await watched.watch.end(2, 1)

    assert watched.changes == [([(1, 1)], ["alone"]), ([(1, 1), (2, 1)], ["both"]), ([(2, 1)], ["other"])]


async def test_what_the_scenario_made_is_no_change_and_what_a_step_stores_is_no_request_s(watched):
    await watched.put("made")
    await watched.watch.look_first()
    await watched.put("called")
    await watched.watch.begin(1, 1)
    await watched.watch.end(1, 1)

    assert watched.changes == [([], ["called"])]


async def test_nobody_looks_where_nothing_can_have_changed(watched, monkeypatch):
    await watched.watch.look_first()
    looks = []
    monkeypatch.setattr(watched.account, "look", looks.append)

    await watched.watch.begin(1, 1)
    await watched.watch.end(1, 1)

    assert looks == []


async def test_changes_over_a_run_s_limit_are_counted(watched, monkeypatch):
    monkeypatch.setattr(limits, "ACCOUNT_CHANGES_MAX", 3)
    watched.watch = Watch(watched.account, watched.log)
    await watched.watch.begin(1, 1)
    for number in range(5):
        await watched.put(str(number))
    await watched.watch.end(1, 1)

    assert [(len(each.changes), each.left_out) for each in watched.recorded(AccountChanged)] == [(3, 2)]


async def test_the_end_has_what_there_is(watched):
    await watched.put("letter")
    await watched.watch.look_last()

    result = account_result(watched.log.events)
    assert [each.key for look in result.changes for each in look.changes] == ["letter"]
    assert (result.lost, result.things_in_all) == (False, 0)


async def test_an_account_that_is_gone_ends_no_run_and_is_told(watched):
    await watched.account.end()
    with pytest.raises(AccountLost):
        await watched.account.look(whole=False)

    await watched.watch.begin(1, 1)
    await watched.watch.end(1, 1)
    await watched.watch.look_last()

    assert watched.recorded(AccountHeld) == [AccountHeld(things=(), things_in_all=0, lost=True)]
