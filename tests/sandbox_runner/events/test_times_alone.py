"""How long the requests of a run took, and how busy they kept the processors."""

import pytest

from sandbox_runner.events.records import EnvironmentFrozen, Event
from sandbox_runner.events.times_alone import processors_busy, times_alone
from sandbox_runner.run.engine import Engine
from sandbox_runner.run.runner import RunOptions
from tests.builders import scenario
from tests.fakes.backend import FakeBackend, FakeFunction


@pytest.fixture(scope="module")
def events():
    """Two requests of 0.2 s each, as the fake's clock has it."""

    def waits(event, runtime):
        runtime.take(0.2)
        return event

    backend = FakeBackend(FakeFunction(waits))
    with Engine(backend=backend, pool=False, clock=backend.clock) as engine:
        return engine.run(scenario(), options=RunOptions(prove=False)).events


def frozen_after(events: tuple[Event, ...], *worked_us: int) -> list[Event]:
    """The same with what the processes had worked by each freeze."""
    left = list(worked_us)
    return [
        each.model_copy(update={"record": each.record.model_copy(update={"worked_us": left.pop(0)})})
        if isinstance(each.record, EnvironmentFrozen) and left
        else each
        for each in events
    ]


def test_each_request_and_the_init_have_a_time(events):
    assert {index: round(took, 1) for index, took in times_alone(events).items()} == {0: 0.0, 1: 0.2, 2: 0.2}


def test_what_processes_worked_is_told_by_how_long_they_had(events):
    took_us = 1_000_000 * sum(times_alone(events).values())
    assert processors_busy(frozen_after(events, 10_000, 100_000)) == pytest.approx(100_000 / took_us)


def test_nothing_is_known_where_no_freeze_says_it(events):
    assert processors_busy(events) is None
    assert processors_busy([]) is None
