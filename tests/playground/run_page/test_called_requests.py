"""Requests that functions made: whose they are, in the table and on the timeline."""

from __future__ import annotations

import pytest
from django.template.loader import render_to_string

from playground.run_page.requests import Shown, request_rows
from playground.run_page.timeline.timeline import draw
from sandbox_runner.cli.terminal import Paint, render
from sandbox_runner.events.records import Cause, CausingMessage, MessagesHandled
from tests.playground.happenings import at, life
from tests.playground.hostile_results import EVERYTHING
from tests.playground.run_results import environment, invocation, leak

MS = 1_000
PARENT = invocation(1, function="front", arrived_us=1 * MS, answered_us=50 * MS)
CHILD = invocation(2, function="worker", called_by=1, environment="env-2", arrived_us=10 * MS, answered_us=30 * MS)


def test_a_request_says_which_one_made_it_and_that_one_lists_it():
    parent, child = request_rows(Shown((PARENT, CHILD)))

    assert (parent.called_by, child.called_by.words, child.called_by.anchor) == (
        None,
        "called by request 1",
        "request-1",
    )
    assert [(each.words, each.anchor) for each in parent.called] == [("request 2 to worker: success", "request-2")]
    html = render_to_string("experiments/_requests.html", {"requests": (parent, child)})
    assert 'worker, <a href="#request-1" data-select="request-1">called by request 1</a>' in html
    assert '<a href="#request-2" data-select="request-2">request 2 to worker: success</a>' in html


def test_a_request_of_module_code_leads_nowhere():
    (row,) = request_rows(Shown((invocation(1, function="worker", called_by=0),)))

    assert (row.called_by.words, row.called_by.anchor) == ("called by module code", "")


def test_each_attempt_of_an_asynchronous_request_lists_what_it_made_itself():
    parents = [
        PARENT.model_copy(
            update={
                "invocation_type": "event",
                "attempt": number,
                "arrived_us": number * 100 * MS,
                "answered_us": number * 100 * MS + 50 * MS,
            }
        )
        for number in (1, 2)
    ]
    children = [CHILD.model_copy(update={"index": 1 + n, "arrived_us": n * 100 * MS + MS}) for n in (1, 2)]

    rows = request_rows(Shown((*parents, *children)))

    assert [[each.anchor for each in row.called] for row in rows[:2]] == [["request-2"], ["request-3"]]
    assert [(row.called_by.words, row.called_by.anchor) for row in rows[2:]] == [
        ("called by request 1", "request-1"),
        ("called by request 1 attempt 2", "request-1-attempt-2"),
    ]


def test_the_timeline_leads_from_the_bar_of_the_caller_to_that_of_the_called():
    lives = (
        life(("init", 0, 1, None), ("invoke", 1, 50, 1)),
        life(("init", 11, 12, None), ("invoke", 12, 30, 2), name="env-2", function="worker"),
    )
    timeline = draw(lives, (PARENT, CHILD))

    (link,) = timeline.links
    bars = [next(mark for mark in lane.marks if mark.kind == "invoke") for lane in timeline.lanes]
    x, _, low = link.path.removeprefix("M").partition(" ")
    assert link.title == "Request 2 was made by request 1"
    assert low == f"{min(m.y for m in timeline.lanes[0].marks)}V{min(m.y for m in timeline.lanes[1].marks)}"
    assert bars[0].x <= int(x) <= bars[1].x


SENT = CHILD.model_copy(
    update={
        "called_by": None,
        "cause": Cause(kind="on-failure", name="front", request=1),
        "arrived_us": 60 * MS,
        "answered_us": 80 * MS,
    }
)


