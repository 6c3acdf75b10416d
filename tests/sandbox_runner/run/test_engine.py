"""The engine: one thread, one loop, runs from several threads, and an end that leaves nothing."""

import asyncio
import threading

import pytest

from sandbox_runner.cancellation import Cancellation
from sandbox_runner.errors import EngineAway, OurFailure, RunCancelled
from sandbox_runner.run.engine import Engine
from sandbox_runner.run.runner import RunOptions
from tests.builders import invoke, scenario
from tests.fakes.backend import FakeBackend
from tests.fakes.stuck import StuckBackend

UNPROVEN = RunOptions(prove=False)


def engine_over(backend, **options):
    return Engine(backend=backend, pool=False, clock=backend.clock, **options)


def test_runs_of_several_threads_do_not_mix():
    backend, results = FakeBackend(), {}

    def play(name):
        results[name] = engine.run(scenario(invoke(name), invoke(name)), options=UNPROVEN)

    with engine_over(backend) as engine:
        threads = [threading.Thread(target=play, args=(f"thread-{n}",)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for name, result in results.items():
        assert [each.response for each in result.invocations] == [
            f'{{"count": 1, "event": "{name}"}}',
            f'{{"count": 2, "event": "{name}"}}',
        ]
    assert backend.alive == {}


class RemovesWhenTold(FakeBackend):
    """Removes a sandbox only when the test says so."""

    def __init__(self):
        super().__init__()
        self.may_remove = threading.Event()

    async def start(self, spec):
        sandbox = await super().start(spec)
        remove = sandbox.destroy

        async def removed():
            await asyncio.get_running_loop().run_in_executor(None, self.may_remove.wait)
            await remove()

        sandbox.destroy = removed
        return sandbox


@pytest.mark.parametrize("proves", [False, True])
def test_a_result_does_not_wait_until_sandboxes_are_removed_and_the_end_of_the_engine_does(proves):
    backend = RemovesWhenTold()
    engine = engine_over(backend)
    result = engine.run(scenario(invoke("a", "a"), invoke("b", "b")), options=RunOptions(prove=proves))

    assert [each.start for each in result.invocations] == ["cold", "warm"]
    assert backend.alive
    backend.may_remove.set()
    engine.close()
    assert backend.alive == {}


def test_trying_out_makes_a_sandbox_and_ends_it():
    backend = FakeBackend()
    with Engine(backend=backend, pool=True) as engine:
        before = {sandbox.id for sandbox in backend.started}
        engine.try_out()
        (tried,) = [each for each in backend.started if each.id not in before and each.destroyed]
        assert tried.received == []


def test_trying_out_tells_that_none_can_be_made():
    class Away(FakeBackend):
        async def start(self, spec):
            raise EngineAway("nothing listens")

    with Engine(backend=Away(), pool=False) as engine, pytest.raises(EngineAway, match="nothing listens"):
        engine.try_out()


def test_an_engine_whose_sandboxes_cannot_be_ended_ends_its_thread():
    class Away(FakeBackend):
        async def close(self):
            raise EngineAway("nothing listens")

    engine = Engine(backend=Away(), pool=False)
    with pytest.raises(EngineAway):
        engine.close()

    assert not engine._thread.is_alive()


def test_events_reach_the_sink_on_the_engines_thread():
    names = set()
    with engine_over(FakeBackend()) as engine:
        engine.run(scenario(), sink=lambda _: names.add(threading.current_thread().name), options=UNPROVEN)
    assert names == {"sandbox-engine"}


def test_sandboxes_carry_the_engines_owner_unless_the_run_has_its_own():
    backend = FakeBackend()
    with engine_over(backend) as engine:
        engine.run(scenario(), options=UNPROVEN)
        engine.run(scenario(), options=RunOptions(prove=False, owner="mine"))
        assert [spec.owner for spec in backend.specs] == [engine.owner, "mine"]


def test_a_run_is_cancelled_from_another_thread_and_the_engine_goes_on():
    backend, cancellation = StuckBackend(), Cancellation()

    def cancel_when_stuck():
        backend.stuck.wait()
        cancellation.cancel()

    threading.Thread(target=cancel_when_stuck).start()
    with engine_over(backend) as engine:
        with pytest.raises(RunCancelled):
            engine.run(scenario(), cancellation=cancellation, options=UNPROVEN)
        assert backend.alive == {}
        assert engine.describe().name == "fake"


def test_closing_ends_what_is_still_being_played():
    backend, raised = StuckBackend(), []

    def play():
        try:
            engine.run(scenario(), options=UNPROVEN)
        except RunCancelled as problem:
            raised.append(problem)

    engine = engine_over(backend)
    thread = threading.Thread(target=play)
    thread.start()
    backend.stuck.wait()
    engine.close()
    thread.join()
    assert len(raised) == 1
    assert backend.alive == {}


def test_closing_twice_is_closing_once_and_a_closed_engine_says_so():
    engine = engine_over(FakeBackend())
    engine.close()
    engine.close()
    with pytest.raises(OurFailure, match="closed"):
        engine.run(scenario(), options=UNPROVEN)
    with pytest.raises(OurFailure, match="closed"):
        engine.describe()


def test_a_pooled_engine_leaves_no_waiting_sandbox():
    backend = FakeBackend()
    with Engine(backend=backend, pool=True, clock=backend.clock) as engine:
        engine.run(scenario(), options=UNPROVEN)
    assert backend.alive == {}


def test_sweep_asks_the_backend():
    backend = FakeBackend()
    with engine_over(backend) as engine:
        assert engine.sweep([engine.owner]) == 0


def test_sandboxes_that_wait_in_the_pool_are_for_the_engines_owner():
    backend = FakeBackend()
    with Engine(backend=backend, clock=backend.clock, owner="worker-1") as engine:
        engine.run(scenario(), options=UNPROVEN)
        assert engine.owner == "worker-1"
    assert {spec.owner for spec in backend.specs} == {"worker-1"}
