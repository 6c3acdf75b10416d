"""The supervisor for real, where an environment serves several requests at once: AWS's own client does the rest."""

import json
import time

import pytest

from sandbox_runner.guest import wire

pytestmark = pytest.mark.namespace

ENVIRONMENT = {
    "AWS_LAMBDA_MAX_CONCURRENCY": "8",
    "AWS_LAMBDA_NODEJS_WORKER_COUNT": "1",
    "LAMBDA_TASK_ROOT": "/var/task",
}
# Answers those that wait once somebody says so: no clock decides who overlaps whom.
GATE = """
let held = [], current = "";
export const handler = async (event) => {
  current = event.user;
  console.log(`for ${event.user}`);
  if (event.opens) held.forEach((open) => open());
  else if (event.waits) await new Promise((open) => held.push(open));
  return { user: event.user, current };
};
"""


async def send(talk, request_id, payload, *, timeout_s=10.0):
    headers = {
        "Lambda-Runtime-Aws-Request-Id": request_id,
        "Lambda-Runtime-Deadline-Ms": str(int((time.time() + timeout_s) * 1000)),
        "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:012345678912:function:demo",
    }
    await talk.sandbox.send(wire.Invoke(request_id, int(timeout_s * 1e6), headers, json.dumps(payload).encode()))


async def start(talk, code, **environment):
    await talk.configure(code, runtime="nodejs24.x", environment=ENVIRONMENT | environment, concurrency=8)
    await talk.sandbox.send(wire.Init("init", 10_000_000))
    assert (await talk.hear(wire.InitDone)).done.status == "success"


async def until_done(talk, *request_ids):
    """Every message until these are done."""
    said, left = [], set(request_ids)
    while left:
        said.append(await talk.sandbox.receive())
        if isinstance(said[-1], wire.InvokeDone):
            left.remove(said[-1].request_id)
    return said


def of(said, kind, request_id):
    (found,) = [each for each in said if isinstance(each, kind) and each.request_id == request_id]
    return found


def lines(said):
    return [line.text for each in said if isinstance(each, wire.Logs) for line in each.lines]


async def test_a_request_is_begun_while_another_waits_and_both_are_answered_with_nothing_frozen(talk):
    await start(talk, GATE)
    await send(talk, "first", {"user": "alice", "waits": True})
    await talk.hear(wire.Started)
    await send(talk, "second", {"user": "bob", "opens": True})
    said = await until_done(talk, "first", "second")

    assert json.loads(of(said, wire.Answered, "first").body) == {"user": "alice", "current": "bob"}
    assert json.loads(of(said, wire.Answered, "second").body) == {"user": "bob", "current": "bob"}
    assert not any(isinstance(each, wire.Frozen | wire.Thawed) for each in said)
    assert {json.loads(line)["requestId"]: json.loads(line)["message"] for line in lines(said)} == {
        "first": "for alice",
        "second": "for bob",
    }


async def test_one_that_is_over_its_time_fails_alone_and_its_code_runs_on(talk):
    await start(talk, GATE)
    await send(talk, "late", {"user": "alice", "waits": True}, timeout_s=0.3)
    assert (await talk.hear(wire.InvokeDone)).done.status == "timeout"
    await send(talk, "next", {"user": "bob", "opens": True})
    said = await until_done(talk, "next")

    assert json.loads(of(said, wire.Answered, "next").body)["user"] == "bob"
    assert [each.request_id for each in said if isinstance(each, wire.Answered)] == ["next"]


async def test_a_streamed_answer_is_passed_on_as_a_whole(talk):
    await start(
        talk,
        """
        export const handler = awslambda.streamifyResponse(async (event, stream) => {
          stream.write("one, ");
          stream.end("two");
        });
        """,
    )
    await send(talk, "streamed", {})
    said = await until_done(talk, "streamed")

    assert of(said, wire.Answered, "streamed").body == b"one, two"


async def test_the_end_of_the_process_ends_all_that_it_served(talk):
    ends = GATE.replace("if (event.opens)", "if (event.ends) process.kill(process.pid, 'SIGKILL');\n  if (event.opens)")
    await start(talk, ends)
    await send(talk, "waiting", {"user": "alice", "waits": True})
    await talk.hear(wire.Started)
    await send(talk, "ending", {"user": "bob", "ends": True})
    said = await until_done(talk, "waiting", "ending")

    assert {of(said, wire.InvokeDone, each).status for each in ("waiting", "ending")} == {"exited"}
    assert of(said, wire.InvokeDone, "waiting").exit == "signal: killed"


async def test_a_wipe_ends_what_is_under_way_and_the_next_function_is_served_one_by_one(talk):
    await start(talk, GATE)
    await send(talk, "waiting", {"user": "alice", "waits": True}, timeout_s=0.3)
    await talk.hear(wire.Started)
    await talk.wipe()
    await talk.load("export const handler = async (event) => event;", runtime="nodejs24.x")

    assert (await talk.invoke(7)).answer == 7
