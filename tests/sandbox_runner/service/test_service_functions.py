"""Several functions on the fake backend: each has environments, limits, retries and a log of its own."""

import asyncio
import json

import pytest

from sandbox_runner.events.records import EnvironmentCreated, ReplayStarted, RequestArrived, RequestThrottled
from sandbox_runner.proof.replays import ReplayRequest
from sandbox_runner.proof.sandbox_replayer import FunctionReplayers
from sandbox_runner.results.model import Outcome, RunResult, Verdict
from sandbox_runner.run.runner import RunOptions, play
from sandbox_runner.scenario.model import Scenario
from sandbox_runner.verdict.evidence.planning import first_plan
from sandbox_runner.verdict.evidence.reading import read_facts
from tests.builders import a_function, idle, invoke
from tests.fakes.backend import FakeBackend, FakeFunction

UNPROVEN = RunOptions(prove=False)


def to(function, payload=None, **request):
    return {"invoke": {"payload": payload, "function": function, **request}}


def two(*steps, front=None, worker=None, **settings):
    functions = {"front": a_function(**(front or {})), "worker": a_function(**(worker or {}))}
    return Scenario.model_validate({"version": 2, "functions": functions, "steps": list(steps), **settings})


def name_and_history(event, runtime):
    """Answers the function's name and what this process was asked before."""
    seen = runtime.globals.setdefault("seen", [])
    seen.append(event)
    runtime.log(f"asked {event}")
    if event == "fail":
        raise ValueError(event)
    return {"name": runtime.environment["AWS_LAMBDA_FUNCTION_NAME"], "seen": list(seen)}


def played(scenario, *, options=UNPROVEN):
    backend = FakeBackend(FakeFunction(name_and_history))
    result = asyncio.run(play(scenario, backend, clock=backend.clock, options=options))
    assert backend.alive == {}
    return result


def answers(result):
    return [json.loads(each.response) for each in result.invocations]


def made(result):
    return [(each.id, each.function) for each in result.environments]


# --- who serves whom ----------------------------------------------------------------------------------------------


def test_a_request_is_served_by_the_function_that_it_names_and_no_environment_serves_two():
    result = played(two(to("front", 1), to("worker", 2), to("front", 3)))
    assert answers(result) == [
        {"name": "front", "seen": [1]},
        {"name": "worker", "seen": [2]},
        {"name": "front", "seen": [1, 3]},
    ]
    assert [each.environment for each in result.invocations] == ["env-1", "env-2", "env-1"]


def test_records_and_results_say_which_function_they_are_about():
    result = played(two(to("front", 1), to("worker", 2)))
    names = ["front", "worker"]
    assert made(result) == [("env-1", "front"), ("env-2", "worker")]
    assert [each.function for each in result.invocations] == names
    assert list(dict.fromkeys(each.function for each in result.log)) == names
    of_kind = {
        kind: [each.record.function for each in result.events if isinstance(each.record, kind)]
        for kind in (RequestArrived, EnvironmentCreated)
    }
    assert list(of_kind.values()) == [names, names]


def fields(data):
    """Every field's name, but those of what a sentence is about."""
    if isinstance(data, dict):
        for name, inside in data.items():
            yield name
            if name != "params":
                yield from fields(inside)
    elif isinstance(data, list):
        for each in data:
            yield from fields(each)


def test_nothing_says_so_where_there_is_one_function_without_a_name():
    result = played(Scenario.model_validate({"function": a_function(), "steps": [invoke(1)]}))
    assert "function" not in set(fields([each.to_json() for each in result.events]))
    parts = result.to_json()
    for kind in ("invocations", "environments", "log"):
        assert all("function" not in each for each in parts[kind])


def test_a_result_of_several_functions_is_read_again_from_its_json():
    result = played(two(to("front", 1), to("worker", 2, type="event")))
    assert RunResult.model_validate_json(json.dumps(result.to_json())) == result


def test_functions_at_the_same_moment_have_an_environment_each():
    result = played(two({"concurrent": [{"function": "front"}, {"function": "worker"}]}))
    assert made(result) == [("env-1", "front"), ("env-2", "worker")]
    assert len({each.record.index for each in result.events if isinstance(each.record, RequestArrived)}) == 2


# --- each its own settings ----------------------------------------------------------------------------------------


def test_reserved_concurrency_holds_one_function_alone():
    together = {"concurrent": [{"function": name} for name in ("front", "front", "worker", "worker")]}
    result = played(two(together, front={"reserved_concurrency": 1}))
    assert [each.outcome for each in result.invocations] == [
        Outcome.SUCCESS,
        Outcome.THROTTLED,
        Outcome.SUCCESS,
        Outcome.SUCCESS,
    ]
    assert sum(isinstance(each.record, RequestThrottled) for each in result.events) == 1


def test_provisioned_concurrency_is_the_functions_own():
    provisioned = {"initialization": "provisioned-concurrency", "provisioned_concurrency": 2}
    result = played(two(to("front"), to("worker"), worker=provisioned))
    assert [(each.function, each.created_by) for each in result.environments] == [
        ("worker", "provisioned"),
        ("worker", "provisioned"),
        ("front", "request"),
    ]
    assert [each.start for each in result.invocations] == ["cold", "provisioned"]


