"""Sandboxes for replays are started while a run waits, and only then."""

import asyncio

import pytest

from sandbox_runner.backends.base import SandboxSpec
from sandbox_runner.backends.removals import Removals
from sandbox_runner.errors import BackendUnavailable
from sandbox_runner.events.log import EventLog
from sandbox_runner.events.records import EnvironmentFrozen, PlatformInitStart, PlatformStart, RequestAnswered
from sandbox_runner.guest import wire
from sandbox_runner.proof.lanes import Lanes
from sandbox_runner.run.ahead import Ahead, Preparation
from tests.builders import invoke, scenario
from tests.fakes.backend import FakeBackend, FakeSandbox
from tests.fakes.clock import FakeClock


class Asked:
    """Takes down what is to be prepared."""

    def __init__(self, lanes):
        self.lanes = lanes
        self.of = []

    def prepare(self, spec, count):
        self.of.append((spec.owner, count))


def prepared(took_s, worked_s, start_s=0.1):
    """What is prepared after a first request that took so long, and kept a processor busy for so long."""
    log, lanes = EventLog(FakeClock()), Lanes(2, lambda: 100_000)
    asked = Asked(lanes)
    lanes.note_start("docker", started=True, took_s=start_s)
    at_us = round(took_s * 1_000_000)
    log.append(PlatformStart(request_id="r", version="$LATEST"), environment="e", request_id="r", at_us=0)
    answered = RequestAnswered(index=1, attempt=1, status_code=200, response="1", response_bytes=1, outcome="success")
    log.append(answered, environment="e", request_id="r", at_us=at_us)
    log.append(EnvironmentFrozen(processes=1, worked_us=round(worked_s * 1e6)), environment="e", at_us=at_us)
    Preparation(scenario(invoke("a"), invoke("b")), log, asked, owner="o", shown={}).before_last()
    return [each for each in asked.of if each[1]]


@pytest.mark.parametrize(
    ("took_s", "worked_s", "start_s", "count"),
    [(1.0, 0.01, 0.2, 11), (1.0, 0.01, 0.8, 5)],
    ids=["a quick start", "a slow start"],
)
def test_as_many_as_are_worth_it_beside_the_runs_own_where_the_first_request_waited(took_s, worked_s, start_s, count):
    assert prepared(took_s, worked_s, start_s) == [("o", count)]


@pytest.mark.parametrize(
    ("took_s", "worked_s"),
    [(0.1, 0.01), (1.0, 0.9), (1.0, 0.0)],
    ids=["over at once", "it computed", "nobody says"],
)
def test_none_where_they_would_be_in_the_way(took_s, worked_s):
    assert prepared(took_s, worked_s) == []


class Machine:
    """Says how long its processors have worked: so long between two looks. ``looks`` are those that were taken."""

    def __init__(self, worked_s):
        self._worked_s = worked_s
        self.looks = 0
        self.was_looked_at = asyncio.Event()

    def __call__(self):
        self.looks += 1
        if self.looks > 5:
            self.was_looked_at.set()
        return self._worked_s * self.looks


class StartsEleven(FakeBackend):
    """Says when there are eleven."""

    def __init__(self):
        super().__init__()
        self.there_are = asyncio.Event()

    async def start(self, spec):
        sandbox = await super().start(spec)
        if len(self.started) == 11:
            self.there_are.set()
        return sandbox


def begun_in_an_init(passed_s, worked_s, *steps):
    """What begins to prepare replays of ``steps`` so long after a run's init began, on which machine and backend."""
    clock, machine, backend = FakeClock(), Machine(worked_s), StartsEleven()
    log, lanes = EventLog(clock), Lanes(2, lambda: 100_000, machine)
    lanes.note_start("docker", started=True, took_s=0.2)
    start = {"initialization_type": "on-demand", "phase": "init", "function_name": "f", "function_version": "$LATEST"}
    log.append(PlatformInitStart(**start), environment="e")
    clock.advance(passed_s)
    ahead = Ahead(Removals(backend), lanes, clock)
    return Preparation(scenario(*steps), log, ahead, owner="o", shown={}, look_s=0.001), ahead, machine, backend


def test_a_run_that_waits_in_its_init_has_sandboxes_started_one_by_one():
    async def play():
        preparation, ahead, _, backend = begun_in_an_init(1.0, 0.0, invoke("a"), invoke("b"))
        async with preparation.meanwhile():
            await backend.there_are.wait()
        await ahead.settled()
        return backend

    assert all(sandbox.destroyed for sandbox in asyncio.run(play()).started)


