"""The service on the fake backend: concurrency, throttles, and environments that come and go without a request."""

import asyncio
import json

import pytest

from sandbox_runner.errors import BackendUnavailable, SandboxLost
from sandbox_runner.events.records import (
    EnvironmentCreated,
    RequestArrived,
    RequestAssigned,
    RequestThrottled,
    ServiceWaited,
)
from sandbox_runner.guest import wire
from sandbox_runner.messages import say
from sandbox_runner.results.model import Outcome
from sandbox_runner.run.runner import RunOptions, play
from sandbox_runner.scenario.model import Scenario
from tests.builders import a_function, idle, invoke, recycle
from tests.fakes.backend import FakeBackend, FakeFunction, RuntimeExits, SandboxVanishes, TakesForever

UNPROVEN = RunOptions(prove=False)


def together(*payloads):
    return {"concurrent": [{"payload": payload} for payload in payloads]}


def initialize(count):
    return {"initialize": count}


def provisioned(count):
    return {"initialization": "provisioned-concurrency", "provisioned_concurrency": count}


def played(*steps, function=None, backend=None, **settings):
    backend = backend or FakeBackend(function or FakeFunction())
    scenario = Scenario.model_validate({"function": a_function(), "steps": list(steps), **settings})
    result = asyncio.run(play(scenario, backend, clock=backend.clock, options=UNPROVEN))
    assert backend.alive == {}
    return result


def of_kind(result, kind):
    return [each.record for each in result.events if isinstance(each.record, kind)]


def served(result):
    return [(each.environment, each.start) for each in result.invocations]


def made(result):
    return [(each.id, each.created_by) for each in result.environments]


def crash_on_demand(event, runtime):
    if event == "crash":
        raise RuntimeExits("exit status 1")
    return event


# --- concurrency --------------------------------------------------------------------------------------------------


def test_each_of_several_requests_at_once_has_an_environment_of_its_own():
    result = played(together("a", "b", "c"))
    assert served(result) == [("env-1", "cold"), ("env-2", "cold"), ("env-3", "cold")]
    assert [json.loads(each.response)["count"] for each in result.invocations] == [1, 1, 1]


def test_requests_of_one_step_arrive_at_the_same_moment():
    result = played(invoke(), together("a", "b", "c"))
    arrived = {event.at_us for event in result.events if isinstance(event.record, RequestArrived)}
    assert len(arrived) == 2


def test_a_request_goes_to_the_environment_that_was_used_last():
    result = played(together("a", "b", "c"), invoke())
    assert served(result)[-1] == ("env-3", "warm")


def test_or_to_the_one_that_was_used_longest_ago_where_that_is_asked_for():
    result = played(together("a", "b", "c"), invoke(), invoke(), placement="least-recently-used")
    assert served(result)[-2:] == [("env-1", "warm"), ("env-2", "warm")]


def test_what_is_over_the_reserved_concurrency_is_throttled_and_nothing_of_it_runs():
    result = played(together("a", "b", "c"), reserved_concurrency=2)
    assert [each.outcome for each in result.invocations] == [Outcome.SUCCESS, Outcome.SUCCESS, Outcome.THROTTLED]
    refused = result.invocations[2]
    assert (refused.status_code, refused.environment, refused.start) == (429, None, "none")
    assert refused.error_type == "ReservedFunctionConcurrentInvocationLimitExceeded"
    assert json.loads(refused.response)["message"] == "Rate Exceeded."
    assert len(result.environments) == 2


def test_a_throttled_request_makes_no_room_and_takes_none():
    result = played(together("a", "b"), together("c", "d"), reserved_concurrency=1)
    assert [each.outcome.value for each in result.invocations] == ["success", "throttled"] * 2
    assert len(of_kind(result, RequestThrottled)) == 2


def test_a_reservation_of_nothing_throttles_everything():
    result = played(invoke(), invoke(), reserved_concurrency=0)
    assert {each.outcome for each in result.invocations} == {Outcome.THROTTLED}
    assert result.environments == ()