def test_a_request_of_a_destination_says_of_which_and_the_one_before_it_lists_it():
    failed = PARENT.model_copy(update={"invocation_type": "event"})
    parent, child = request_rows(Shown((failed, SENT)))

    assert (child.called_by.words, child.called_by.anchor) == (
        "destination of front after the failure of request 1",
        "request-1",
    )
    assert [each.anchor for each in parent.called] == ["request-2"]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("sns", "notification of the topic news"),
        ("s3", "notification of the bucket news"),
        ("eventbridge", "event by the rule news"),
    ],
)
def test_a_request_of_a_service_s_says_of_which_and_because_of_whom(kind, words):
    sent, outside = (
        SENT.model_copy(update={"cause": Cause(kind=kind, name="news", request=by)}) for by in (PARENT.index, 0)
    )
    parent, child = request_rows(Shown((PARENT, sent)))

    assert (child.called_by.words, child.called_by.anchor) == (f"{words} because of request 1", "request-1")
    assert [each.anchor for each in parent.called] == ["request-2"]
    assert request_rows(Shown((PARENT, outside)))[1].called_by.words == words


def test_a_batch_says_which_messages_it_has_who_sent_them_and_what_became_of_them():
    messages = (CausingMessage(id="m-1", received=2, request=1), CausingMessage(id="m-2", received=1))
    batch = CHILD.model_copy(
        update={"called_by": None, "cause": Cause(kind="queue", name="jobs", request=1, messages=messages)}
    )
    handled = at(90, MessagesHandled(index=2, queue="jobs", deleted=("m-2",), returned=("m-1",)))

    rows = request_rows(Shown((PARENT, batch), events=(handled,)))

    assert (rows[1].called_by.words, rows[1].called_by.anchor) == (
        "2 messages of the queue jobs, reception 2",
        "request-1",
    )
    assert [(each.words, each.anchor) for each in rows[1].messages] == [
        ("m-1, reception 2, sent by request 1, stays in the queue", "request-1"),
        ("m-2, reception 1, deleted", ""),
    ]
    html = render_to_string("experiments/_requests.html", {"requests": rows})
    assert "<li>m-2, reception 1, deleted</li>" in html


@pytest.mark.parametrize(("kind", "of"), [("dynamodb", "table"), ("kinesis", "stream")])
def test_a_batch_of_a_stream_says_which_records_it_has_who_wrote_them_and_how_far_it_came(kind, of):
    messages = (CausingMessage(id="7", received=2, request=1), CausingMessage(id="8", received=2))
    batch = CHILD.model_copy(
        update={"called_by": None, "cause": Cause(kind=kind, name="orders", request=1, messages=messages)}
    )
    handled = at(90, MessagesHandled(index=2, queue="orders", deleted=("7",), returned=("8",)))

    rows = request_rows(Shown((PARENT, batch), events=(handled,)))

    assert (rows[1].called_by.words, rows[1].called_by.anchor) == (
        f"2 records of the {of} orders, attempt 2",
        "request-1",
    )
    assert [(each.words, each.anchor) for each in rows[1].messages] == [
        ("7, attempt 2, written by request 1, done with", "request-1"),
        ("8, attempt 2, failed", ""),
    ]


def test_only_the_last_attempt_leads_to_what_its_function_s_destination_makes():
    attempts = [
        PARENT.model_copy(update={"invocation_type": "event", "attempt": number, "arrived_us": number * MS})
        for number in (1, 2)
    ]

    rows = request_rows(Shown((*attempts, SENT)))

    assert [[each.anchor for each in row.called] for row in rows] == [[], ["request-2"], []]
    assert rows[2].called_by.anchor == "request-1-attempt-2"


def test_the_timeline_leads_from_a_request_to_that_of_its_destination():
    lives = (
        life(("init", 0, 1, None), ("invoke", 1, 50, 1)),
        life(("init", 60, 61, None), ("invoke", 61, 80, 2), name="env-2", function="worker"),
    )

    (link,) = draw(lives, (PARENT, SENT)).links

    assert link.title == "Request 2 was made by the destination of request 1"


@pytest.mark.parametrize("field", ["principal"])
def test_nothing_of_a_called_request_becomes_markup(field):
    rows = request_rows(Shown((PARENT, CHILD.model_copy(update={field: EVERYTHING}))))

    html = render_to_string("experiments/_requests.html", {"requests": rows})
    assert not [each for each in ("<script", "<img", "</style", "\x1b", "\u202e", "\0") if each in html]


def test_the_command_line_says_who_made_a_request():
    for made in (CHILD, SENT):
        text = render(leak(invocations=(PARENT, made), environments=(environment(),)), Paint(on=False))

        assert "tenant-b ← 1" in text
