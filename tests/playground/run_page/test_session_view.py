"""What a session's page says of it beside its requests."""

import json

import pytest

from playground.run_page.presenter import live_page
from sandbox_runner.events.records import (
    Event,
    RequestAnswered,
    RequestArrived,
    RequestAssigned,
    RunStarted,
    SessionArmed,
    SessionOpened,
    SessionWalked,
    StateCaptured,
    StateLeaf,
)
from tests.builders import scenario

BEGUN = (RunStarted(at_epoch_ms=1_767_574_800_000, backend="fake", steps=0), SessionOpened(idle_s=900, total_s=3600))


def shown(*records):
    events = [
        Event(seq=number, at_us=number, service_at_us=number, environment="env-1", record=record)
        for number, record in enumerate((*BEGUN, *records), 1)
    ]
    return live_page(scenario(), events, "running")


def walked(after, *leaves):
    return SessionWalked(state=StateCaptured(after_index=after, leaves=leaves, nodes=1, truncated=False))


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


def served(index, principal, text):
    """The records of one request."""
    payload = json.dumps({"message": text})
    said = {"status_code": 200, "response": "1", "response_bytes": 1, "function_error": "", "outcome": "success"}
    return (
        RequestArrived(index=index, principal=principal, payload=payload, payload_bytes=len(payload)),
        RequestAssigned(index=index, attempt=1, start="warm"),
        RequestAnswered(index=index, attempt=1, **said),
    )


def test_the_state_after_each_request_is_there_with_whose_data_it_is():
    held = StateLeaf(root="python-module", path="app.kept", carrier="app.kept", kind="str", value="hoge-of-alice")
    first = (*served(1, "alice", "hoge-of-alice"), walked(0), walked(1, held))
    page = shown(*first, *served(2, "bob", "fuga-of-bob"), walked(2, held))

    (table,) = page.xray
    assert [each.label for each in table.columns] == ["after init", "after #1 alice", "after #2 bob"]
    (row,) = table.rows
    assert (row.foreign, [each.foreign for each in row.cells]) == (True, ["", "request 1 (alice)", "request 1 (alice)"])
    assert [each.label for each in shown(*first).xray[0].columns] == ["after init", "after #1 alice"]
