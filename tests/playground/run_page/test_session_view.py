"""What a session's page says of it beside its requests."""

import pytest

from playground.run_page.presenter import live_page
from sandbox_runner.events.records import Event, RequestArrived, RunStarted, SessionArmed, SessionOpened
from tests.builders import scenario

BEGUN = (RunStarted(at_epoch_ms=1_767_574_800_000, backend="fake", steps=0), SessionOpened(idle_s=900, total_s=3600))


def shown(*records):
    events = [
        Event(seq=number, at_us=number, service_at_us=number, record=record)
        for number, record in enumerate((*BEGUN, *records), 1)
    ]
    return live_page(scenario(), events, "running")


@pytest.mark.parametrize(
    ("fault", "begins"), [("crash", "The next request crashes"), ("timeout", "The next request times out")]
)
def test_what_the_next_request_meets_is_said_until_one_has_met_it(fault, begins):
    asked = SessionArmed(fault=fault)
    met = RequestArrived(index=1, principal="a", payload="{}", payload_bytes=2, fault=fault)
    later = RequestArrived(index=2, principal="a", payload="{}", payload_bytes=2)

    assert shown(asked).session.armed.startswith(begins)
    after = shown(asked, met, later)
    assert after.session.armed == ""
    assert [bool(row.fault) for row in after.requests] == [True, False]
    assert shown(asked, met, asked).session.armed.startswith(begins)