def test_each_function_retries_as_often_as_it_says():
    steps = (to("front", "fail", type="event"), to("worker", "fail", type="event"))
    result = played(two(*steps, front={"max_retry_attempts": 0}, worker={"max_retry_attempts": 1}))
    assert [(each.function, each.attempts) for each in result.asynchronous] == [("front", 1), ("worker", 2)]
    arns = [each.destination["requestContext"]["functionArn"] for each in result.asynchronous]
    assert [arn.split(":")[6] for arn in arns] == ["front", "worker"]


def test_an_asynchronous_request_of_one_function_goes_on_beside_the_other():
    result = played(two(to("front", "fail", type="event"), idle(70), to("worker", 1)))
    assert [each.outcome for each in result.invocations if each.function == "worker"] == [Outcome.SUCCESS]
    assert result.asynchronous[0].attempts == 3


def test_each_function_has_the_log_format_that_it_says():
    result = played(two(to("front"), to("worker"), worker={"log_format": "json"}))
    platform = {
        name: [each.line for each in result.log if each.function == name and each.source == "platform"]
        for name in ("front", "worker")
    }
    assert platform["front"][0].startswith("INIT_START")
    assert all(line.startswith('{"time"') for line in platform["worker"])


def test_environments_are_prepared_for_the_function_that_is_named():
    result = played(two({"initialize": 2, "function": "worker"}, to("front"), to("worker")))
    assert [each.function for each in result.environments] == ["worker", "worker", "front"]
    assert [each.start for each in result.invocations] == ["cold", "warm"]


def test_a_recycling_ends_the_environments_of_every_function():
    result = played(two(to("front", 1), to("worker", 1), {"recycle": "all"}, to("front", 2), to("worker", 2)))
    assert [each.start for each in result.invocations] == ["cold"] * 4


def test_a_recycling_of_one_function_leaves_the_others():
    steps = (to("front", 1), to("worker", 1), {"recycle": "all", "function": "front"}, to("front", 2), to("worker", 2))
    assert [each.start for each in played(two(*steps)).invocations] == ["cold", "cold", "cold", "warm"]


def test_a_recycling_of_one_environment_ends_the_one_that_was_used_longest_ago_whosever_it_is():
    steps = (to("front"), to("worker"), to("front"), {"recycle": "one"}, to("front"), to("worker"))
    assert [each.start for each in played(two(*steps)).invocations] == ["cold", "cold", "warm", "warm", "cold"]


# --- the proof ----------------------------------------------------------------------------------------------------


def test_a_replay_runs_the_function_that_its_requests_invoked():
    async def story():
        backend = FakeBackend(FakeFunction(name_and_history))
        replayers = FunctionReplayers(two(to("front"), to("worker")), backend, backend.clock, owner="o")
        try:
            return [
                await replayers.play([ReplayRequest(index, "null")], probe=False, purpose="history", round=1)
                for index in (1, 2)
            ]
        finally:
            await replayers.close()
            assert backend.alive == {}

    replays = asyncio.run(story())
    assert [json.loads(each.answers[0].response)["name"] for each in replays] == ["front", "worker"]


def test_a_replay_across_functions_is_refused():
    async def story():
        backend = FakeBackend(FakeFunction(name_and_history))
        replayers = FunctionReplayers(two(to("front"), to("worker")), backend, backend.clock, owner="o")
        requests = [ReplayRequest(1, "null"), ReplayRequest(2, "null")]
        await replayers.play(requests, probe=False, purpose="history", round=1)

    with pytest.raises(ValueError, match="requests of the functions front, worker"):
        asyncio.run(story())


def test_every_replay_of_a_proof_is_of_one_function():
    alice, bob = {"as": "alice"}, {"as": "bob"}
    steps = [to(name, f"{name}-{n}", **who) for n in (1, 2) for name in ("front", "worker") for who in (alice, bob)]
    result = played(two(*steps), options=RunOptions())
    of = {each.index: each.function for each in result.invocations}
    played_again = [each.record for each in result.events if isinstance(each.record, ReplayStarted)]
    assert played_again
    assert all(len({of[index] for index in each.indexes}) == 1 for each in played_again)
    assert result.verdict is Verdict.LEAK
    assert {each.function for each in result.findings} == {"front", "worker"}
    for finding in result.findings:
        about = {each.invocation for each in (finding.writer, finding.reader) if each and each.invocation}
        assert {of[index] for index in about} == {finding.function}


def test_what_is_sent_to_one_function_and_answered_by_another_is_no_leak():
    """Alice's own value comes out of one function only; the other never had it in its environment."""
    steps = [to("front", "alices-secret-one", **{"as": "alice"}), to("worker", "bobs-secret-two", **{"as": "bob"})]
    result = played(two(*steps), options=RunOptions())
    assert (result.verdict, result.findings) == (Verdict.NOTHING_TO_COMPARE, ())


def test_equal_payloads_of_two_functions_share_no_fresh_answer():
    steps = [to(name, payload) for payload in ("x", "x") for name in ("front", "worker")]
    result = played(two(*steps), options=RunOptions())
    facts = read_facts(result.scenario, result.events)
    for index, request in facts.requests.items():
        names = {json.loads(each.response)["name"] for each in facts.controls(index)}
        assert names == {request.function}


def test_a_plan_compares_equal_payloads_once_for_each_function():
    steps = [to(name, payload) for payload in ("x", "y", "y") for name in ("front", "worker")]
    scenario = two(*steps)
    result = played(scenario)
    plan, _ = first_plan(read_facts(scenario, result.events), 60)
    assert {each.indexes[0] for each in plan if each.purpose == "history"} == {3, 4}
