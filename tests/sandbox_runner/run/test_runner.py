"""Playing scenarios on the fake backend: steps, placement, budgets, cancellation, and nothing left behind."""

import asyncio
import threading

import pytest

from sandbox_runner.cancellation import Cancellation
from sandbox_runner.errors import BackendUnavailable, EngineAway, OurFailure, RunCancelled, RunNotBegun, SandboxLost
from sandbox_runner.events.records import (
    ProofStarted,
    ProofStopped,
    RunFinished,
    RunStarted,
    ServiceWaited,
    StepStarted,
)
from sandbox_runner.guest import wire
from sandbox_runner.messages import render, say
from sandbox_runner.results.model import Outcome
from sandbox_runner.run.runner import RunOptions, play
from tests.builders import idle, invoke, recycle, scenario
from tests.fakes.backend import FakeBackend, FakeFunction, RuntimeExits, SandboxVanishes, TakesForever
from tests.fakes.stuck import StuckBackend
from tests.told import sentence

UNPROVEN = RunOptions(prove=False)


def played(*steps, function=None, backend=None, options=UNPROVEN, **varied):
    backend = backend or FakeBackend(function or FakeFunction())
    result = asyncio.run(play(scenario(*steps), backend, clock=backend.clock, options=options, **varied))
    assert backend.alive == {}
    return result


def of_kind(result, kind):
    return [each.record for each in result.events if isinstance(each.record, kind)]


def test_requests_one_after_the_other_share_an_environment():
    result = played(invoke("a"), invoke("b"), invoke("c"))
    assert [each.start for each in result.invocations] == ["cold", "warm", "warm"]
    assert [each.response for each in result.invocations] == [
        '{"count": 1, "event": "a"}',
        '{"count": 2, "event": "b"}',
        '{"count": 3, "event": "c"}',
    ]
    assert [each.id for each in result.environments] == ["env-1"]


def test_after_a_recycle_the_next_request_starts_cold():
    result = played(invoke(), recycle(), invoke())
    assert [(each.environment, each.start) for each in result.invocations] == [("env-1", "cold"), ("env-2", "cold")]
    assert [each.ended_by for each in result.environments] == ["spindown", "run-ended"]


def test_after_a_crash_the_same_environment_serves_with_a_suppressed_init():
    def handler(event, runtime):
        if event == "crash":
            raise RuntimeExits("exit status 1")
        return runtime.tmp

    result = played(invoke("crash"), invoke(), function=FakeFunction(handler))
    assert [each.start for each in result.invocations] == ["cold", "suppressed-init"]
    assert len(result.environments) == 1


def test_a_request_without_a_principal_is_its_own():
    result = played(invoke(principal="tenant-a"), invoke())
    assert [each.principal for each in result.invocations] == ["tenant-a", "request-2"]


def test_every_step_is_announced_in_words():
    result = played(invoke(principal="tenant-a"), idle("1.5s"), recycle(), invoke())
    words = [(step.index, render(step.what)) for step in of_kind(result, StepStarted)]
    assert words == [
        (0, "request 1 (tenant-a)"),
        (1, "wait 1.5 s"),
        (2, "shut down every environment"),
        (3, "request 2"),
    ]


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ({"concurrent": [{}, {}, {}]}, "requests 1 to 3 at the same time"),
        ({"invoke": {"type": "event", "as": "tenant-a"}}, "request 1 (tenant-a) (asynchronous)"),
        ({"initialize": 1}, "pre-initialise 1 environment"),
        ({"initialize": 2}, "pre-initialise 2 environments"),
        ({"recycle": "one"}, "shut down the least recently used environment"),
    ],
)
def test_the_words_of_a_step_say_what_kind_it_is(step, words):
    (started,) = of_kind(played(step), StepStarted)
    assert (started.index, render(started.what)) == (0, words)


def test_the_log_begins_with_the_run_and_ends_with_it():
    result = played(invoke())
    first, last = result.events[0], result.events[-1]
    assert isinstance(first.record, RunStarted)
    assert (first.at_us, first.record.at_epoch_ms) == (0, 1_767_574_800_000)
    assert last.record == RunFinished(reason="done")
    assert [each.seq for each in result.events] == list(range(1, len(result.events) + 1))


@pytest.mark.parametrize(
    ("seconds", "slept", "compressed"),
    [(5, 5, False), (10, 10, False), (10.5, 1.0, True), (3600, 1.0, True)],
)
def test_a_wait_is_lived_through_unless_it_is_long(seconds, slept, compressed):
    backend = FakeBackend()
    result = played(invoke(), idle(seconds), invoke(), backend=backend)
    assert backend.clock.slept == [slept]
    assert result.service_time_compressed is compressed
    assert of_kind(result, ServiceWaited) == [ServiceWaited(seconds=seconds, run_seconds=slept, why="idle")]
    last = result.events[-1]
    assert last.service_at_us - last.at_us == round((seconds - slept) * 1_000_000)


def test_the_environment_stays_frozen_during_a_wait():
    result = played(invoke(), idle(5), invoke())
    frozen = [span for span in result.environments[0].spans if span.phase == "frozen"]
    assert frozen[0].end_us - frozen[0].start_us == 5_000_000


