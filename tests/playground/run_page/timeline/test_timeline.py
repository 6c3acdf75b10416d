"""The timeline's geometry: everything can be seen, in order, and says what it is."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.run_page.timeline.axis import Stretch, build, nice_step
from playground.run_page.timeline.shapes import GUTTER
from playground.run_page.timeline.timeline import draw
from tests.playground.run_results import environment, finding, invocation, leak, pair, span, timed_out

SECOND = 1_000_000


def drawn(result):
    return draw(result.environments, result.invocations, result.findings)


def marks(timeline, kind=None):
    return [m for lane in timeline.lanes for m in lane.marks if kind in (None, m.kind)]


@st.composite
def lives(draw_):
    """Spans of one environment, one after the other, from microseconds to a minute long."""
    spans, at = [], draw_(st.integers(0, SECOND))
    for phase in draw_(
        st.lists(st.sampled_from(["init", "invoke", "frozen", "reset", "shutdown"]), min_size=1, max_size=12)
    ):
        length = draw_(st.integers(0, 60 * SECOND))
        spans.append(span(phase, at, at + length))
        at += length + draw_(st.integers(0, 5_000))
    return tuple(spans)


@given(lives())
def test_marks_follow_each_other_in_the_order_of_their_times(spans):
    timeline = draw((environment(spans=spans),), ())
    places = [(m.x, m.x + m.width) for m in marks(timeline)]
    assert places == sorted(places)


@given(lives())
def test_every_phase_is_wide_enough_to_be_seen_and_lies_inside_the_picture(spans):
    timeline = draw((environment(spans=spans),), ())
    for mark in marks(timeline):
        assert mark.width >= (2 if mark.kind == "frozen" else 20)
        assert GUTTER <= mark.x <= mark.x + mark.width <= timeline.width
        assert 0 <= mark.y <= mark.y + mark.height <= timeline.height


def test_invocations_that_overlap_are_drawn_below_one_another_and_the_next_takes_a_row_that_is_free():
    spans = tuple(
        span("invoke", start * SECOND, end * SECOND, start + 1) for start, end in ((0, 4), (1, 2), (3, 6), (5, 7))
    )
    timeline = draw((environment(spans=spans),), ())
    first, second, third, fourth = sorted(marks(timeline), key=lambda mark: mark.x)
    assert first.y == fourth.y < second.y == third.y
    assert second.y >= first.y + first.height
    assert all(
        lane.y <= mark.y <= mark.y + mark.height <= lane.y + lane.height
        for lane in timeline.lanes
        for mark in lane.marks
    )


@given(lives())
def test_ticks_have_room_and_rise(spans):
    places = [tick.x for tick in draw((environment(spans=spans),), ()).ticks]
    assert all(right - left >= 40 for left, right in pairwise(places))


@given(
    st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**7)), min_size=1, max_size=20), st.integers(0, 10**9)
)
def test_an_axis_never_goes_back(pairs, at_us):
    axis = build([Stretch(start, start + length, 20) for start, length in pairs])
    assert axis.x(at_us) <= axis.x(at_us + 1_000)


@given(
    st.lists(st.tuples(st.integers(0, 10**7), st.integers(0, 10**6)), min_size=1, max_size=20),
    st.integers(200, 1_000),
)
def test_an_axis_keeps_to_its_room_as_far_as_what_must_be_seen_does(pairs, room):
    stretches = [Stretch(start, start + length, 20) for start, length in pairs]
    free, narrow = build(stretches), build(stretches, room_px=room)
    least = build(stretches, room_px=0)
    assert narrow.width <= max(room, least.width) + 1
    assert least.width <= narrow.width <= free.width
    assert narrow.width > room - 3 or narrow.width == free.width or least.width >= room
    assert all(narrow.x(s.end_us) - narrow.x(s.start_us) >= 19 for s in stretches if s.end_us > s.start_us)


def test_two_milliseconds_stay_visible_beside_five_seconds_of_idleness():
    timeline = drawn(leak())
    first, second = marks(timeline, "invoke")
    assert min(first.width, second.width) >= 30
    assert timeline.width < 1200


def test_a_long_wait_is_cut_out_and_its_length_is_said():
    timeline = drawn(leak())
    assert [one.label for one in timeline.breaks] == ["5 s"]


def test_a_short_wait_is_not_cut_out():
    spans = (span("init", 0, 40_000), span("invoke", 41_000, 44_000, 1), span("frozen", 44_000, 50_000))
    assert draw((environment(spans=spans),), (invocation(1),)).breaks == ()


def test_no_tick_is_inside_a_break():
    timeline = drawn(leak())
    broken = timeline.breaks[0]
    assert not [tick for tick in timeline.ticks if broken.zig_x <= tick.x <= broken.zig_x + 24]


def test_a_mark_says_its_figures_in_words():
    first = marks(drawn(leak()), "invoke")[0]
    assert first.title == (
        "env-1: invoke of request 1 (tenant-a), 3.1 ms, from 44 ms of the run; success, cold start, Duration 3.12 ms"
    )
    assert first.anchor == "request-1"
    assert first.label == "#1 tenant-a"


def test_a_suppressed_init_lies_in_the_bracket_of_what_duration_covers():
    timeline = drawn(timed_out())
    bracket = timeline.lanes[0].brackets[0]
    inits = marks(timeline, "suppressed-init")
    assert bracket.label == "Duration 84.02 ms = 81.00 hidden init + 3.02 handler"
    assert bracket.x <= inits[0].x < bracket.right


def test_an_invocation_that_failed_is_marked_as_failed():
    assert [mark.failed for mark in marks(drawn(timed_out()), "invoke")] == [False, True, False]


def test_a_leak_is_an_arrow_from_its_writer_to_its_reader():
    timeline = drawn(leak())
    arrow = timeline.lanes[0].arrows[0]
    writer, reader = marks(timeline, "invoke")
    assert arrow.path.startswith(f"M{writer.label_x} ")
    assert f"H{reader.label_x}V" in arrow.path
    assert (arrow.label, arrow.anchor) == (
        "tenant-a → tenant-b: app.handler.[[module]].someGlobalValue",
        "finding-1",
    )


@pytest.mark.parametrize("turned", [False, True])
def test_between_requests_that_overlap_an_arrow_leads_from_bar_to_bar(turned):
    first, second = span("invoke", 0, 4 * SECOND, 1), span("invoke", SECOND, 3 * SECOND, 2)
    ends = pair(2, 1) if turned else pair(1, 2)
    found = finding(writer=ends.writer, reader=ends.reader)
    timeline = drawn(leak(environments=(environment(spans=(first, second)),), findings=(found,)))
    upper, lower = sorted(marks(timeline), key=lambda mark: mark.y)
    begin, tip = (lower.y, upper.y + upper.height) if turned else (upper.y + upper.height, lower.y)
    (arrow,) = timeline.lanes[0].arrows
    x = int(arrow.path[1:].split(" ")[0])
    assert lower.x < x < lower.x + lower.width
    assert arrow.path.startswith(f"M{x} {begin}H{x}V")
    assert f"L{x} {tip}L" in arrow.head


def test_an_arrow_is_not_drawn_between_environments():
    split = leak(
        invocations=(invocation(1), invocation(2, environment="env-2")),
        environments=(
            environment(spans=(span("invoke", 0, 10, 1),)),
            environment("env-2", (span("invoke", 20, 30, 2),)),
        ),
    )
    assert [lane.arrows for lane in drawn(split).lanes] == [(), ()]


def test_findings_between_the_same_two_requests_share_one_arrow():
    assert len(drawn(leak(findings=(finding(), finding(kind="log-leak")))).lanes[0].arrows) == 1


def test_lanes_are_one_below_the_other():
    two = (environment("env-1"), environment("env-2"))
    first, second = draw(two, ()).lanes
    assert first.y + first.height == second.y


def test_a_run_without_environments_has_no_lanes():
    assert draw((), ()).lanes == ()


@pytest.mark.parametrize(("least", "step"), [(0, 100), (101, 200), (499, 500), (600, 1_000), (1_000_001, 2_000_000)])
def test_a_step_of_the_axis_is_a_round_number(least, step):
    assert nice_step(least) == step
