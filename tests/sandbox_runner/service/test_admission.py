"""Concurrency counts what is under way; what is over it is throttled with the service's reason and body."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_runner.service.admission import Account, Admission


def filled(admission, count):
    return [admission.enter() for _ in range(count)]


def test_as_many_as_are_reserved_run_at_once_and_the_next_is_throttled():
    *admitted, refused = filled(Admission(2), 3)
    assert admitted == [None, None]
    assert json.loads(refused.body) == {
        "Reason": "ReservedFunctionConcurrentInvocationLimitExceeded",
        "Type": "User",
        "message": "Rate Exceeded.",
    }


@pytest.mark.parametrize(
    ("reserved", "account", "reason"),
    [
        (0, 1000, "ReservedFunctionConcurrentInvocationLimitExceeded"),
        (None, 0, "ConcurrentInvocationLimitExceeded"),
    ],
)
def test_the_reason_says_whose_limit_it_was(reserved, account, reason):
    assert Admission(reserved, Account(total=account)).enter().reason == reason


def test_functions_without_a_reservation_share_what_the_others_leave():
    account = Account([None, 600, None], total=1000)
    first, reserving, other = (Admission(reserved, account) for reserved in (None, 600, None))
    assert filled(first, 300) == [None] * 300
    assert filled(reserving, 600) == [None] * 600
    assert filled(other, 100) == [None] * 100
    assert [each.enter().reason for each in (first, other)] == ["ConcurrentInvocationLimitExceeded"] * 2
    assert reserving.enter().reason == "ReservedFunctionConcurrentInvocationLimitExceeded"


def test_what_one_function_has_ended_makes_room_for_another():
    account = Account(total=1)
    one, other = Admission(None, account), Admission(None, account)
    one.enter()
    assert other.enter() is not None
    one.leave()
    assert other.enter() is None


def test_without_a_reservation_a_function_has_the_accounts_thousand():
    answers = filled(Admission(None), 1001)
    assert answers[:1000] == [None] * 1000
    assert answers[1000].reason == "ConcurrentInvocationLimitExceeded"


def test_what_is_reserved_later_counts_for_what_is_in_flight():
    account = Account(total=3)
    one, other = Admission(None, account), Admission(None, account)
    one.enter()
    one.reserve(1)
    assert one.enter().reason == "ReservedFunctionConcurrentInvocationLimitExceeded"
    assert filled(other, 2) == [None, None]
    assert other.enter().reason == "ConcurrentInvocationLimitExceeded"
    one.reserve(None)
    other.leave()
    other.leave()
    assert filled(other, 2) == [None, None]
    assert one.enter().reason == "ConcurrentInvocationLimitExceeded"


def test_what_has_ended_makes_room():
    admission = Admission(1)
    admission.enter()
    admission.leave()
    assert admission.enter() is None


@given(st.integers(0, 5), st.lists(st.booleans(), max_size=40))
def test_never_more_run_than_are_reserved_and_nobody_is_refused_while_there_is_room(reserved, turns):
    admission = Admission(reserved)
    running = 0
    for comes in turns:
        if comes:
            refused = admission.enter()
            assert (refused is None) == (running < reserved)
            running += refused is None
        elif running:
            admission.leave()
            running -= 1
        assert admission.in_flight == running <= reserved