@pytest.mark.parametrize(
    ("kind", "size", "said"),
    [
        ("sync", 6_291_457, "RequestResponse invocation type (limit 6291456 bytes)"),
        ("event", 1_048_577, "Event invocation type (limit 1048576 bytes)"),
    ],
)
def test_a_request_over_its_size_is_refused_as_lambda_refuses_it(kind, size, said):
    """Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html, RequestTooLargeException."""
    result = played({"invoke": {"payload_bytes": size, "type": kind}}, reserved_concurrency=0)
    (refused,) = result.invocations
    assert (refused.outcome, refused.status_code) == (Outcome.REQUEST_TOO_LARGE, 413)
    assert refused.error_type == "RequestTooLargeException"
    assert refused.response == f'{{"Message":"{size} byte payload is too large for the {said}"}}'
    assert (refused.environment, result.environments, result.log, result.asynchronous) == (None, (), (), ())


@pytest.mark.parametrize(("kind", "size"), [("sync", 6_291_456), ("event", 1_048_576)])
def test_a_request_of_exactly_its_size_is_played_and_described(kind, size):
    function = FakeFunction(lambda event, runtime: len(event))
    (one,) = played({"invoke": {"payload_bytes": size, "type": kind}}, function=function).invocations
    assert (one.outcome, json.loads(one.response)) == (Outcome.SUCCESS, size - 2)
    assert one.payload == f"a text of {size:,} bytes, made for this request"


def test_reserved_concurrency_does_not_cap_environments():
    result = played(initialize(3), invoke(), reserved_concurrency=1)
    assert len(result.environments) == 3


def test_fifty_at_once_are_served_by_fifty():
    result = played(together(*range(50)), together(*range(50)))
    assert {each.outcome for each in result.invocations} == {Outcome.SUCCESS}
    assert len(result.environments) == 50


def test_no_more_than_four_sandboxes_are_being_started_at_once():
    class Counted(FakeBackend):
        starting = most = 0

        async def start(self, spec):
            self.starting += 1
            self.most = max(self.most, self.starting)
            await asyncio.sleep(0)
            self.starting -= 1
            return await super().start(spec)

    backend = Counted()
    played(together(*range(20)), backend=backend)
    assert backend.most == 4


def test_when_one_of_several_fails_on_our_side_the_run_does_and_nothing_is_left():
    def handler(event, runtime):
        if event == "b":
            raise SandboxVanishes
        return event

    with pytest.raises(SandboxLost):
        played(together("a", "b", "c"), function=FakeFunction(handler))


def test_when_one_of_several_sandboxes_cannot_be_started_the_others_are_ended():
    class Third(FakeBackend):
        async def start(self, spec):
            if len(self.started) == 2:
                raise BackendUnavailable("no more")
            return await super().start(spec)

    backend = Third()
    with pytest.raises(BackendUnavailable):
        played(together("a", "b", "c"), backend=backend)
    assert backend.alive == {}


# --- ahead of requests --------------------------------------------------------------------------------------------


def test_a_prepared_environment_is_frozen_and_its_first_request_finds_it_warm():
    result = played(initialize(1), idle(5), invoke())
    (environment,) = result.environments
    assert environment.created_by == "proactive"
    assert [span.phase for span in environment.spans[:3]] == ["init", "frozen", "invoke"]
    assert environment.spans[1].end_us - environment.spans[1].start_us == 5_000_000
    assert served(result) == [("env-1", "warm")]


def test_the_first_report_of_a_prepared_environment_still_has_its_init():
    result = played(initialize(1), invoke(), invoke())
    assert [each.init_duration_ms for each in result.invocations] == [40.0, None]
    assert result.invocations[0].billed_duration_ms == 42


def test_a_prepared_environment_calls_itself_on_demand():
    function = FakeFunction(lambda event, runtime: runtime.environment["AWS_LAMBDA_INITIALIZATION_TYPE"])
    assert played(initialize(1), invoke(), function=function).invocations[0].response == '"on-demand"'


def test_an_environment_whose_preparation_failed_repeats_its_init_with_the_first_request():
    tries = []

    def module(runtime):
        tries.append(1)
        if len(tries) == 1:
            raise RuntimeExits("exit status 1")

    result = played(initialize(1), invoke(), function=FakeFunction(module=module))
    assert served(result) == [("env-1", "suppressed-init")]
    assert result.invocations[0].outcome is Outcome.SUCCESS


def test_an_environment_that_served_is_taken_before_one_that_never_did():
    result = played(invoke(), initialize(1), invoke())
    assert served(result) == [("env-1", "cold"), ("env-1", "warm")]


@pytest.mark.parametrize("spares", [True, False])
def test_after_a_reset_the_service_prepares_a_spare_where_it_may(spares):
    result = played(invoke("crash"), invoke(), function=FakeFunction(crash_on_demand), spare_environments=spares)
    assert made(result) == [("env-1", "request"), ("env-2", "proactive")][: 1 + spares]
    assert served(result) == [("env-1", "cold"), ("env-1", "suppressed-init")]


