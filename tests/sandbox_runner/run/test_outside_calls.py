"""Steps that call AWS's services, among the requests: when they are played, what they are called, what is left over."""

from __future__ import annotations

import asyncio

from sandbox_runner.events.records import AccountCalled, RequestArrived, RunFinished, StepStarted
from sandbox_runner.messages import render
from sandbox_runner.results.model import Verdict
from sandbox_runner.run.runner import RunOptions, play
from sandbox_runner.scenario.reader import parse_scenario
from tests.builders import a_function, idle, invoke
from tests.fakes.answering import FakeAnswering
from tests.fakes.backend import FakeBackend, FakeFunction

MESSAGE = {"QueueUrl": "jobs", "MessageBody": "hoge"}
SEND = {"call": {"sqs.send_message": MESSAGE, "as": "alice"}}
LIST = {"call": {"sqs.list_queues": {}}}


def echoed(event, _runtime):
    """A handler that holds nothing."""
    return event


# How far the account's time was ahead at the end of each run.
ahead_ms = []


def played(*steps, **options):
    """The result of these steps beside an account."""
    asked = parse_scenario({"version": 2, "function": a_function(), "account": {}, "steps": list(steps)})
    backend, answering = FakeBackend(FakeFunction(echoed)), FakeAnswering()
    told = RunOptions(**options)
    result = asyncio.run(play(asked, backend, clock=backend.clock, options=told, answering=answering))
    assert (backend.alive, answering.alive) == ({}, [])
    ahead_ms.append(answering.accounts[0].ahead_ms)
    return result


def test_a_call_is_made_in_its_turn():
    result = played(invoke(1), SEND, invoke(2), LIST, prove=False)

    order = [
        each.record.index if isinstance(each.record, RequestArrived) else each.record.operation
        for each in result.events
        if isinstance(each.record, RequestArrived | AccountCalled)
    ]
    assert order == [1, "SendMessage", 2, "ListQueues"]


def test_a_step_that_calls_says_what_and_as_whom():
    steps = [
        each.record for each in played(SEND, LIST, invoke(), prove=False).events if isinstance(each.record, StepStarted)
    ]

    assert [render(each.what) for each in steps] == [
        "call sqs.send_message as alice",
        "call sqs.list_queues",
        "request 1",
    ]
    assert render(steps[0].what, "ja") == "alice として sqs.send_message を呼び出す"


def test_the_account_s_time_passes_with_that_of_the_service():
    played(invoke(1), idle(600), prove=False)

    assert ahead_ms[-1] == 599_000


def test_calls_that_there_was_no_time_for_are_left_over():
    result = played(invoke(1), SEND, prove=False, wall_s=0.0)

    (finished,) = (each.record for each in result.events if isinstance(each.record, RunFinished))
    assert [render(each) for each in finished.left][-1] == "call sqs.send_message as alice"


def test_requests_around_a_call_are_proven_as_any_others():
    result = played(invoke(1), SEND, invoke(2))

    assert (result.verdict, result.findings, result.passages) == (Verdict.CLEAN, (), ())
