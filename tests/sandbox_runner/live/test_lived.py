"""The scenario of what came to a session, from its events."""

import json

from sandbox_runner.events.records import Event, RequestAnswered, RequestArrived, SessionOpened
from sandbox_runner.live.lived import is_session, lived_scenario
from sandbox_runner.scenario.model import ConcurrentStep, InvokeStep
from sandbox_runner.scenario.service_steps import IdleStep
from tests.builders import scenario


def events(*records):
    """Each with its time in seconds."""
    return [
        Event(seq=number, at_us=round(at_s * 1_000_000), service_at_us=round(at_s * 1_000_000), record=record)
        for number, (at_s, record) in enumerate(records, 1)
    ]


def arrived(index, payload=None, principal="", **varied):
    text = json.dumps(payload)
    principal = principal or f"request-{index}"
    return RequestArrived(
        index=index, principal=principal, payload=text, payload_bytes=len(text), invocation_type="sync", **varied
    )


def answered(index):
    return RequestAnswered(index=index, attempt=1, status_code=200, response="", response_bytes=0, outcome="success")


def lived(*records):
    return lived_scenario(scenario(), events(*records)).steps


def test_requests_become_steps_with_their_callers_and_payloads():
    first, second = lived((1, arrived(1, {"a": 1}, "alice")), (1.1, answered(1)), (1.2, arrived(2)), (1.3, answered(2)))
    assert (first.invoke.payload, first.invoke.principal) == ({"a": 1}, "alice")
    assert second.invoke.principal is None


def test_a_wait_of_a_second_or_more_is_a_step():
    steps = lived((0, arrived(1)), (1, answered(1)), (3.25, arrived(2)), (4, answered(2)), (4.5, arrived(3)))
    assert [type(step) for step in steps] == [InvokeStep, IdleStep, InvokeStep, InvokeStep]
    assert steps[1].idle == 2.2


def test_requests_that_overlap_are_one_step_and_what_began_after_all_of_them_is_not_in_it():
    steps = lived(
        (0, arrived(1)), (0.5, arrived(2)), (1, answered(1)), (1.2, arrived(3)), (2, answered(2)), (2.1, answered(3)),
        (2.2, arrived(4)),
    )  # fmt: skip
    assert [type(step) for step in steps] == [ConcurrentStep, InvokeStep]
    assert len(steps[0].concurrent) == 3


def test_what_a_function_asked_for_is_no_step():
    assert len(lived((0, arrived(1)), (0.5, arrived(101, called_by=1)), (1, answered(1)))) == 1


def test_the_payload_that_was_sent_counts_where_the_log_has_a_part_of_it():
    request = lived((0, arrived(1, "whole")))[0].invoke
    cut = arrived(1).model_copy(update={"payload": '{"cut": "…', "payload_bytes": 300_000})
    assert lived((0, cut))[0].invoke.payload_bytes == 300_000
    (step,) = lived_scenario(scenario(), events((0, cut)), {1: request}).steps
    assert step.invoke.payload == "whole"


def test_a_session_is_known_by_its_first_record():
    assert is_session(events((0, SessionOpened(idle_s=1, total_s=2))))
    assert not is_session(events((0, arrived(1))))
