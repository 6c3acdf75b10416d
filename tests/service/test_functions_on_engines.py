"""A Python and a Node function in one scenario, in real sandboxes, with the proof of the verdict."""

import json

from sandbox_runner.events.records import ReplayStarted
from sandbox_runner.results.model import Verdict
from sandbox_runner.run.runner import RunOptions
from sandbox_runner.scenario.reader import parse_scenario

# Hands the message of the request before to the next one.
FRONT = """
last = None

def handler(event, context):
    global last
    before, last = last, event["message"]
    print("front", context.function_name)
    return {"name": context.function_name, "before": before}
"""
# Keeps nothing of its requests.
WORKER = """
export const handler = async (event, context) => {
  console.log("worker", context.functionName);
  return { name: context.functionName, message: event.message };
};
"""
FUNCTIONS = {
    "front": {"runtime": "python3.13", "handler": "app.handler", "files": {"app.py": FRONT}, "memory_mb": 256},
    "worker": {
        "runtime": "nodejs22.x",
        "handler": "index.handler",
        "files": {"index.mjs": WORKER},
        "log_format": "json",
    },
}


def to(function, message, principal):
    return {"invoke": {"function": function, "payload": {"message": message}, "as": principal}}


def test_two_functions_of_two_languages_are_played_side_by_side_and_only_the_one_that_leaks_is_found(engine):
    steps = [
        to(function, f"{function}-secret-of-{principal}", principal)
        for principal in ("alice", "bob")
        for function in ("front", "worker")
    ]
    scenario = parse_scenario({"version": 2, "functions": FUNCTIONS, "steps": steps})
    result = engine.run(scenario, options=RunOptions(proof_s=60))

    answers = [json.loads(each.response) for each in result.invocations]
    assert [each["name"] for each in answers] == ["front", "worker", "front", "worker"]
    assert [(each.id, each.function) for each in result.environments] == [("env-1", "front"), ("env-2", "worker")]
    memory = {
        each.function: each.line for each in result.log if "REPORT" in each.line or "platform.report" in each.line
    }
    assert "Memory Size: 256 MB" in memory["front"]
    assert json.loads(memory["worker"])["record"]["metrics"]["memorySizeMB"] == 128

    assert result.verdict is Verdict.LEAK
    (finding,) = result.findings
    assert (finding.function, finding.runtime, finding.confidence) == ("front", "python3.13", "proven")
    assert finding.location.path == "app.last"
    assert {line.file for line in finding.sources} == {"front/app.py"}
    of = {each.index: each.function for each in result.invocations}
    replays = [each.record for each in result.events if isinstance(each.record, ReplayStarted)]
    assert {frozenset(of[index] for index in each.indexes) for each in replays} == {
        frozenset({"front"}),
        frozenset({"worker"}),
    }
