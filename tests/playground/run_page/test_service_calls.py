"""The calls to AWS's services on pages and in exports: whose, how many, what is cut, and that none becomes markup."""

from __future__ import annotations

import json

import pytest
from django.template.loader import render_to_string

from playground.exports.issue import CALLS_MAX as ISSUE_CALLS_MAX
from playground.exports.issue import issue_markdown
from playground.exports.origin import Origin
from playground.exports.trace import trace_file
from playground.run_page.calls import CALLS_MAX
from playground.run_page.requests import Shown, request_rows
from playground.run_page.timeline.account_lane import DRAWN_MAX
from playground.run_page.timeline.time_range import WHOLE, Window
from playground.run_page.timeline.timeline import draw
from playground.text.display_text import plain
from sandbox_runner.cli.terminal import Paint, render
from sandbox_runner.events.records import AccountCalled
from sandbox_runner.limits import ACCOUNT_TEXT_CHARACTERS_MAX
from tests.playground.exports.trace_format import check
from tests.playground.happenings import arrived, assigned, at, life
from tests.playground.hostile_results import EVERYTHING
from tests.playground.run_results import environment, invocation, leak

ORIGIN = Origin("an-id", "https://holdover.example/r/an-id", "2026-07-01 00:00 UTC", "0.1.0")


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


def test_what_lambda_sent_is_below_the_last_attempt_and_says_so():
    attempts = [invocation(1, attempt=number, invocation_type="event") for number in (1, 2)]
    events = [called(5, "SendMessage", request=1, where=None, by_lambda="dead-letter")]

    first, second = (each.calls for each in request_rows(Shown(tuple(attempts), events=tuple(events))))

    assert (named(first), named(second)) == ([], ["SendMessage"])
    assert second.rows[0].remarks == "by Lambda, to the dead-letter queue"


def test_what_lambda_sent_is_in_the_lane_the_trace_and_the_command_line():
    event = called(5, "SendMessage", request=1, where=None, by_lambda="on-failure")
    result = leak(events=(event,))

    (shown,) = draw((LIFE,), (invocation(1),), (), (*CAME[:1], event)).account.outlines
    assert ", by Lambda, to the destination on failure, for " in shown.title
    (call,) = [
        each
        for each in json.loads(trace_file(result, ORIGIN))["traceEvents"]
        if each.get("cat") == "aws" and each["ph"] == "b"
    ]
    assert (call["pid"], call["name"]) == (1, "dynamodb SendMessage")
    assert "AWS dynamodb SendMessage  users  by Lambda, on-failure  200" in render(result, Paint(on=False))


def test_a_call_to_another_region_says_which():
    first, _ = rows_of(called(5, request=1, region="eu-west-1"), called(6, request=1))

    assert [row.remarks for row in first.rows] == ["eu-west-1", ""]


def test_the_value_of_a_secret_is_blanked_in_the_row_and_in_the_trace():
    answer = '{"Name": "token", "SecretString": "hush"}'
    secret = {"service": "secretsmanager", "parameters": '{"SecretId": "token"}', "answer": answer}
    event = called(5, "GetSecretValue", request=1, **secret)

    shown = str(rows_of(event)[0].rows) + trace_file(leak(events=(event,)), ORIGIN)
    assert "hush" not in shown
    assert shown.count("***") == 2


def test_an_event_that_lambda_refused_is_told_as_its_service_s_call_for_whoever_led_to_it():
    event = called(5, "Invoke", where=None, by_lambda="sns", status_code=404)

    (shown,) = draw((LIFE,), (invocation(1),), (), (*CAME[:1], event)).account.outlines
    assert ", by SNS, to send a notification, for a caller from outside: status 404" in shown.title
    assert "  by SNS  404" in render(leak(events=(event,)), Paint(on=False))


def test_an_attempt_of_the_sdk_s_and_an_error_are_told():
    (row,) = rows_of(called(5, request=1, attempt=2, status_code=400, error="Throttled"))[0].rows

    assert (row.remarks, plain(row.error), row.status_code, row.took_ms) == (
        "the SDK's attempt 2",
        "Throttled",
        400,
        "12.30",
    )


def test_a_failure_of_ours_is_said_to_be_ours_wherever_the_call_is_shown():
    event = called(5, request=1, status_code=500, error="InternalFailure", is_ours=True)
    result = leak(events=(event,), environments=(environment(),))

    (row,) = rows_of(event)[0].rows
    assert row.remarks == "our stand-in for the service failed; neither AWS nor your code did"
    assert "our stand-in for the service failed" in render(result, Paint(on=False))
    assert "`InternalFailure` (our stand-in failed)" in issue_markdown(result, ORIGIN)


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
    assert line.strip() == r"AWS dynamodb \x1b[2J  users  200  No\x0aSuch  12.3 ms"