def test_sandboxes_carry_the_owners_label_and_the_functions_sizes():
    backend = FakeBackend()
    played(invoke(), backend=backend, options=RunOptions(prove=False, owner="worker-7"))
    assert [(spec.owner, spec.memory_mb, spec.tmp_mb) for spec in backend.specs] == [("worker-7", 128, 512)]


def test_every_event_reaches_the_sink_in_order():
    seen = []
    result = played(invoke(), sink=seen.append)
    assert tuple(seen) == result.events


def test_a_sandbox_that_vanishes_fails_the_run_and_leaves_none():
    def handler(*_):
        raise SandboxVanishes

    backend = FakeBackend(FakeFunction(handler))
    with pytest.raises(SandboxLost):
        played(invoke(), backend=backend)
    assert backend.alive == {}


def test_a_backend_that_cannot_start_is_our_failure():
    class Broken(FakeBackend):
        async def start(self, spec):
            raise BackendUnavailable("no")

    with pytest.raises(BackendUnavailable):
        played(invoke(), backend=Broken())


class Going(FakeBackend):
    """Its engine goes away when ``starts`` sandboxes have been started; none can be removed after that."""

    def __init__(self, function=None, *, starts=0, problem=None):
        super().__init__(function)
        self.starts = starts
        self.problem = problem or EngineAway("nothing listens")

    async def start(self, spec):
        if len(self.started) >= self.starts:
            raise self.problem
        sandbox = await super().start(spec)
        sandbox.destroy = self.fail
        return sandbox

    async def fail(self):
        raise self.problem


def ended_by(backend, *steps, options=UNPROVEN):
    """What a run raises."""
    with pytest.raises(OurFailure) as raised:
        asyncio.run(play(scenario(*steps), backend, clock=backend.clock, options=options))
    return raised.value


def test_an_engine_that_is_away_before_any_code_ran_leaves_the_run_unbegun():
    problem = ended_by(Going(), invoke())

    assert isinstance(problem, RunNotBegun)
    assert (str(problem), problem.engine_away) == ("nothing listens", True)


def test_so_does_one_that_goes_while_the_first_sandboxes_are_made():
    class Slow(Going):
        async def start(self, spec):
            if self.started:
                raise self.problem
            sandbox = await super().start(spec)
            await asyncio.sleep(0.01)
            return sandbox

    problem = ended_by(Slow(starts=1), {"initialize": 2})

    assert (type(problem), problem.engine_away) == (RunNotBegun, True)


def test_what_is_missing_otherwise_leaves_it_unbegun_too_and_is_not_the_engine_away():
    problem = ended_by(Going(problem=BackendUnavailable("the image is not built")), invoke())

    assert (type(problem), problem.engine_away) == (RunNotBegun, False)


def test_an_engine_that_goes_when_code_has_run_is_another_failure():
    problem = ended_by(Going(starts=1), invoke(), recycle(), invoke())

    assert type(problem) is EngineAway


def test_a_result_outlives_the_engine_that_cannot_clear_away_after_it():
    backend = Going(starts=1)

    result = asyncio.run(play(scenario(invoke()), backend, clock=backend.clock, options=UNPROVEN))

    assert [each.outcome for each in result.invocations] == [Outcome.SUCCESS]


def test_when_wall_time_runs_out_the_rest_is_not_played_and_nothing_is_left():
    result = played(invoke("a"), invoke("b"), backend=StuckBackend(), options=RunOptions(prove=False, wall_s=0.05))
    assert result.ended == "out-of-time"
    assert [each.outcome for each in result.invocations] == [Outcome.NOT_PLAYED, Outcome.NOT_PLAYED]
    (end,) = of_kind(result, RunFinished)
    assert (end.reason, end.budget_s, end.left_steps) == ("out-of-time", 0.05, 2)
    assert [each.code for each in end.left] == ["step-interrupted", "step-request"]
    assert render(result.left) == (
        "The run's time limit, 0.05 s, was reached with these steps left: request 1 (interrupted); request 2."
    )


def test_of_much_that_was_left_ten_steps_are_named_and_the_others_counted():
    result = played(*[invoke()] * 30, backend=StuckBackend(), options=RunOptions(prove=False, wall_s=0.05))
    assert render(result.left).endswith("request 9; request 10; and 20 more.")


def test_a_run_that_was_in_time_has_nothing_left():
    result = played(invoke())
    assert (result.left, of_kind(result, RunFinished)) == (None, [RunFinished()])


def test_a_cancelled_run_ends_in_the_middle_of_an_invocation_and_leaves_nothing():
    backend, cancellation, seen = StuckBackend(), Cancellation(), []

    def cancel_when_stuck():
        backend.stuck.wait()
        cancellation.cancel()

    canceller = threading.Thread(target=cancel_when_stuck)
    canceller.start()
    with pytest.raises(RunCancelled):
        played(invoke(), backend=backend, cancellation=cancellation, sink=seen.append)
    canceller.join()
    assert backend.alive == {}
    assert seen[-1].record == RunFinished(reason="cancelled")


