"""The calls to AWS's services below a request: whose they are, how many are shown, and that none becomes markup."""

from __future__ import annotations

import pytest
from django.template.loader import render_to_string

from playground.run_page.calls import CALLS_MAX
from playground.run_page.requests import Shown, request_rows
from playground.text.display_text import plain
from sandbox_runner.cli.terminal import Paint, render
from sandbox_runner.events.records import AccountCalled
from tests.playground.happenings import at
from tests.playground.hostile_results import EVERYTHING
from tests.playground.run_results import environment, invocation, leak


def called(ms, operation="GetItem", request=None, where="env-1", **fields):
    """A call, ``ms`` into the run."""
    record = AccountCalled(
        **{
            "service": "dynamodb",
            "operation": operation,
            "parameters": '{"TableName": "users"}',
            "answer": "{}",
            "status_code": 200,
            "request_bytes": 20,
            "answer_bytes": 2,
            "took_us": 12_300,
            **fields,
        }
    )
    return at(ms, record, request=request, where=where)


def rows_of(*events):
    """The rows of two requests in one environment, by their calls."""
    return [each.calls for each in request_rows(Shown((invocation(1), invocation(2)), events=events))]


def named(calls):
    """The operations that are shown."""
    return [plain(row.what).split()[1] for row in calls.rows]


def test_calls_are_below_the_request_that_made_them_and_those_of_an_init_below_the_first():
    first, second = rows_of(called(5, request=1), called(9, "PutItem", request=2), called(1, "ListTables"))

    assert (named(first), named(second)) == (["ListTables", "GetItem"], ["PutItem"])
    assert [row.remarks for row in first.rows] == ["in init", ""]


def test_calls_of_another_environment_are_not_there():
    assert [named(each) for each in rows_of(called(5, where="env-2"))] == [[], []]


def test_an_attempt_of_the_sdk_s_and_an_error_are_told():
    (row,) = rows_of(called(5, request=1, attempt=2, status_code=400, error="Throttled"))[0].rows

    assert (row.remarks, plain(row.error), row.status_code, row.took_ms) == (
        "the SDK's attempt 2",
        "Throttled",
        400,
        "12.30",
    )


def test_more_calls_than_a_page_has_room_for_are_counted():
    events = [called(ms, request=1) for ms in range(CALLS_MAX + 2)]

    calls = rows_of(*events, called(900, request=1, left_out=7))[0]

    assert len(calls.rows) == CALLS_MAX
    assert calls.more == "10 more calls are not shown."


@pytest.mark.parametrize("field", ["service", "operation", "parameters", "answer", "error"])
def test_nothing_of_a_call_becomes_markup(field):
    (calls, _) = rows_of(called(5, request=1, **{field: EVERYTHING}))

    html = render_to_string("experiments/_calls.html", {"calls": calls})

    assert "alert(1)" in html
    assert not [each for each in ("<script", "<img", "</style", "\x1b", "\u202e", "\0") if each in html]


def test_a_call_is_a_line_of_the_command_line_s_log_without_controls():
    result = leak(events=(called(5, "\x1b[2J", request=1, error="No\nSuch"),), environments=(environment(),))

    (line,) = (each for each in render(result, Paint(on=False)).splitlines() if "AWS dynamodb" in each)
    assert line.strip() == r"AWS dynamodb \x1b[2J  200  No\x0aSuch  12.3 ms"
