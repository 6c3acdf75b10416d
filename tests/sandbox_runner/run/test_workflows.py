"""Tasks of state machines as requests of a run: whose they are, what is recorded, and on which clock."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from sandbox_runner import limits
from sandbox_runner.account.inside.workflows import problems
from sandbox_runner.account.inside.workflows.account import Executions
from sandbox_runner.account.inside.workflows.tasks import Called
from sandbox_runner.account.workflow_news import read_news
from sandbox_runner.errors import ProtocolViolation
from sandbox_runner.events.records import AccountCalled, WorkflowEnded, WorkflowMoved, WorkflowStarted
from sandbox_runner.rules.requests import every_request
from sandbox_runner.run.runner import RunOptions, play
from sandbox_runner.scenario.reader import parse_scenario
from tests.builders import a_function
from tests.fakes.answering import FakeAnswering
from tests.fakes.backend import FakeBackend, FakeFunction

MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:m"
WORKER = "arn:aws:lambda:us-east-1:123456789012:function:worker"
TASK = {"Type": "Task", "Resource": WORKER, "End": True}


@pytest.fixture(autouse=True)
def _carried(monkeypatch):
    monkeypatch.setattr(problems, "LEFT", {"bytes": 32 * 1_048_576})


class WithMachine(FakeAnswering):
    """Accounts with one state machine, played by what plays it in the account's sandbox."""

    def __init__(self, states):
        super().__init__()
        self.states = states

    def made(self, things, carried_out):
        account = super().made(things, carried_out)
        most = {"executions": limits.WORKFLOW_EXECUTIONS_MAX, "states": limits.WORKFLOW_STATES_MAX}
        executions = Executions(lambda *_: Called(200, b"{}", {}), most)
        machine = SimpleNamespace(
            name="m", arn=MACHINE, roleArn="r", definition=json.dumps({"StartAt": "A", "States": self.states})
        )
        call = account.call

        async def started(operation, seed):
            reply = await call(operation, seed)
            if operation.name == "StartExecution":
                given = operation.parameters["input"]
                kept = SimpleNamespace(execution_arn=f"arn:{seed}", name=seed, execution_input=given, status="")
                kept.start_date = datetime.fromtimestamp(0, UTC)
                executions.begin(seed)
                executions.start(kept, machine)
            return reply

        async def moved(now_ms, done, seed):
            executions.begin(seed)
            return read_news(json.dumps(executions.advance(now_ms, list(done))).encode())

        account.call, account.move_workflows = started, moved
        return account


def handler(event, _runtime):
    if event == "fail":
        raise ValueError("no")
    return {"got": event}


def played(states, given):
    """The result of executions that a caller named boss starts."""
    call = {"stepfunctions.start_execution": {"stateMachineArn": MACHINE, "input": json.dumps(given)}}
    asked = parse_scenario(
        {
            "version": 2,
            "functions": {"front": a_function(), "worker": a_function()},
            "account": {},
            "steps": [{"call": {**call, "as": "boss"}}, {"invoke": {"function": "front", "payload": 1}}],
        }
    )
    backend, answering = FakeBackend(FakeFunction(handler)), WithMachine(states)
    result = asyncio.run(
        play(asked, backend, clock=backend.clock, options=RunOptions(prove=False), answering=answering)
    )
    assert (backend.alive, answering.alive) == ({}, [])
    return result


def served(result):
    """What tasks became."""
    return [one for one in result.invocations if one.function == "worker"]


def of(result, kind):
    return [event.record for event in result.events if isinstance(event.record, kind)]


def test_a_task_is_a_request_of_the_run_for_whoever_started_the_execution():
    result = played({"A": TASK}, {"n": 1})
    (one,) = served(result)
    assert (one.function, one.principal, json.loads(one.payload)) == ("worker", "boss", {"n": 1})
    assert (one.cause.kind, one.cause.name, one.cause.state, one.cause.request) == ("workflow", "m", "A", 0)
    (started,), (ended,) = of(result, WorkflowStarted), of(result, WorkflowEnded)
    assert (started.machine, started.step, one.cause.execution) == ("m", 0, started.execution)
    assert (ended.status, json.loads(ended.output)) == ("SUCCEEDED", {"got": {"n": 1}})
    assert [name for name, *_ in every_request(result.scenario, result.events)] == [1, 2]


def test_waits_and_retries_are_on_the_services_clock():
    retry = [{"ErrorEquals": ["ValueError"], "IntervalSeconds": 600, "MaxAttempts": 1}]
    states = {"A": {"Type": "Wait", "Seconds": 3_600, "Next": "B"}, "B": {**TASK, "Retry": retry}}
    result = played(states, "fail")
    assert [one.outcome for one in served(result)] == ["function-error"] * 2
    ended = next(event for event in result.events if isinstance(event.record, WorkflowEnded))
    assert (ended.record.status, ended.record.error) == ("FAILED", "ValueError")
    assert ended.service_at_us >= 4_200_000_000
    assert ended.at_us < 600_000_000
    assert [each.what for each in of(result, WorkflowMoved)] == [
        "entered",
        "waits",
        "exited",
        "entered",
        "retried",
        "failed",
    ]


def test_branches_are_served_side_by_side_in_environments_of_their_own():
    branches = [{"StartAt": name, "States": {name: TASK}} for name in ("X", "Y")]
    result = played({"A": {"Type": "Parallel", "Branches": branches, "End": True}}, 1)
    assert len({one.environment for one in served(result)}) == 2


def test_a_function_that_there_is_not_fails_its_task_as_lambda_says_it():
    result = played({"A": {**TASK, "Resource": WORKER.replace("worker", "nobody")}}, 1)
    assert of(result, WorkflowEnded)[0].error == "Lambda.ResourceNotFoundException"
    assert served(result) == []


def test_an_execution_that_wants_more_requests_than_a_run_plays_says_so(monkeypatch):
    monkeypatch.setattr(limits, "CALLED_REQUESTS_MAX", 2)
    inner = {"StartAt": "I", "States": {"I": TASK}}
    result = played({"A": {"Type": "Map", "Iterator": inner, "End": True}}, [1, 2, 3, 4])
    (ended,) = of(result, WorkflowEnded)
    assert (ended.status, ended.cause) == (
        "FAILED",
        "Holdover plays 2 such invocations in a run, and this is one more",
    )
    assert len(served(result)) == 2


def test_what_is_not_recorded_of_a_long_execution_is_counted(monkeypatch):
    monkeypatch.setattr(limits, "WORKFLOW_RECORDS_MAX", 10)
    monkeypatch.setattr(limits, "WORKFLOW_STATES_MAX", 20)
    states = {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}}
    result = played(states, 1)
    (ended,) = of(result, WorkflowEnded)
    # 21 entered, 20 left.
    assert (len(of(result, WorkflowMoved)), ended.left_out) == (10, 31)
    assert ended.cause.startswith("Holdover enters 20 states")


def test_a_service_that_a_state_calls_is_in_the_record_below_who_started_the_execution():
    call = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Parameters": {"QueueUrl": "q"},
        "End": True,
    }
    result = played({"A": call}, 1)
    sent = [each for each in of(result, AccountCalled) if each.by_lambda]
    assert [(each.service, each.operation, each.by_lambda, each.step, each.principal) for each in sent] == [
        ("sqs", "SendMessage", "workflow", 0, "boss")
    ]


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"told": [{"what": "invoke"}]}', b'{"told": 7}', b'{"more": "x", "y": 1}']
)
def test_what_an_accounts_process_says_is_believed_in_no_other_form(body):
    with pytest.raises(ProtocolViolation):
        read_news(body)