def test_a_run_that_was_cancelled_before_it_began_plays_nothing():
    backend, cancellation = FakeBackend(), Cancellation()
    cancellation.cancel()
    with pytest.raises(RunCancelled):
        played(invoke(), backend=backend, cancellation=cancellation)
    assert backend.started == []


def test_a_sandbox_that_is_being_started_when_the_run_is_cancelled_is_ended_too():
    cancellation = Cancellation()

    class Slow(FakeBackend):
        async def start(self, spec):
            cancellation.cancel()
            await asyncio.sleep(0.01)
            return await super().start(spec)

    backend = Slow()
    with pytest.raises(RunCancelled):
        played(invoke(), backend=backend, cancellation=cancellation)
    assert len(backend.started) == 1
    assert backend.alive == {}


def test_the_main_run_is_not_instrumented_even_when_it_is_proven():
    backend = FakeBackend()
    played(invoke("a", "a"), invoke("b", "b"), backend=backend, options=RunOptions())
    played_in = backend.started[0].received
    main = played_in[: _first(wire.Reset, played_in)]
    assert [message.probe for message in main if isinstance(message, wire.Configure)] == [False]
    assert len([message for message in main if isinstance(message, wire.Invoke)]) == 2


def test_replays_have_the_sandbox_of_the_run_itself_once_its_processes_are_gone_and_it_is_wiped():
    backend = FakeBackend()
    played(invoke("a", "a"), invoke("b", "b"), backend=backend, options=RunOptions())
    received = backend.started[0].received
    ended, wiped = _first(wire.Reset, received), _first(wire.Wipe, received)
    assert wiped == ended + 1
    assert isinstance(received[wiped + 1], wire.Configure)
    assert backend.alive == {}


def test_without_a_proof_the_sandbox_of_a_run_serves_nothing_else():
    backend = FakeBackend()
    played(invoke("a", "a"), invoke("b", "b"), backend=backend, options=RunOptions(prove=False))
    (only,) = backend.started
    assert isinstance(only.received[-1], wire.Shutdown)


def _first(kind, messages):
    return next(at for at, message in enumerate(messages) if isinstance(message, kind))


def test_a_replay_that_fails_on_our_side_leaves_the_run_valid():
    class SecondSandboxFails(FakeBackend):
        async def start(self, spec):
            if self.started:
                raise BackendUnavailable("no more sandboxes")
            return await super().start(spec)

    result = played(invoke("a", "a"), invoke("b", "b"), backend=SecondSandboxFails(), options=RunOptions())
    assert [each.outcome for each in result.invocations] == [Outcome.SUCCESS, Outcome.SUCCESS]
    assert any("no more sandboxes" in render(stopped.why) for stopped in of_kind(result, ProofStopped))


def test_a_replay_s_sandbox_that_cannot_be_removed_leaves_the_run_valid():
    class Sticky(FakeBackend):
        async def start(self, spec):
            sandbox = await super().start(spec)
            remove = sandbox.destroy

            async def fail():
                await remove()
                raise BackendUnavailable("the engine removes nothing")

            if len(self.started) > 1:
                sandbox.destroy = fail
            return sandbox

    result = played(invoke(1, "a"), invoke(2, "b"), backend=Sticky(FakeFunction()), options=RunOptions())
    (stopped,) = of_kind(result, ProofStopped)
    assert stopped.why == say("replay-failed", failure=say("no-sandbox", detail="the engine removes nothing"))
    assert [invocation.outcome for invocation in result.invocations] == [Outcome.SUCCESS] * 2
    assert any("the engine removes nothing" in sentence(check) for check in result.checks)


def test_a_timeout_is_a_normal_result():
    def handler(*_):
        raise TakesForever

    result = played(invoke(), function=FakeFunction(handler))
    assert result.invocations[0].outcome is Outcome.TIMEOUT


@pytest.mark.parametrize(
    ("options", "played_s", "seconds"),
    [
        (RunOptions(), 0.3, 10.0),
        (RunOptions(), 2.0, 40.0),
        (RunOptions(), 30.0, 120.0),
        (RunOptions(proof_s_max=5.0), 2.0, 5.0),
        (RunOptions(proof_s=7.0), 2.0, 7.0),
        (RunOptions(proof_times=3), 2.0, 120.0),
        (RunOptions(proof_times=3), 30.0, 360.0),
        (RunOptions(proof_s=7.0, proof_times=3), 2.0, 21.0),
    ],
)
def test_a_proof_has_time_in_proportion_to_its_run_within_bounds_or_what_was_asked_for(options, played_s, seconds):
    assert options.proof_s_of(played_s) == seconds <= options.proof_s_most


def test_the_log_says_how_much_time_the_proof_of_this_run_has():
    slow = FakeFunction(lambda _, runtime: runtime.take(1.2))
    (started,) = of_kind(played(invoke("a"), invoke("b"), function=slow, options=RunOptions()), ProofStarted)
    assert 20 * 2.4 <= started.seconds <= 20 * 2.6
