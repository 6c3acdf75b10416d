"""The event log: places, times, and whom it tells."""

from sandbox_runner.events.log import EventLog
from sandbox_runner.events.records import RunFinished, StepStarted
from sandbox_runner.messages import say
from tests.fakes.clock import FakeClock


def test_events_are_numbered_and_timed_since_the_log_began():
    clock = FakeClock()
    log = EventLog(clock)
    clock.advance(1.5)
    log.append(StepStarted(index=0, what=say("step-recycle-all", function="")))
    log.append(RunFinished())
    assert [(each.seq, each.at_us) for each in log.events] == [(1, 1_500_000), (2, 1_500_000)]


def test_a_reading_of_the_guest_is_put_where_it_was_taken():
    clock = FakeClock()
    log = EventLog(clock)
    taken = clock.monotonic_us()
    clock.advance(1)
    assert log.append(RunFinished(), monotonic_us=taken + 7).at_us == 7


def test_what_was_observed_before_the_run_is_put_at_its_beginning():
    log = EventLog(FakeClock())
    assert log.append(RunFinished(), monotonic_us=5).at_us == 0


def test_service_time_runs_ahead_by_what_was_skipped():
    log = EventLog(FakeClock())
    before = log.append(RunFinished())
    log.skip(60)
    after = log.append(RunFinished())
    assert (before.service_at_us, after.at_us, after.service_at_us) == (0, 0, 60_000_000)


def test_the_sink_is_told_of_each_event_at_once():
    told = []
    log = EventLog(FakeClock(), told.append)
    event = log.append(RunFinished(), environment="env-1", request_id="r")
    assert told == [event]
    assert (event.environment, event.request_id) == ("env-1", "r")