@pytest.mark.parametrize(
    ("passed_s", "worked_s"), [(1.0, 0.001), (0.1, 0.0)], ids=["the machine computes", "nothing was long yet"]
)
def test_nothing_is_started_beside_a_run_that_may_compute_or_be_over_soon(passed_s, worked_s):
    async def play():
        preparation, _, machine, backend = begun_in_an_init(passed_s, worked_s, invoke("a"), invoke("b"))
        async with preparation.meanwhile():
            await machine.was_looked_at.wait()
        return backend.started

    assert asyncio.run(play()) == []


def test_nobody_looks_whether_a_single_request_waits():
    async def play():
        preparation, _, machine, _ = begun_in_an_init(1.0, 0.0, invoke("a"))
        async with preparation.meanwhile():
            await asyncio.sleep(0)
        return machine.looks

    assert asyncio.run(play()) == 0


SPEC, OTHER = SandboxSpec("o", 128, 512), SandboxSpec("o", 256, 512)


class FailsOnce(FakeBackend):
    """Cannot start the first sandbox."""

    failed = False

    async def start(self, spec):
        if not self.failed:
            self.failed = True
            raise BackendUnavailable("no room")
        return await super().start(spec)


def told(story, backend=None):
    """What a story with sandboxes prepared ahead comes to, and the backend that made them."""
    backend = backend or FakeBackend()

    async def play():
        ahead = Ahead(Removals(backend), Lanes(2), backend.clock)
        try:
            return await story(ahead, backend), backend
        finally:
            await ahead.settled()

    return asyncio.run(play())


def test_what_was_prepared_is_handed_out_before_anything_else_is_started():
    async def story(ahead, backend):
        ahead.prepare(SPEC, 2)
        for _ in range(2):
            await (await ahead.start(SPEC)).destroy()
        before = len(backend.started)
        await (await ahead.start(SPEC)).destroy()
        await (await ahead.start(OTHER)).destroy()
        return before

    before, backend = told(story)
    assert (before, len(backend.started)) == (2, 4)


def test_what_nobody_took_is_ended():
    async def story(ahead, _backend):
        ahead.prepare(SPEC, 6)
        await (await ahead.start(SPEC)).destroy()

    _, backend = told(story)
    assert backend.started
    assert all(sandbox.destroyed for sandbox in backend.started)


def test_what_cannot_be_started_fails_whoever_would_have_got_it_and_nobody_else():
    async def story(ahead, _backend):
        ahead.prepare(SPEC, 2)
        with pytest.raises(BackendUnavailable):
            await ahead.start(SPEC)
        await (await ahead.start(SPEC)).destroy()

    _, backend = told(story, FailsOnce())
    assert [sandbox.destroyed for sandbox in backend.started] == [True]


class KeepsSomething(FakeSandbox):
    """Cannot be emptied."""

    def _on_wipe(self, message):
        self._say(wire.Fault("something is left"))


def test_what_the_run_leaves_is_emptied_and_handed_out_before_what_was_prepared():
    async def story(ahead, backend):
        own = await backend.start(SPEC)
        ahead.prepare(SPEC, 1)
        assert ahead.leave(SPEC, own)
        first, second = await ahead.start(SPEC), await ahead.start(SPEC)
        assert (first.id, second.id) == ("fake-1", "fake-2")
        assert isinstance(own.received[0], wire.Wipe)
        for each in (first, second):
            await each.destroy()

    _, backend = told(story)
    assert len(backend.started) == 2


def test_what_cannot_be_emptied_is_ended_and_another_is_started_in_its_place():
    async def story(ahead, backend):
        own = KeepsSomething("fake-own", backend)
        ahead.leave(SPEC, own)
        await (await ahead.start(SPEC)).destroy()
        return own

    own, backend = told(story)
    assert own.destroyed
    assert len(backend.started) == 1


def test_no_more_are_taken_over_than_any_proof_plays_at_once():
    async def story(ahead, backend):
        return [ahead.leave(SPEC, await backend.start(SPEC)) for _ in range(3)]

    taken, backend = told(story)
    assert taken == [True, True, False]
    assert [sandbox.destroyed for sandbox in backend.started] == [True, True, False]


def test_a_sandbox_that_is_being_emptied_when_the_proof_is_over_is_ended():
    class Silent(FakeSandbox):
        def _on_wipe(self, message):
            pass

    async def story(ahead, backend):
        own = Silent("fake-own", backend)
        ahead.leave(SPEC, own)
        await asyncio.sleep(0)
        return own

    own, _ = told(story)
    assert own.destroyed