def test_when_concurrency_grows_the_service_prepares_one_spare():
    result = played(together("a", "b", "c"), together("a", "b", "c", "d"), spare_environments=True)
    assert sorted(created for _, created in made(result)) == ["proactive", "request", "request", "request"]
    assert {start for _, start in served(result)[3:]} == {"warm"}


def test_one_request_after_the_other_needs_no_spare():
    assert len(played(invoke(), invoke(), spare_environments=True).environments) == 1


def test_there_is_one_spare_however_many_environments_are_reset():
    result = played(
        together("crash", "crash"), invoke("crash"), function=FakeFunction(crash_on_demand), spare_environments=True
    )
    assert [created for _, created in made(result)].count("proactive") == 1


class SlowThird(FakeBackend):
    """The third sandbox that is asked for starts a while after the second."""

    def __init__(self):
        super().__init__()
        self.asked = 0
        self.second = asyncio.Event()

    async def start(self, spec):
        self.asked += 1
        if self.asked == 2:
            asyncio.get_running_loop().call_later(0.01, self.second.set)
        elif self.asked == 3:
            await self.second.wait()
        return await super().start(spec)


def test_a_request_that_waits_for_its_own_environment_is_given_a_spare_that_is_ready_first():
    backend = SlowThird()
    result = played(invoke(), together("a", "b"), backend=backend, spare_environments=True)
    assert sorted(made(result)) == [("env-1", "request"), ("env-2", "request"), ("env-3", "proactive")]
    assert served(result)[1:] == [("env-1", "warm"), ("env-3", "warm")]
    moved = [each for each in of_kind(result, RequestAssigned) if each.instead_of]
    assert [(each.index, each.instead_of) for each in moved] == [(3, "env-2")]


def test_the_environment_it_waited_for_is_frozen_and_serves_the_next():
    backend = SlowThird()
    result = played(invoke(), together("a", "b"), together("c", "d", "e"), backend=backend, spare_environments=True)
    assert sorted(served(result)[3:]) == [("env-1", "warm"), ("env-2", "warm"), ("env-3", "warm")]
    assert [span.phase for span in result.environments[1].spans[:3]] == ["init", "frozen", "invoke"]


def test_a_spare_whose_init_failed_is_given_to_nobody_who_waits():
    backend = SlowThird()
    backend.function = FakeFunction(module=_fails_in_the_second(backend))
    result = played(invoke(), together("a", "b"), backend=backend, spare_environments=True)
    assert served(result)[1:] == [("env-1", "warm"), ("env-2", "cold")]


def _fails_in_the_second(backend):
    def module(runtime):
        if len(backend.started) == 2:
            raise RuntimeExits("exit status 1")

    return module


# --- provisioned concurrency --------------------------------------------------------------------------------------


def test_provisioned_environments_are_ready_before_the_first_step():
    result = played(invoke(), **provisioned(2))
    types = [event.record.type for event in result.events]
    assert types.index("step.started") > max(at for at, kind in enumerate(types) if kind == "platform.initReport")
    assert [(each.created_by, each.initialization) for each in result.environments] == [
        ("provisioned", "provisioned-concurrency")
    ] * 2


def test_a_request_to_a_provisioned_environment_shows_no_init():
    result = played(invoke(), invoke(), **provisioned(1))
    assert served(result) == [("env-1", "provisioned"), ("env-1", "warm")]
    assert [each.init_duration_ms for each in result.invocations] == [None, None]
    assert [each.billed_duration_ms for each in result.invocations] == [2, 2]


def test_a_provisioned_environments_init_is_reported_by_itself():
    result = played(invoke(), **provisioned(1))
    assert [entry.line for entry in result.log if entry.line.startswith("INIT_REPORT")] == [
        "INIT_REPORT Init Duration: 40.00 ms"
    ]


def test_a_provisioned_environment_knows_what_it_is():
    function = FakeFunction(lambda event, runtime: runtime.environment["AWS_LAMBDA_INITIALIZATION_TYPE"])
    result = played(together(1, 2), function=function, **provisioned(1))
    assert [each.response for each in result.invocations] == ['"provisioned-concurrency"', '"on-demand"']


