"""The budget of a proof, as a person writes it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_runner.cli.budget import AskedBudget, read_budget
from sandbox_runner.errors import UsageError


@pytest.mark.parametrize(
    ("text", "seconds", "replays"),
    [
        (None, None, None),
        ("20", None, 20),
        ("20s", 20.0, None),
        ("0.5s", 0.5, None),
        ("200, 30s", 30.0, 200),
        ("30 s,200", 30.0, 200),
    ],
)
def test_a_budget_is_replays_or_seconds_or_both(text, seconds, replays):
    assert read_budget(text) == AskedBudget(seconds, replays)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("0", "--budget 0 is out of range; replays go from 1 to 100000"),
        ("-1", "--budget -1 is no whole number of replays; write"),
        ("NaN", "--budget NaN is no whole number of replays; write"),
        ("1e308", "--budget 1e308 is no whole number of replays; write"),
        ("1.5", "--budget 1.5 is no whole number of replays; write"),
        ("999999999", "--budget 999999999 is out of range"),
        ("0s", "--budget 0s is out of range; seconds go up to 3600s"),
        ("-1s", "--budget -1s is no number of seconds; write"),
        ("nans", "--budget nans is no number of seconds; write"),
        ("1e308s", "--budget 1e308s is no number of seconds; write"),
        ("3601s", "--budget 3601s is out of range; seconds go up to 3600s"),
        ("1s,2s", "--budget 1s,2s says the same thing more than once; write"),
        ("", "--budget (empty) is no whole number of replays; write"),
    ],
)
def test_what_is_no_budget_is_refused_with_the_option_and_the_cure(text, sentence):
    with pytest.raises(UsageError) as refused:
        read_budget(text)
    assert str(refused.value).startswith(sentence)


@given(st.text(max_size=20))
def test_whatever_is_written_is_a_usable_budget_or_refused(text):
    try:
        budget = read_budget(text)
    except UsageError:
        return
    if budget.seconds is not None:
        assert math.isfinite(budget.seconds)
        assert budget.seconds > 0
    assert budget.replays is None or budget.replays > 0
