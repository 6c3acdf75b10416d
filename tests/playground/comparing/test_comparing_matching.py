"""Which request of one run is which of the other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from playground.comparing.matching import matched
from playground.text.diffs import Room
from tests.playground.run_results import invocation


def requests(*asked):
    """Requests as (principal, payload), numbered from 1."""
    return [invocation(at, principal=who, payload=what) for at, (who, what) in enumerate(asked, 1)]


def pairs(first, second):
    return [(p.first and p.first.index, p.second and p.second.index) for p in matched(first, second, Room())]


def test_the_same_requests_are_matched_in_order():
    run = requests(("a", "1"), ("b", "2"), ("a", "1"))

    assert pairs(run, run) == [(1, 1), (2, 2), (3, 3)]


def test_a_request_that_was_added_matches_none():
    assert pairs(requests(("a", "1"), ("b", "2")), requests(("a", "1"), ("c", "9"), ("b", "2"))) == [
        (1, 1),
        (None, 2),
        (2, 3),
    ]


def test_a_request_that_was_taken_out_matches_none():
    assert pairs(requests(("a", "1"), ("c", "9"), ("b", "2")), requests(("a", "1"), ("b", "2"))) == [
        (1, 1),
        (2, None),
        (3, 2),
    ]


def test_a_payload_that_was_edited_is_the_same_principals_request():
    assert pairs(requests(("a", "1"), ("b", "2")), requests(("a", "1"), ("x", "0"), ("b", "3"))) == [
        (1, 1),
        (None, 2),
        (2, 3),
    ]


def test_requests_with_nothing_in_common_are_matched_by_their_place():
    assert pairs(requests(("a", "1"), ("b", "2")), requests(("c", "3"))) == [(1, 1), (2, None)]


def test_attempts_of_a_request_are_matched_by_their_number():
    once = [invocation(1)]
    twice = [invocation(1), invocation(1, attempt=2)]

    assert [(p.first and p.first.attempt, p.second and p.second.attempt) for p in matched(once, twice, Room())] == [
        (1, 1),
        (None, 2),
    ]


ASKED = st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("123")), max_size=12)


@given(first=ASKED, second=ASKED)
def test_every_request_of_both_runs_is_there_once_and_in_order(first, second):
    found = pairs(requests(*first), requests(*second))

    assert [one for one, _ in found if one] == list(range(1, len(first) + 1))
    assert [other for _, other in found if other] == list(range(1, len(second) + 1))