@pytest.mark.parametrize(("timeout_s", "limit_s"), [(3, 130), (900, 900)])
def test_a_provisioned_init_has_two_minutes_or_the_functions_timeout(timeout_s, limit_s):
    backend = FakeBackend()
    scenario = Scenario.model_validate(
        {"function": a_function(timeout_s=timeout_s), "steps": [invoke()], **provisioned(1)}
    )
    asyncio.run(play(scenario, backend, clock=backend.clock, options=UNPROVEN))
    (init,) = [each for each in backend.started[0].received if isinstance(each, wire.Init)]
    assert init.limit_us == limit_s * 1_000_000


def test_what_the_provisioned_environments_cannot_serve_spills_over():
    result = played(together("a", "b", "c"), **provisioned(2))
    assert [each.start for each in result.invocations] == ["provisioned", "provisioned", "cold"]
    assert result.environments[2].initialization == "on-demand"


def test_nothing_spills_over_where_all_that_is_reserved_is_provisioned():
    result = played(together("a", "b", "c"), reserved_concurrency=2, **provisioned(2))
    assert [each.outcome.value for each in result.invocations] == ["success", "success", "throttled"]


def test_recycled_provisioned_environments_are_initialised_anew():
    result = played(invoke(), recycle(), invoke(), **provisioned(2))
    assert served(result) == [("env-1", "provisioned"), ("env-3", "provisioned")]
    assert [each.ended_by for each in result.environments] == ["spindown", "spindown", "run-ended", "run-ended"]


def test_a_reset_of_a_provisioned_environment_costs_a_suppressed_init_as_usual():
    result = played(invoke("crash"), invoke(), function=FakeFunction(crash_on_demand), **provisioned(1))
    assert served(result) == [("env-1", "provisioned"), ("env-1", "suppressed-init")]
    assert result.invocations[1].duration_ms == 42.0


# --- the init limit -----------------------------------------------------------------------------------------------


def test_a_lowered_init_limit_holds_and_is_said():
    def module(runtime):
        if not runtime.tmp:
            runtime.tmp["tried"] = "yes"
            raise TakesForever

    result = played(invoke(), function=FakeFunction(module=module), init_limit=0.5)
    init, again = result.environments[0].spans[:2]
    assert (init.end_us - init.start_us, init.status, again.phase) == (500_000, "timeout", "suppressed-init")
    assert result.backend.fidelity["init-limit"] == say("init-limit-changed", seconds=0.5, lambda_s=10)


def test_without_one_nothing_is_said():
    assert "init-limit" not in played(invoke()).backend.fidelity


# --- ends ---------------------------------------------------------------------------------------------------------


def test_one_recycling_ends_the_environment_that_was_used_longest_ago():
    result = played(together("a", "b"), {"recycle": "one"}, together("c", "d"))
    assert [each.ended_by for each in result.environments] == ["spindown", "run-ended", "run-ended"]
    assert served(result)[2:] == [("env-2", "warm"), ("env-3", "cold")]


def test_one_recycling_of_nothing_ends_nothing():
    assert len(played({"recycle": "one"}, invoke()).environments) == 1


@pytest.mark.parametrize(("waits", "start"), [(299, "warm"), (300, "cold"), (3600, "cold")])
def test_an_environment_that_nobody_uses_for_too_long_is_ended(waits, start):
    result = played(invoke(), idle(waits), invoke(), spin_down_after="5m")
    assert result.invocations[1].start == start


def test_the_idle_time_runs_from_the_last_use():
    result = played(invoke(), idle(200), invoke(), idle(200), invoke(), spin_down_after="5m")
    assert [each.start for each in result.invocations] == ["cold", "warm", "warm"]


def test_an_environment_ends_at_its_moment_within_a_longer_wait():
    result = played(invoke(), idle(1000), spin_down_after=300)
    ended = next(event for event in result.events if event.record.type == "environment.terminated")
    assert ended.service_at_us == 42_000 + 300_000_000
    assert [round(each.seconds) for each in of_kind(result, ServiceWaited)] == [300, 700]


def test_provisioned_environments_are_held_however_long_nobody_uses_them():
    result = played(idle(3600), invoke(), spin_down_after=60, **provisioned(1))
    assert served(result) == [("env-1", "provisioned")]


def test_environments_are_named_in_the_order_in_which_they_were_asked_for():
    result = played(initialize(2), together(1, 2, 3), **provisioned(1))
    assert [name for name, _ in made(result)] == ["env-1", "env-2", "env-3"]
    assert len(of_kind(result, EnvironmentCreated)) == 3
