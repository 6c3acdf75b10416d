"""Volatile tokens are masked; everything else that changes is a difference."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_runner.verdict.texts.masks import differs, separates, settled

NOW_MS = 1_767_571_200_000


@pytest.mark.parametrize(
    ("description", "observed", "controls", "expected"),
    [
        ("equal", "a b", ["a b", "a b"], False),
        ("another word", "a c", ["a b", "a b"], True),
        ("equal to one of two that differ", "id 2", ["id 1", "id 2"], False),
        ("another value where the controls differ too", "id 3", ["id 1", "id 2"], False),
        ("a change beside a volatile token", "id 3 hoge", ["id 1 none", "id 2 none"], True),
        ("a token too many", "id 3 hoge", ["id 1", "id 2"], True),
        ("a volatile length", "[1, 2, 3, 4]", ["[1, 2]", "[1, 2, 3]"], False),
        ("a volatile length and another beginning", "{1}", ["[1]", "[1, 2]"], True),
        ("no controls", "a", [], False),
        ("one control", "b", ["a"], True),
    ],
)
def test_a_difference_is_one_where_the_controls_agree(description, observed, controls, expected):
    assert differs(observed, controls) is expected, description


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RequestId: r-1 Error", "RequestId: <request id> Error"),
        ("at 2026-01-05T00:00:01.123Z", "at <time>"),
        ("at 2026-01-04 23:59", "at <time>"),
        ("born 1999-05-06T07:08:09Z", "born 1999-05-06T07:08:09Z"),
        ("1767571201.5", "<time>"),
        ("1767571201500", "<time>"),
        ("call 0312345678", "call 0312345678"),
        ("9999-99-99T99:99", "9999-99-99T99:99"),
    ],
)
def test_the_request_s_id_and_clock_readings_are_taken_out(text, expected):
    assert settled(text, request_id="r-1", at_epoch_ms=NOW_MS) == expected


@given(st.text(), st.lists(st.text(), min_size=1, max_size=4))
def test_an_answer_that_is_one_of_the_controls_never_differs(text, others):
    assert not differs(text, [*others, text])


@given(st.text(max_size=60), st.text(max_size=60))
def test_against_agreeing_controls_every_change_is_a_difference(one, other):
    assert differs(other, [one, one]) is (one != other)


@given(st.text(max_size=200))
def test_settling_takes_any_text(text):
    assert settled(settled(text, request_id="", at_epoch_ms=NOW_MS), request_id="", at_epoch_ms=NOW_MS) is not None


@pytest.mark.parametrize(
    ("description", "left", "right", "expected"),
    [
        ("one text each, and another", ["a", "a"], ["b", "b"], True),
        ("the same", ["a", "a"], ["a", "a"], False),
        ("one text in both", ["a", "b"], ["b", "c"], False),
        ("only noise", ["id 1", "id 2"], ["id 3", "id 4"], False),
        ("a word beside noise", ["id 1 x", "id 2 x"], ["id 3 y", "id 4 y"], True),
        ("lengths that vary, another beginning", ["x 1 2", "x 1"], ["y 1 2 3", "y 1"], True),
        ("lengths that vary, another end", ["1, 2 x", "1 x"], ["1, 2, 3 y", "1 y"], True),
        ("lengths that vary and nothing else", ["1 2", "1"], ["1 2 3", "1 2 3 4"], False),
        ("noise of any length, and nothing", ["id 1 2 x", "id 1 x"], ["", ""], True),
        ("noise of any length, and a beginning of any length", ["id 1 2", "id 1"], ["id", "id 1 2 3"], False),
        ("noise of any length alone, and nothing", ["1 2", "3"], ["", ""], False),
        ("a word more between noise", ["1 a x 2", "3 a x 4"], ["5 x 6", "7 x 8"], True),
        ("noise in place of a word", ["1 a", "3 a"], ["5 6 7", "8 9 0"], False),
        ("noise and nothing else, of two lengths", ["1 - 2", "3 - 4"], ["5 2", "7 4"], False),
        ("words between noise whose length varies", ["1 a x 2", "3 - a x 4"], ["5 x 6", "7 x 8"], False),
        ("nothing to compare", [], ["a"], False),
    ],
)
def test_two_groups_are_told_apart_by_what_each_agrees_on(description, left, right, expected):
    assert separates(left, right) is expected, description
    assert separates(right, left) is expected, description
