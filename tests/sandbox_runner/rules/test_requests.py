"""The requests of a run: of the scenario, and of its functions."""

from __future__ import annotations

import pytest

from sandbox_runner.events.records import Event, RequestArrived
from sandbox_runner.rules.requests import every_request
from sandbox_runner.scenario.reader import parse_scenario
from tests.builders import a_function

SCENARIO = parse_scenario(
    {
        "version": 2,
        "functions": {"front": a_function(), "worker": a_function()},
        "steps": [
            {"invoke": {"function": "front", "payload": 1, "as": "alice"}},
            {"invoke": {"function": "front", "payload": 2}},
        ],
    }
)


def arrived(index, called_by, payload="{}", *, principal="alice", size=2, kind="sync"):
    """A request that a function made."""
    record = RequestArrived(
        index=index,
        principal=principal,
        payload=payload,
        payload_bytes=size,
        invocation_type=kind,
        function="worker",
        called_by=called_by,
    )
    return Event(seq=index, at_us=0, service_at_us=0, request_id=f"id-{index}", record=record)


def test_requests_of_functions_come_after_those_of_the_scenario_with_what_they_sent():
    *_, (index, principal, request) = every_request(SCENARIO, [arrived(3, 1, '{"n": 7}', kind="event")])

    assert (index, principal) == (3, "alice")
    assert (request.payload, request.function, request.type, request.principal) == (
        {"n": 7},
        "worker",
        "event",
        "alice",
    )


def test_one_that_is_made_for_nobody_in_particular_has_no_principal_of_its_own():
    events = [
        arrived(3, 2, principal="request-2"),
        arrived(4, 3, principal="request-2"),
        arrived(5, 0, principal="request-5"),
    ]

    found = list(every_request(SCENARIO, events))[2:]

    assert [(principal, request.principal) for _, principal, request in found] == [
        ("request-2", None),
        ("request-2", None),
        ("request-5", None),
    ]


def test_a_call_of_a_call_is_made_for_the_first_one_s_caller():
    *_, last = every_request(SCENARIO, [arrived(3, 1), arrived(4, 3)])

    assert last[2].principal == "alice"


@pytest.mark.parametrize("payload", ['{"n": "the rest is cu', "[" * 5_000])
def test_one_that_is_not_in_the_log_as_a_whole_is_left_out_where_that_matters(payload):
    events = [arrived(3, 1, payload, size=300_000)]

    assert [request.payload_bytes for _, _, request in every_request(SCENARIO, events)] == [None, None, 300_000]
    assert [index for index, _, _ in every_request(SCENARIO, events, whole=True)] == [1, 2]
