"""The queue of asynchronous requests: retries, back-off, and what is given up, over any course of attempts."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_runner.service.asynchronous.queue import AsyncQueue, Queued

US = 1_000_000


def queue(retries=2, age_s=21_600):
    return AsyncQueue(max_retry_attempts=retries, max_event_age_s=age_s)


def a_request(index=1, at_us=0):
    return Queued(index, f"id-{index}", "{}", "", accepted_us=at_us, due_us=at_us)


def taken(waiting, now_us):
    (request,) = waiting.take_due(now_us)
    return request


def test_a_new_request_is_due_at_once():
    waiting = queue()
    waiting.accept(a_request(at_us=5))
    assert waiting.next_due_us == 5
    assert [each.index for each in waiting.take_due(5)] == [1]
    assert len(waiting) == 0


def test_what_is_due_longest_comes_first():
    waiting = queue()
    for index, at_us in ((1, 30), (2, 10), (3, 20), (4, 99)):
        waiting.accept(a_request(index, at_us))
    assert [each.index for each in waiting.take_due(50)] == [2, 3, 1]
    assert waiting.next_due_us == 99


def test_a_failed_attempt_is_repeated_after_one_minute_and_then_after_two():
    waiting = queue()
    second = waiting.failed(a_request(), now_us=3 * US)
    third = waiting.failed(second, now_us=100 * US)
    assert (second.attempt, second.due_us) == (2, 63 * US)
    assert (third.attempt, third.due_us) == (3, 220 * US)
    assert waiting.failed(third, now_us=300 * US) == "RetriesExhausted"


@pytest.mark.parametrize("retries", [0, 1, 2])
def test_there_are_as_many_retries_as_are_configured(retries):
    waiting, request, attempts = queue(retries), a_request(), 1
    while isinstance(request := waiting.failed(request, request.due_us), Queued):
        attempts += 1
    assert attempts == 1 + retries


def test_a_throttled_attempt_goes_back_with_a_wait_that_doubles_up_to_five_minutes():
    waiting, request, waits = queue(), a_request(), []
    for _ in range(11):
        back = waiting.throttled(request, request.due_us)
        waits.append((back.due_us - request.due_us) // US)
        request = back
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    assert request.attempt == 1


def test_after_an_attempt_that_ran_the_wait_for_a_throttled_one_is_short_again():
    waiting = queue()
    throttled = replace(a_request(), throttles=7)
    retried = waiting.failed(throttled, 0)
    assert waiting.throttled(retried, 0).due_us == US


def test_what_would_be_too_old_at_its_next_attempt_is_given_up_at_once():
    assert queue(age_s=60).failed(a_request(), now_us=1) == "EventAgeExceeded"
    assert queue(age_s=60).failed(a_request(), now_us=0).due_us == 60 * US


def test_a_request_that_is_throttled_for_ever_is_given_up_for_its_age():
    waiting, request = queue(age_s=60), a_request()
    while isinstance(back := waiting.throttled(request, request.due_us), Queued):
        request = back
    assert back == "EventAgeExceeded"
    assert request.due_us == 31 * US


ENDINGS = st.lists(st.tuples(st.sampled_from(["failed", "throttled"]), st.integers(0, 30 * US)), max_size=60)


@given(st.integers(0, 2), st.integers(60, 21_600), ENDINGS)
def test_no_attempt_begins_too_early_too_late_or_once_too_often(retries, age_s, endings):
    waiting = queue(retries, age_s)
    waiting.accept(a_request())
    now_us, ran = 0, 0
    for ending, took_us in endings:
        now_us = max(now_us, waiting.next_due_us)
        assert now_us <= age_s * US
        request = taken(waiting, now_us)
        assert waiting.take_due(now_us) == []
        now_us += took_us
        ran += ending == "failed"
        if not isinstance(getattr(waiting, ending)(request, now_us), Queued):
            assert len(waiting) == 0
            break
        assert waiting.next_due_us > now_us
    assert ran <= retries + 1
