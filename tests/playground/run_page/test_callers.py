"""A caller has one colour on the whole page."""

from __future__ import annotations

from playground.run_page.callers import COLOURS, caller_colours
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
