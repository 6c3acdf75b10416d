"""Functions that invoke each other through AWS's own SDKs, in real sandboxes, with the proof of the verdict."""

from __future__ import annotations

import json

from sandbox_runner.events.records import AccountCalled, ReplayAnswered
from sandbox_runner.results.model import Outcome, Verdict
from sandbox_runner.run.runner import RunOptions
from sandbox_runner.scenario.reader import parse_scenario

# Keeps nothing, and passes on what it is told, with more beside it than a result shows.
FRONT = """
import json
import boto3

functions = boto3.client("lambda")

def handler(event, context):
    answer = functions.invoke(FunctionName="worker", Payload=json.dumps({"user": event["user"], "more": "x" * 300_000}))
    return {"name": json.load(answer["Payload"])["name"]}
"""
# Keeps the first user it hears of.
WORKER = """
let first;
export const handler = async (event) => {
  first ??= event.user;
  return { name: first };
};
"""
# Every way to invoke, and every error, by the SDK for JavaScript.
ASKING = """
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
const client = new LambdaClient({ maxAttempts: 1 });
const ask = async (FunctionName, Payload, more = {}) => {
  try {
    const answer = await client.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(Payload), ...more }));
    const log = answer.LogResult && Buffer.from(answer.LogResult, "base64").toString();
    return {
      status: answer.StatusCode, error: answer.FunctionError, version: answer.ExecutedVersion,
      said: Buffer.from(answer.Payload ?? []).toString(), logged: log?.includes("got it"),
    };
  } catch (problem) {
    return { name: problem.name, message: problem.message, status: problem.$metadata?.httpStatusCode };
  }
};
export const handler = async () => ({
  well: await ask("echo", { n: 1 }, { LogType: "Tail" }),
  failed: await ask("arn:aws:lambda:us-east-1:123456789012:function:echo", { fail: true }),
  dry: await ask("echo", {}, { InvocationType: "DryRun" }),
  event: await ask("echo", { n: 2 }, { InvocationType: "Event" }),
  unknown: await ask("nobody", {}),
  throttled: await ask("closed", {}),
});
"""
ECHO = """
def handler(event, context):
    print("got it")
    if event.get("fail"):
        raise ValueError("no")
    return event
"""
# Pushes to everybody, and dies half-way.
PARENT = """
import json
import boto3

functions = boto3.client("lambda")

def handler(event, context):
    for number, user in enumerate(event["users"]):
        if number == 1:
            raise RuntimeError("half-way")
        functions.invoke(FunctionName="echo", InvocationType="Event", Payload=json.dumps({"push": user}))
"""


def function(code, **fields):
    """One function of a scenario."""
    is_node = "export const" in code
    files = {"index.mjs" if is_node else "app.py": code}
    runtime, handler = ("nodejs22.x", "index.handler") if is_node else ("python3.13", "app.handler")
    return {"runtime": runtime, "handler": handler, "files": files, "timeout_s": 60, "memory_mb": 512, **fields}


def play(engine, functions, *steps, prove=False):
    """The result of these steps."""
    asked = {"version": 2, "functions": functions, "account": {}, "steps": list(steps)}
    return engine.run(parse_scenario(asked), options=RunOptions(prove=prove, proof_s=60))


def to(name, payload, principal="alice", kind="sync"):
    """A request."""
    return {"invoke": {"function": name, "payload": payload, "as": principal, "type": kind}}


def test_what_a_called_function_held_over_is_found_there_and_its_caller_is_not_accused(engine):
    functions = {"front": function(FRONT), "worker": function(WORKER)}
    steps = [to("front", {"user": "alice-7Qx"}, "alice"), to("front", {"user": "bob-91Kz"}, "bob")]

    result = play(engine, functions, *steps, prove=True)

    assert [json.loads(each.response) for each in result.invocations] == [{"name": "alice-7Qx"}] * 4
    assert [(each.index, each.function, each.called_by, each.principal) for each in result.invocations] == [
        (1, "front", None, "alice"),
        (2, "front", None, "bob"),
        (3, "worker", 1, "alice"),
        (4, "worker", 2, "bob"),
    ]
    assert [
        each.operation for each in (event.record for event in result.events) if isinstance(each, AccountCalled)
    ] == [
        "Invoke",
        "Invoke",
    ]
    assert result.verdict is Verdict.LEAK
    assert {(each.function, each.confidence) for each in result.findings} == {("worker", "proven")}
    assert result.findings[0].location.path == "index.first"
    assert [(each.service, each.name, each.reader.invocation) for each in result.passages] == [("lambda", "worker", 2)]
    alone = [
        each.record for each in result.events if isinstance(each.record, ReplayAnswered) and each.record.index == 2
    ]
    assert {each.response for each in alone} == {'{"name": "alice-7Qx"}'}


def test_an_sdk_reads_every_answer_of_an_invocation(engine):
    functions = {"front": function(ASKING), "echo": function(ECHO), "closed": function(ECHO, reserved_concurrency=0)}

    result = play(engine, functions, to("front", {}))

    said = json.loads(result.invocations[0].response)
    assert said["well"] == {"status": 200, "version": "$LATEST", "said": '{"n": 1}', "logged": True}
    assert (said["failed"]["status"], said["failed"]["error"]) == (200, "Unhandled")
    assert json.loads(said["failed"]["said"])["errorType"] == "ValueError"
    assert (said["dry"]["status"], said["event"]["status"]) == (204, 202)
    assert said["unknown"] == {
        "name": "ResourceNotFoundException",
        "message": "Function not found: arn:aws:lambda:us-east-1:123456789012:function:nobody",
        "status": 404,
    }
    assert (said["throttled"]["name"], said["throttled"]["status"]) == ("TooManyRequestsException", 429)
    outcomes = [(each.function, each.invocation_type, each.outcome) for each in result.invocations[1:]]
    assert outcomes == [
        ("echo", "sync", Outcome.SUCCESS),
        ("echo", "sync", Outcome.FUNCTION_ERROR),
        ("echo", "event", Outcome.SUCCESS),
        ("closed", "sync", Outcome.THROTTLED),
    ]


def test_a_parent_that_dies_half_way_and_is_retried_starts_its_children_again(engine):
    functions = {"parent": function(PARENT), "echo": function(ECHO)}

    result = play(engine, functions, to("parent", {"users": ["ann", "ben"]}, kind="event"))

    parents = [each for each in result.invocations if each.function == "parent"]
    pushes = [json.loads(each.response) for each in result.invocations if each.function == "echo"]
    assert [(each.attempt, each.outcome) for each in parents] == [(n, Outcome.FUNCTION_ERROR) for n in (1, 2, 3)]
    assert pushes == [{"push": "ann"}] * 3
    assert {each.called_by for each in result.invocations if each.function == "echo"} == {1}
