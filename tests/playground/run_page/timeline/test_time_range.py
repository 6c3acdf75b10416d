"""The stretch of a run that a timeline shows."""

from __future__ import annotations

import pytest

from playground.run_page.timeline.time_range import WHOLE, Window, WindowError, range_text, read_window
from playground.run_page.timeline.timeline import draw, draw_together
from tests.playground.happenings import MS, arrived, assigned, life, peer, queued, throttled
from tests.playground.run_results import invocation, leak

LIFE = life(
    ("init", 0, 40, None),
    ("invoke", 41, 44, 1),
    ("frozen", 44, 5_000, None),
    ("invoke", 5_000, 5_010, 2),
    ("shutdown", 5_020, 5_020, None),
)
OTHER = life(("init", 6_000, 6_040, None), ("shutdown", 6_050, 6_050, None), name="env-2")
REQUESTS = (invocation(1), invocation(2))


def drawn(start_ms, end_ms, *, environments=(LIFE, OTHER), events=()):
    return draw(environments, REQUESTS, (), events, window=Window(start_ms * MS, end_ms * MS))


def kinds(timeline):
    return {one.id: [mark.kind for mark in one.marks] for one in timeline.lanes}


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("43.9-51.44", Window(43_900, 51_440)),
        ("0-1", Window(0, 1_000)),
        (" 1-2 ", Window(1_000, 2_000)),
        ("0.001-0.002", Window(1, 2)),
        ("", WHOLE),
        ("  ", WHOLE),
    ],
)
def test_a_range_is_milliseconds_of_the_run(text, window):
    assert read_window(text) == window


@pytest.mark.parametrize(
    "text",
    [
        "1",
        "-",
        "1-",
        "-1",
        "a-b",
        "1-2-3",
        "1e3-2e3",
        "1.2345-2",
        "\u0661-\u0662",
        "1" * 11 + "-2",
        "nan-inf",
        "1-2\x00",
    ],
)
def test_what_is_no_range_is_refused_with_a_sentence_that_shows_one(text):
    with pytest.raises(WindowError, match=r"write it as t=43\.9-51\.44, in milliseconds"):
        read_window(text)


@pytest.mark.parametrize("text", ["2-1", "1-1"])
def test_a_range_that_ends_before_it_begins_is_refused(text):
    with pytest.raises(WindowError, match="ends before it begins"):
        read_window(text)


def test_a_range_is_written_as_it_is_read():
    assert read_window(range_text(43_900, 51_440)) == Window(43_900, 51_440)
    assert range_text(5, 5) == "0.005-0.006"


def test_only_phases_inside_the_range_are_drawn():
    assert kinds(drawn(30, 60)) == {"env-1": ["init", "invoke", "frozen"]}


def test_a_phase_that_is_partly_inside_keeps_its_true_length():
    init = drawn(30, 60).lanes[0].marks[0]

    assert "init, 40 ms, from 0 µs of the run" in init.title


def test_what_is_inside_is_drawn_between_the_ends_of_the_axis():
    timeline = drawn(30, 60)

    assert all(timeline.axis_left <= mark.x <= mark.right <= timeline.axis_right for mark in timeline.lanes[0].marks)
    assert (timeline.corners[0][1], timeline.corners[-1][1]) == (30 * MS, 60 * MS)


def test_an_environment_without_a_phase_inside_has_no_lane():
    assert list(kinds(drawn(5_990, 6_100))) == ["env-2"]


def test_a_range_in_which_nothing_ran_draws_nothing():
    timeline = drawn(7_000, 8_000)

    assert (timeline.lanes, timeline.service, timeline.peers) == ((), None, ())


def test_a_range_inside_a_freeze_shows_the_freeze():
    assert kinds(drawn(1_000, 1_001)) == {"env-1": ["frozen"]}


def test_a_gap_before_a_first_request_outside_of_the_range_is_not_called_never_served():
    prepared = life(("init", 0, 10, None), ("frozen", 10, 500, None), ("invoke", 500, 510, 1), created_by="proactive")

    assert [b.label for b in drawn(0, 100, environments=(prepared,)).lanes[0].brackets] == [
        "490 ms until its first request"
    ]


def test_throttles_waits_and_connections_outside_are_not_drawn():
    request = (arrived(1, 1, "event"), queued(1, 1), assigned(20, 1))
    events = (*request, arrived(30, 2), throttled(30, 2), peer(35, "connected"), peer(36, "closed-by-peer"))

    assert drawn(21, 29, events=events).service is None
    assert drawn(21, 29, events=events).peers == ()
    assert drawn(0, 40, events=events).service.outlines
    assert drawn(0, 40, events=events).peers


def test_the_whole_run_is_drawn_as_without_a_range():
    assert draw((LIFE,), REQUESTS, window=WHOLE) == draw((LIFE,), REQUESTS)


def test_runs_that_are_drawn_together_have_the_same_time_at_the_same_place():
    longer = leak(environments=(life(("init", 2, 90, None), ("invoke", 91, 95, 1)),))

    first, second = draw_together([leak(), longer])

    assert first.corners == second.corners
    assert first.ticks == second.ticks
    assert first.lanes[0].marks[0].x == second.lanes[0].marks[0].x
    assert first.lanes[0].marks[0].width < second.lanes[0].marks[0].width
