"""Whatever a scenario asks for: what holds of the service in every run."""

import asyncio
from collections import Counter
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox_runner.events.records import RequestAssigned
from sandbox_runner.results.model import Outcome
from sandbox_runner.run.runner import RunOptions, play
from sandbox_runner.scenario.contradictions import contradictions
from sandbox_runner.scenario.model import Scenario, requests_of
from tests.builders import a_function
from tests.fakes.backend import FakeBackend, FakeFunction, RuntimeExits, TakesForever

PAYLOADS = st.sampled_from(["fine", "raises", "crashes", "hangs"])
REQUESTS = st.fixed_dictionaries({"payload": PAYLOADS, "type": st.sampled_from(["sync", "event"])})
STEPS = st.one_of(
    st.builds(lambda request: {"invoke": request}, REQUESTS),
    st.builds(lambda requests: {"concurrent": requests}, st.lists(REQUESTS, min_size=1, max_size=4)),
    st.builds(lambda seconds: {"idle": seconds}, st.sampled_from([0, 1, 45, 90, 600])),
    st.builds(lambda count: {"initialize": count}, st.integers(1, 2)),
    st.builds(lambda which: {"recycle": which}, st.sampled_from(["all", "one"])),
)
SETTINGS = st.fixed_dictionaries(
    {
        "reserved_concurrency": st.sampled_from([None, 0, 1, 2, 3]),
        "max_retry_attempts": st.integers(0, 2),
        "max_event_age_s": st.sampled_from([60, 130, 21_600]),
        "placement": st.sampled_from(["most-recently-used", "least-recently-used"]),
        "spare_environments": st.booleans(),
        "spin_down_after": st.sampled_from([None, 0, 60]),
        "provisioned_concurrency": st.integers(0, 2),
    }
)


def misbehave(event, runtime):
    runtime.take(0.5)
    if event == "raises":
        raise RuntimeError("no")
    if event == "crashes":
        raise RuntimeExits("exit status 1")
    if event == "hangs":
        raise TakesForever
    return event


@st.composite
def scenarios(draw):
    """Scenarios that do not contradict themselves."""
    asked = draw(SETTINGS)
    provisioned = asked["provisioned_concurrency"] > 0
    asked["initialization"] = "provisioned-concurrency" if provisioned else "on-demand"
    steps = draw(st.lists(STEPS, min_size=1, max_size=6))
    scenario = Scenario.model_validate({"function": a_function(), "steps": steps, **asked})
    return scenario if next(contradictions(scenario), None) is None else draw(scenarios())


def played(scenario):
    backend = FakeBackend(FakeFunction(misbehave))
    result = asyncio.run(play(scenario, backend, clock=backend.clock, options=RunOptions(prove=False)))
    return result, backend


def turns(result):
    """``(environment, begins or ends)`` of each attempt, in the order of the log."""
    for event in result.events:
        if isinstance(event.record, RequestAssigned):
            if event.record.instead_of is not None:
                yield event.record.instead_of, False
            yield event.environment, True
        elif event.record.type == "platform.report":
            yield event.environment, False


@settings(max_examples=150, deadline=None)
@given(scenarios())
def test_nothing_is_left_and_every_request_has_its_row(scenario):
    result, backend = played(scenario)
    assert backend.alive == {}
    assert result.ended == "done"
    asked = [index for index, _, _ in scenario.requests()]
    assert sorted({each.index for each in result.invocations}) == asked
    assert all(each.outcome is not Outcome.NOT_PLAYED for each in result.invocations)


@settings(max_examples=150, deadline=None)
@given(scenarios())
def test_an_environment_serves_one_at_a_time_and_never_more_run_than_are_reserved(scenario):
    result, _ = played(scenario)
    busy = Counter()
    for environment, begins in turns(result):
        busy[environment] += 1 if begins else -1
        assert busy[environment] in {0, 1}
        assert scenario.reserved_concurrency is None or busy.total() <= scenario.reserved_concurrency
    assert busy.total() == 0


@settings(max_examples=150, deadline=None)
@given(scenarios())
def test_the_lives_of_environments_are_whole(scenario):
    result, _ = played(scenario)
    for environment in result.environments:
        assert environment.spans[0].phase == "init"
        assert environment.spans[-1].phase == "shutdown"
        assert all(before.end_us <= after.start_us for before, after in pairwise(environment.spans))
    alive_at_the_end = [each for each in result.environments if each.ended_by == "run-ended"]
    assert sum(each.created_by == "provisioned" for each in alive_at_the_end) == scenario.provisioned_concurrency


@settings(max_examples=150, deadline=None)
@given(scenarios())
def test_every_asynchronous_request_comes_to_an_end_by_the_rules(scenario):
    result, _ = played(scenario)
    asynchronous = [request for step in scenario.steps for request in requests_of(step) if request.type == "event"]
    assert len(result.asynchronous) == len(asynchronous)
    for each in result.asynchronous:
        assert each.condition in {"Success", "RetriesExhausted", "EventAgeExceeded", "ZeroReservedConcurrency"}
        assert each.attempts <= scenario.max_retry_attempts + 1
        assert each.attempts or each.condition in {"EventAgeExceeded", "ZeroReservedConcurrency"}
        assert (each.dead_letter is None) == (each.condition == "Success")
        assert each.destination["requestContext"]["approximateInvokeCount"] == each.attempts
