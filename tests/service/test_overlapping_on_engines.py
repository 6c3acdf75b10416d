"""An environment that serves several requests at once, by AWS's own client, in real sandboxes."""

import json
from collections import Counter
from textwrap import dedent

from sandbox_runner.events.records import EnvironmentFrozen, PlatformStart
from sandbox_runner.run.runner import RunOptions
from sandbox_runner.scenario.model import Scenario

# Whoever asks for it waits until somebody opens: no clock decides who overlaps whom.
HANDLER = """
const type = process.env.AWS_LAMBDA_INITIALIZATION_TYPE;
const held = [];
export const handler = async (event) => {
  console.log(`for ${event.user}`);
  if (event.ends) process.kill(process.pid, "SIGKILL");
  if (event.opens) held.forEach((open) => open());
  else if (event.waits) await new Promise((open) => held.push(open));
  return { user: event.user, most: process.env.AWS_LAMBDA_MAX_CONCURRENCY, type };
};
"""


def played(engine, *steps, most=2, **function):
    asked = {
        "runtime": "nodejs24.x",
        "handler": "index.handler",
        "files": {"index.mjs": HANDLER},
        "log_format": "json",
        "timeout_s": 20,
        "memory_mb": 256,
        **function,
    }
    scenario = Scenario.model_validate({"function": asked, "concurrency_per_environment": most, "steps": list(steps)})
    return engine.run(scenario, options=RunOptions(prove=False))


def at_once(*payloads):
    return {"concurrent": [{"payload": each} for each in payloads]}


def users(result):
    return [json.loads(each.response).get("user") for each in result.invocations]


def test_as_many_requests_as_there_is_room_for_are_under_way_in_one_environment_and_the_next_has_another(engine):
    result = played(
        engine,
        at_once({"user": "a", "waits": True}, {"user": "b", "opens": True}, {"user": "c"}),
        {"idle": 0.2},
        {"invoke": {"payload": {"user": "d"}}},
    )
    assert users(result) == ["a", "b", "c", "d"]
    assert [each.environment for each in result.invocations][:3] == ["env-1", "env-1", "env-2"]
    assert [each.start for each in result.invocations] == ["cold", "cold", "cold", "warm"]
    said = json.loads(result.invocations[0].response)
    assert (said["most"], said["type"]) == ("2", "lambda-managed-instances")
    for user, each in zip("abcd", result.invocations, strict=True):
        assert [json.loads(line)["message"] for line in each.log if '"message"' in line] == [f"for {user}"]
    assert not any(isinstance(each.record, EnvironmentFrozen) for each in result.events)

    first = next(each for each in result.environments if each.id == "env-1")
    one, other = (each for each in first.spans if each.request_id in _ids(result, 0, 1))
    assert max(one.start_us, other.start_us) < min(one.end_us, other.end_us)
    assert Counter(each.phase for each in first.spans)["frozen"] == 0
    reports = [json.loads(each.line) for each in result.log if "platform.report" in each.line]
    assert [set(each["record"]["metrics"]) for each in reports] == [{"durationMs"}] * 4


def test_who_is_over_its_time_fails_alone_and_the_environment_goes_on(engine):
    result = played(engine, at_once({"user": "a", "waits": True}), {"invoke": {"payload": {"user": "b"}}}, timeout_s=1)
    assert [each.outcome for each in result.invocations] == ["timeout", "success"]
    assert {each.environment for each in result.invocations} == {"env-1"}


def test_with_the_process_all_that_it_served_ends_and_so_does_the_environment(engine):
    result = played(
        engine,
        at_once({"user": "a", "waits": True}, {"user": "b", "ends": True}),
        {"invoke": {"payload": {"user": "c"}}},
    )
    assert [each.outcome for each in result.invocations] == ["runtime-exit", "runtime-exit", "success"]
    assert [each.environment for each in result.invocations] == ["env-1", "env-1", "env-2"]
    assert result.environments[0].ended_by == "failure"


def test_a_failed_init_is_told_to_all_who_wait_for_it_and_repeated_in_no_invocation(engine):
    result = played(engine, at_once({"user": "a"}, {"user": "b"}), files={"index.mjs": "throw new Error('no');"})
    assert [each.outcome for each in result.invocations] == ["init-error", "init-error"]
    assert not any(isinstance(each.record, PlatformStart) for each in result.events)
    assert len(result.environments) == 1


def test_python_has_a_process_for_each_request_at_once(engine):
    code = """
    import logging, os, time
    logging.getLogger().setLevel("INFO")
    def handler(event, context):
        logging.info("for %s", event["user"])
        mine = f"/tmp/{event['user']}"
        open(mine, "w").close()
        deadline = time.monotonic() + 15
        while event["waits_for"] not in os.listdir("/tmp") and time.monotonic() < deadline:
            time.sleep(0.01)
        return {"user": event["user"], "process": os.getpid()}
    """
    result = played(
        engine,
        at_once({"user": "a", "waits_for": "b"}, {"user": "b", "waits_for": "a"}),
        runtime="python3.13",
        handler="app.handler",
        files={"app.py": dedent(code)},
    )
    assert users(result) == ["a", "b"]
    assert {each.environment for each in result.invocations} == {"env-1"}
    assert len({json.loads(each.response)["process"] for each in result.invocations}) == 2
    for user, each in zip("ab", result.invocations, strict=True):
        assert [json.loads(line)["message"] for line in each.log if '"message"' in line] == [f"for {user}"]


def _ids(result, *rows):
    return {result.invocations[row].request_id for row in rows}