def test_the_command_line_names_the_item_and_the_sdk_s_attempt():
    asked = '{"TableName": "users", "Key": {"id": {"S": "7"}}}'
    result = leak(events=(called(5, request=1, parameters=asked, attempt=3),), environments=(environment(),))

    assert "AWS dynamodb GetItem  users  id=7  200  12.3 ms  (attempt 3)" in render(result, Paint(on=False))


# --- calls between the requests --------------------------------------------------------------------------------------


def from_outside(ms, step, principal="", **fields):
    """A call of a scenario's step."""
    event = called(ms, **{"operation": "PutItem", **fields}, where=None, step=step, principal=principal)
    return event.model_copy(update={"seq": step + 1})


def test_calls_of_the_scenario_s_steps_are_rows_between_the_requests():
    events = (
        from_outside(1, 0, "alice"),
        arrived(5, 1),
        from_outside(40, 2),
        arrived(50, 2),
        from_outside(90, 4, "bob"),
    )
    rows = request_rows(Shown((invocation(1), invocation(2)), events=events))

    assert [[one.principal for one in row.before] for row in rows] == [["alice"], [""]]
    assert [[one.principal for one in row.after] for row in rows] == [[], ["bob"]]
    assert [row.calls.rows for row in rows] == [(), ()]
    html = render_to_string("experiments/_requests.html", {"requests": rows})
    assert (
        html.index(">alice<") < html.index('id="request-1"') < html.index("from outside") < html.index('id="request-2"')
    )
    assert html.index('id="request-2"') < html.index(">bob<")


@pytest.mark.parametrize("field", ["service", "operation", "parameters", "answer", "error", "principal"])
def test_nothing_of_a_step_s_call_becomes_markup(field):
    events = (from_outside(1, 0, **{field: EVERYTHING}),)

    html = render_to_string(
        "experiments/_requests.html", {"requests": request_rows(Shown((invocation(1),), events=events))}
    )

    assert "alert(1)" in html
    assert not [each for each in ("<script", "<img", "</style", "\x1b", "\u202e", "\0") if each in html]


def test_on_the_timeline_they_say_who_called_and_lead_to_their_row():
    events = [from_outside(10 + ms, ms, "alice" if ms else "", took_us=5) for ms in range(CALLS_MAX + 1)]
    bars = draw((LONG,), (invocation(1),), (), (*CAME[:2], *events)).account.outlines

    assert bars[0].title == "DynamoDB PutItem, table users by a caller from outside: status 200, 5 µs"
    assert "by alice:" in bars[1].title
    assert {bar.anchor.partition("-")[0] for bar in bars} == {"call"}


def test_command_line_issue_and_trace_say_that_they_came_from_outside():
    result = leak(events=(from_outside(5, 0, "alice"), from_outside(9, 1)), environments=(environment(),))

    assert "AWS dynamodb PutItem  users  by alice  200" in render(result, Paint(on=False))
    assert "AWS dynamodb PutItem  users  from outside  200" in render(result, Paint(on=False))
    assert "| outside | `dynamodb PutItem` |" in issue_markdown(result, ORIGIN)
    trace = json.loads(trace_file(result, ORIGIN))
    check(trace)
    begun, *_ = (each for each in trace["traceEvents"] if each.get("cat") == "aws")
    assert (begun["name"], begun["args"]["caller"]) == ("dynamodb PutItem", "alice")


# --- what is cut -----------------------------------------------------------------------------------------------------


def test_what_is_cut_of_a_text_is_said_below_it():
    long = "x" * ACCOUNT_TEXT_CHARACTERS_MAX
    ((row,), _) = (each.rows for each in rows_of(called(5, request=1, answer=long, answer_bytes=100_000)))

    assert (row.parameters_cut, row.answer_cut) == ("", "The first 2,000 characters; it had 97.7 KB in all.")
    html = render_to_string("experiments/_calls.html", {"calls": rows_of(called(5, request=1, answer=long))[0]})
    assert "cut-note" in html
    assert "cut-note" not in render_to_string("experiments/_calls.html", {"calls": rows_of(called(5, request=1))[0]})


# --- the lane --------------------------------------------------------------------------------------------------------

LONG = life(("init", 1, 4, None), ("invoke", 4, 600, 1))
LIFE = life(("init", 1, 4, None), ("invoke", 4, 60, 1), ("frozen", 60, 70, None), ("invoke", 70, 90, 2))
CAME = (arrived(1, 1), assigned(1, 1), arrived(69, 2), assigned(69, 2))


