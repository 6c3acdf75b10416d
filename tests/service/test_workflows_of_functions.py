"""State machines in an account of moto's: started by code and by a caller, described by the API, their tasks ours."""

from __future__ import annotations

import json

from sandbox_runner.events.records import AccountCalled, WorkflowEnded
from sandbox_runner.results.model import Outcome
from sandbox_runner.run.runner import RunOptions
from sandbox_runner.scenario.reader import parse_scenario

OWN = "us-east-1:123456789012"
MACHINE = f"arn:aws:states:{OWN}:stateMachine:orders"
STARTER = """
import boto3
import json

def handler(event, context):
    sfn = boto3.client("stepfunctions")
    if "describe" in event:
        told = sfn.describe_execution(executionArn=event["describe"])
        kinds = [each["type"] for each in sfn.get_execution_history(executionArn=event["describe"])["events"]]
        return {"status": told["status"], "output": told.get("output"), "last": kinds[-1]}
    try:
        sfn.create_state_machine(name="broken", roleArn=event["role"], definition='{"StartAt": "A", "States": {}}')
    except sfn.exceptions.InvalidDefinition as problem:
        print(problem)
    sfn.start_execution(stateMachineArn=event["machine"], name="first", input=json.dumps({"id": "a-1"}))
    return "started"
"""
WORKER = """
import os

def handler(event, context):
    path = "/tmp/" + event["id"]
    if not os.path.exists(path):
        open(path, "w").close()
        raise ConnectionError("the other side is away")
    return {"charged": event["id"]}
"""
STATES = {
    "StartAt": "Charge",
    "States": {
        "Charge": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": "worker", "Payload.$": "$"},
            "ResultSelector": {"charged.$": "$.Payload.charged"},
            "Retry": [{"ErrorEquals": ["ConnectionError"], "IntervalSeconds": 120, "MaxAttempts": 2}],
            "Next": "Pause",
        },
        "Pause": {"Type": "Wait", "Seconds": 1800, "Next": "Keep"},
        "Keep": {
            "Type": "Task",
            "Resource": "arn:aws:states:::dynamodb:putItem",
            "Parameters": {"TableName": "orders", "Item": {"id": {"S.$": "$.charged"}}},
            "ResultPath": None,
            "End": True,
        },
    },
}


def function(code):
    return {
        "runtime": "python3.13",
        "handler": "app.handler",
        "memory_mb": 512,
        "timeout_s": 30,
        "files": {"app.py": code},
    }


def test_a_state_machine_is_started_by_code_and_its_tasks_waits_and_calls_are_those_of_the_run(engine):
    role = "arn:aws:iam::123456789012:role/workflow"
    table = {
        "TableName": "orders",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    machine = {"name": "orders", "roleArn": role, "definition": json.dumps(STATES)}
    described = MACHINE.replace("stateMachine", "execution") + ":first"
    steps = [
        {"invoke": {"function": "starter", "payload": {"machine": MACHINE, "role": role}, "as": "alice"}},
        {"idle": 3600},
        {"invoke": {"function": "starter", "payload": {"describe": described}, "as": "alice"}},
    ]
    asked = {
        "version": 2,
        "functions": {"starter": function(STARTER), "worker": function(WORKER)},
        "account": {
            "services": ["lambda", "dynamodb", "stepfunctions"],
            "resources": [{"dynamodb.create_table": table}, {"stepfunctions.create_state_machine": machine}],
        },
        "steps": steps,
    }

    result = engine.run(parse_scenario(asked), options=RunOptions(prove=False))

    by_function = {name: [one for one in result.invocations if one.function == name] for name in ("starter", "worker")}
    first, last = by_function["starter"]
    assert any("InvalidDefinition" in line for line in first.log)
    assert [one.outcome for one in by_function["worker"]] == [Outcome.FUNCTION_ERROR, Outcome.SUCCESS]
    assert {(one.principal, one.cause.state, one.cause.request) for one in by_function["worker"]} == {
        ("alice", "Charge", 1)
    }
    assert json.loads(last.response) == {
        "status": "SUCCEEDED",
        "output": '{"charged":"a-1"}',
        "last": "ExecutionSucceeded",
    }
    (ended,) = [event for event in result.events if isinstance(event.record, WorkflowEnded)]
    assert ended.service_at_us > 1_920_000_000
    calls = [each.record for each in result.events if isinstance(each.record, AccountCalled)]
    assert [(each.operation, each.status_code) for each in calls if each.by_lambda] == [("PutItem", 200)]
