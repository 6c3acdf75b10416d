"""Which free environment serves, and which are ended, over every population of free ones."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from sandbox_runner.rules import placement


@dataclass(eq=False)
class Free:
    turn: int
    free_since_us: int
    provisioned: bool = False


FREE = st.lists(st.builds(Free, st.integers(0, 9), st.integers(0, 1000), st.booleans()), max_size=6)
HOW = st.sampled_from(["most-recently-used", "least-recently-used"])


def on_demand(*turns):
    return [Free(turn, 0) for turn in turns]


def test_the_one_that_was_used_last_serves():
    assert placement.choose(on_demand(0, 3, 7, 2), "most-recently-used").turn == 7


def test_the_one_that_was_used_longest_ago_serves_where_that_is_asked_for():
    assert placement.choose(on_demand(5, 3, 7), "least-recently-used").turn == 3


def test_a_provisioned_one_serves_before_any_other():
    provisioned = Free(1, 0, provisioned=True)
    for how in ("most-recently-used", "least-recently-used"):
        assert placement.choose([*on_demand(0, 2), provisioned], how) is provisioned


def test_of_those_that_never_served_the_oldest_does():
    first, second = on_demand(0, 0)
    assert placement.choose([first, second], "most-recently-used") is first


@given(FREE, HOW)
def test_somebody_serves_as_long_as_anybody_is_free(free, how):
    chosen = placement.choose(free, how)
    assert chosen in free if free else chosen is None


@given(FREE, HOW)
def test_a_request_spills_over_only_when_no_provisioned_one_is_free(free, how):
    chosen = placement.choose(free, how)
    assert chosen is None or chosen.provisioned or not any(each.provisioned for each in free)


@given(FREE)
def test_one_recycling_ends_one_that_nobody_has_used_for_longer(free):
    ended = placement.longest_unused(free)
    assert ended is None or ended.turn == min(each.turn for each in free)


@given(FREE, st.integers(0, 2000), st.integers(0, 1000))
def test_idle_time_ends_on_demand_environments_that_had_it_all_and_no_others(free, now_us, after_us):
    ended = placement.spun_down(free, now_us, after_us)
    assert all(not each.provisioned and each.free_since_us + after_us <= now_us for each in ended)
    assert all(each.provisioned or each.free_since_us + after_us > now_us for each in free if each not in ended)


@given(FREE, st.integers(0, 1000))
def test_at_the_next_spin_down_somebody_is_ended_and_before_it_nobody(free, after_us):
    due_us = placement.next_spin_down_us(free, after_us)
    if due_us is None:
        assert all(each.provisioned for each in free)
    else:
        assert placement.spun_down(free, due_us, after_us)
        assert not placement.spun_down(free, due_us - 1, after_us)