def lane_of(*events, window=WHOLE):
    """The lane of AWS's services of two requests in one environment."""
    return draw((LIFE,), (invocation(1), invocation(2)), (), (*CAME, *events), window=window).account


def test_each_call_is_a_bar_below_the_request_that_made_it():
    timeline = draw((LIFE,), (invocation(1), invocation(2)), (), (*CAME, called(10, request=1), called(72, request=2)))
    first, second = timeline.account.outlines
    bars = [mark for mark in timeline.lanes[0].marks if mark.kind == "invoke"]

    assert [bar.x <= call.x and call.right <= bar.right for bar, call in zip(bars, (first, second), strict=True)] == [
        True,
        True,
    ]
    assert first.title == "DynamoDB GetItem, table users by request 1 (tenant-a): status 200, 12 ms"
    assert (first.label, first.y > bars[0].y + bars[0].height) == ("GetItem 12 ms", True)


def test_a_call_leads_to_its_details():
    event = called(10, request=1)

    (bar,), (row,) = lane_of(event).outlines, rows_of(event)[0].rows
    html = render_to_string("experiments/_calls.html", {"calls": rows_of(event)[0]})
    assert bar.anchor == row.anchor
    assert f'id="{row.anchor}"' in html


def test_a_call_that_is_not_listed_leads_to_its_request():
    events = [called(10 + ms, request=1, took_us=5) for ms in range(CALLS_MAX + 1)]
    bars = draw((LONG,), (invocation(1),), (), (*CAME[:2], *events)).account.outlines

    assert {bar.anchor for bar in bars[:CALLS_MAX]} == {"call-1"}
    assert {bar.anchor for bar in bars[CALLS_MAX:]} == {"request-1"}


def test_one_that_failed_and_one_of_an_init_look_and_read_otherwise():
    in_init, failed = lane_of(called(2, took_us=9), called(9, request=1, status_code=404, error="NoSuchKey")).outlines

    assert (in_init.kind, failed.kind) == ("call", "call-failed")
    assert "by init of env-1" in in_init.title
    assert "status 404 NoSuchKey" in failed.title


def test_calls_that_overlap_are_in_rows_and_those_without_room_are_counted():
    lane = lane_of(*(called(10, request=1, left_out=7 if number == 6 else 0) for number in range(7)))

    assert [bar.y - lane.outlines[0].y for bar in lane.outlines] == [0, 20, 40, 60]
    assert lane.left_out == 3 + 7


def test_without_calls_there_is_no_such_lane():
    assert lane_of() is None


def test_a_range_has_only_its_calls():
    events = called(10, request=1), called(72, "PutItem", request=2)

    assert [bar.label for bar in lane_of(*events, window=Window(65_000, 95_000)).outlines] == ["DynamoDB PutItem 12 ms"]


def test_a_timeline_of_many_calls_is_no_wider_than_one_that_can_be_read():
    events = [called(10 + ms, request=1, took_us=10) for ms in range(500)]
    timeline = draw((LONG,), (invocation(1),), (), (*CAME[:2], *events))

    assert len(timeline.account.outlines) == DRAWN_MAX
    assert timeline.account.left_out == 500 - DRAWN_MAX
    assert timeline.width < 3_000


# --- what leaves the site --------------------------------------------------------------------------------------------


def test_a_trace_has_each_call_in_its_environment_with_its_texts():
    result = leak(events=(called(45, request=1),), environments=(environment(),))
    trace = json.loads(trace_file(result, ORIGIN))

    check(trace)
    begun, ended = (each for each in trace["traceEvents"] if each.get("cat") == "aws")
    assert (begun["name"], ended["ts"] - begun["ts"]) == ("dynamodb GetItem", 12_300)
    assert begun["args"]["parameters"] == '{"TableName": "users"}'


def test_the_markdown_of_an_issue_lists_the_calls():
    text = issue_markdown(leak(events=(called(45, request=1), called(1))), ORIGIN)

    assert "| 1 | `dynamodb GetItem` | `users` | 200 |  | 12.30 |" in text
    assert "| init | `dynamodb GetItem` |" in text


def test_it_has_a_bounded_number_of_them_and_says_so():
    text = issue_markdown(leak(events=[called(45, request=1) for _ in range(ISSUE_CALLS_MAX + 2)]), ORIGIN)

    assert text.count("`dynamodb GetItem`") == ISSUE_CALLS_MAX
    assert "2 calls more" in text
