"""Requests that functions made: whose they are, in the table and on the timeline."""

from __future__ import annotations

import pytest
from django.template.loader import render_to_string

from playground.run_page.requests import Shown, request_rows
from playground.run_page.timeline.timeline import draw
from sandbox_runner.cli.terminal import Paint, render
from tests.playground.happenings import life
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


@pytest.mark.parametrize("field", ["principal"])
def test_nothing_of_a_called_request_becomes_markup(field):
    rows = request_rows(Shown((PARENT, CHILD.model_copy(update={field: EVERYTHING}))))

    html = render_to_string("experiments/_requests.html", {"requests": rows})
    assert not [each for each in ("<script", "<img", "</style", "\x1b", "\u202e", "\0") if each in html]


def test_the_command_line_says_who_made_a_request():
    text = render(leak(invocations=(PARENT, CHILD), environments=(environment(),)), Paint(on=False))

    assert "tenant-b ← 1" in text
