"""A caller has one colour on the whole page."""

from __future__ import annotations

from playground.run_page.callers.colours import COLOURS, caller_colours
from playground.run_page.presenter import run_page
from tests.playground.run_results import invocation, leak


def test_colours_follow_the_order_in_which_callers_first_ask_and_begin_again():
    asked = [invocation(at, principal=f"caller-{at % 10}") for at in range(1, 21)]
    colours = caller_colours(reversed(asked))
    assert [colours[f"caller-{at % 10}"] for at in range(1, 11)] == [*range(1, COLOURS + 1), 1, 2]


def test_a_callers_requests_and_the_log_of_them_have_one_colour():
    page = run_page(leak())
    by_request = {row.anchor: row.colour for row in page.requests}
    assert list(by_request.values()) == [1, 2]
    assert {group.colour for group in page.log if group.request_anchor} == {1, 2}
    assert all(group.colour == by_request[group.request_anchor] for group in page.log if group.request_anchor)


def test_a_callers_bars_have_the_colour_that_its_row_has_and_the_legend_its_name():
    page = run_page(leak())
    by_request = {row.anchor: row.colour for row in page.requests}
    bars = [mark for lane in page.timeline.lanes for mark in lane.marks if mark.kind == "invoke"]
    assert [mark.colour for mark in bars] == [by_request[mark.anchor] for mark in bars] == [1, 2]
    assert page.timeline.callers == ((1, "tenant-a"), (2, "tenant-b"))


def test_callers_without_a_name_are_not_in_the_legend():
    two = tuple(invocation(at, principal=f"request-{at}") for at in (1, 2))
    assert run_page(leak(invocations=two, findings=())).timeline.callers == ()
