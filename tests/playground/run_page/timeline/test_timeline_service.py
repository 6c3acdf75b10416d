"""What happens around environments is drawn too: waiting, throttles, attempts, gaps, peers, late work."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.run_page.timeline.shapes import packed
from playground.run_page.timeline.timeline import LANES_MAX, draw
from sandbox_runner.events import records as log
from tests.playground.happenings import (
    RETRIED,
    RETRIED_LIFE,
    RETRIED_ROWS,
    arrived,
    assigned,
    at,
    late,
    life,
    peer,
    queued,
    refused,
    throttled,
    waited,
)
from tests.playground.run_results import environment, invocation, span, timed_out

COLD = life(("init", 50, 90, None), ("invoke", 91, 95, 1), ("shutdown", 99, 99, None))


def drawn(environments, invocations=(), events=(), findings=()):
    return draw(environments, invocations, findings, events)


def bars(timeline):
    return [mark for lane in timeline.lanes for mark in lane.marks if mark.kind == "invoke"]


# --- requests that wait -------------------------------------------------------------------------------------------


def test_a_request_waits_above_the_lane_from_its_arrival_until_its_bar():
    timeline = drawn((COLD,), (invocation(1),), (arrived(1, 1), assigned(2, 1)))
    wait, bar = timeline.lanes[0].waits[0], bars(timeline)[0]
    assert (wait.right, wait.kind) == (bar.x, "waiting")
    assert wait.y + wait.height < bar.y
    assert wait.title == "request 1 (tenant-a) arrived and waited 90 ms for its environment"


def test_the_picture_begins_with_the_first_arrival():
    timeline = drawn((COLD,), (invocation(1),), (arrived(1, 1), assigned(2, 1)))
    init = next(mark for mark in timeline.lanes[0].marks if mark.kind == "init")
    assert timeline.lanes[0].waits[0].x == timeline.axis_left < init.x


def test_an_asynchronous_request_waits_for_its_environment_from_when_it_left_the_queue():
    timeline = drawn((COLD,), (invocation(1),), (arrived(1, 1, "event"), queued(1, 1), assigned(51, 1)))
    assert "waited 40 ms" in timeline.lanes[0].waits[0].title


def test_a_request_that_still_waits_is_drawn_until_now():
    timeline = drawn((life(("init", 50, 90, None)),), (invocation(1),), (arrived(1, 1), assigned(2, 1)))
    assert "waited 89 ms" in timeline.lanes[0].waits[0].title


# --- throttles ------------------------------------------------------------------------------------------------------


def test_a_request_refused_for_its_size_is_drawn_where_a_throttled_one_is():
    events = (arrived(1, 1), assigned(1, 1), arrived(1, 2), refused(1, 2))
    timeline = drawn((COLD,), (invocation(1), invocation(2, outcome="request-too-large")), events)
    assert [(one.kind, one.label) for one in timeline.service.outlines] == [("too-large", "✕ #2 413")]
    assert "was refused with status 413: RequestTooLargeException" in timeline.service.outlines[0].title
    assert "too_large" in timeline.kinds


def test_a_throttled_request_has_a_shape_in_the_services_lane_with_its_reason():
    events = (arrived(1, 1), assigned(1, 1), arrived(1, 2), throttled(1, 2))
    timeline = drawn((COLD,), (invocation(1), invocation(2, outcome="throttled")), events)
    assert [(one.kind, one.label) for one in timeline.service.outlines] == [("throttled", "✕ #2 429")]
    assert "ReservedFunctionConcurrentInvocationLimitExceeded" in timeline.service.outlines[0].title


def test_many_throttles_at_once_are_one_shape_that_counts_them():
    events = [event for index in range(2, 9) for event in (arrived(1, index), throttled(1, index))]
    timeline = drawn((COLD,), [invocation(index) for index in range(2, 9)], events)
    assert [one.label for one in timeline.service.outlines] == ["✕ 7 \u00d7 429"]
    assert timeline.width < 1200


def test_without_queue_and_throttles_the_service_has_no_lane():
    assert drawn((COLD,), (invocation(1),), (arrived(1, 1), assigned(2, 1))).service is None


# --- asynchronous attempts ------------------------------------------------------------------------------------------


def test_attempts_of_one_request_are_told_apart_and_linked_through_the_queue():
    timeline = drawn((RETRIED_LIFE,), RETRIED_ROWS, RETRIED)
    first, second = bars(timeline)
    assert [first.anchor, second.anchor] == ["request-1", "request-1-attempt-2"]
    assert [first.failed, second.failed] == [True, False]
    assert second.label == "#1 tenant-a attempt 2"
    wait = timeline.service.outlines[-1]
    assert wait.label == "#1 attempt 2 in 60 s"
    assert [link.path.split(" ")[0] for link in timeline.links] == [
        f"M{timeline.service.outlines[0].x}",
        *[f"M{x}" for x in (wait.x, wait.right)],
    ]


def test_a_request_given_up_ends_its_wait_there():
    timeline = drawn(
        (COLD,), (invocation(1),), (arrived(1, 1, "event"), queued(1, 1), queued(60, 1, 2, 60, "throttled"))
    )
    assert "it was throttled" in timeline.service.outlines[-1].title


# --- compressed time --------------------------------------------------------------------------------------------------


def test_compressed_time_is_a_break_with_its_real_length_however_short_it_was():
    timeline = drawn((RETRIED_LIFE,), RETRIED_ROWS, RETRIED)
    (zigzag,) = timeline.breaks
    assert (zigzag.label, zigzag.compressed) == ("60 s, compressed", True)
    assert timeline.waits == ("From 60 ms of the run: 60 s on the service's clock took 1 s (idle).",)


def test_time_that_was_lived_through_is_not_called_compressed():
    events = (waited(5_050, 5, 5),)
    timeline = drawn((environment(),), (invocation(1), invocation(2)), events)
    assert [one.compressed for one in timeline.breaks] == [False]
    assert timeline.waits == ()


# --- environments nobody asked for ------------------------------------------------------------------------------------

UNUSED = (("init", 0, 40, None), ("frozen", 40, 500, None), ("shutdown", 500, 500, None))
PREPARED = life(("init", 0, 40, None), ("frozen", 40, 500, None), ("invoke", 500, 510, 1), created_by="proactive")


@pytest.mark.parametrize(
    ("made", "label"),
    [
        (PREPARED, "460 ms until its first request"),
        (
            life(
                ("init", 0, 40, None), ("frozen", 40, 500, None), ("shutdown", 500, 500, None), created_by="provisioned"
            ),
            "460 ms, never served a request",
        ),
    ],
    ids=["one that served", "one that never did"],
)
def test_the_gap_before_a_first_request_has_a_bracket_with_words(made, label):
    timeline = drawn((made,), (invocation(1),))
    assert [(one.kind, one.label) for one in timeline.lanes[0].brackets] == [("gap", label)]


def test_an_environment_made_for_a_request_has_no_gap():
    assert drawn((COLD,), (invocation(1),)).lanes[0].brackets == ()


def test_a_lane_says_who_made_its_environment():
    assert [lane.note for lane in drawn((PREPARED, COLD)).lanes] == ["proactive", ""]


# --- peers ----------------------------------------------------------------------------------------------------------


def test_a_peer_is_a_lane_with_its_connections_and_whom_it_refused():
    events = (peer(50, "connected"), peer(60, "received", text="hello"), peer(61, "sent"), peer(70, "refused", 2))
    lane = drawn((COLD,), (invocation(1),), (*events, peer(98, "closed-by-client"))).peers[0]
    held, refused = lane.outlines
    assert (held.kind, refused.kind) == ("connection", "refused")
    assert held.title == "backend, connection 1 from env-1: held 48 ms, closed by the client"
    assert [mote.kind for mote in held.ticks] == ["received", "sent"]
    assert [[int(y) for y in re.findall(r"[ML]\d+ (\d+)", mote.path)] for mote in held.ticks] == [
        [held.y - 5, held.y],
        [held.y + held.height + 5, held.y + held.height],
    ], "the signs leave the name free"
    assert refused.y > held.y


def test_a_connection_that_was_never_closed_reaches_to_the_end():
    timeline = drawn((COLD,), (invocation(1),), (peer(50, "connected"), peer(99, "sent")))
    assert "still open at the end" in timeline.peers[0].outlines[0].title


def test_connections_beyond_the_rows_are_counted():
    events = [peer(50, "connected", number) for number in range(1, 8)]
    lane = drawn((COLD,), (invocation(1),), events).peers[0]
    assert (len(lane.outlines), lane.left_out) == (4, 3)


# --- late work --------------------------------------------------------------------------------------------------------


def test_late_work_is_an_arrow_below_from_who_started_it_to_where_it_came_out():
    timeline = drawn((environment(),), (invocation(1), invocation(2)), (late(1, 2),))
    (arrow,) = timeline.lanes[0].arrows
    writer, reader = bars(timeline)
    assert arrow.path.startswith(f"M{writer.label_x} {writer.y + writer.height}V")
    assert (arrow.grade, arrow.label, arrow.anchor) == ("late", "a thread of #1, late", "request-2")
    assert f"H{reader.label_x}V" in arrow.path
    assert "A replay with the probe showed" in arrow.title


def test_late_work_of_one_pair_is_one_arrow_that_counts():
    timeline = drawn((environment(),), (invocation(1), invocation(2)), (late(1, 2), late(1, 2)))
    assert [arrow.label for arrow in timeline.lanes[0].arrows] == ["a thread of #1, late (2 times)"]


def test_late_work_of_module_code_comes_from_the_init():
    timeline = drawn((environment(),), (invocation(1), invocation(2)), (late(0, 2, "timer"),))
    init = next(mark for mark in timeline.lanes[0].marks if mark.kind == "init")
    assert timeline.lanes[0].arrows[0].path.startswith(f"M{init.label_x} ")


# --- hidden inits -----------------------------------------------------------------------------------------------------


def test_the_arithmetic_of_a_hidden_init_adds_up_in_words():
    (hidden,) = draw(timed_out().environments, timed_out().invocations).hidden
    assert hidden.sentence == (
        "Duration 84.02 ms = 81.00 ms suppressed init + 3.02 ms handler. "
        "START was written only after the init: from START on, 3.02 ms are left."
    )
    assert hidden.init_px + hidden.handler_px == 640


def test_an_init_is_as_long_as_its_environment_measured_it():
    metrics = log.Metrics(duration_ms=80.5)
    report = log.PlatformInitReport(initialization_type="on-demand", phase="invoke", status="success", metrics=metrics)
    ran = timed_out()
    (hidden,) = draw(ran.environments, ran.invocations, (), (at(3_181, report, request=3, where="env-1"),)).hidden
    assert (hidden.init_ms, hidden.handler_ms) == ("80.50", "3.52")


def test_a_hidden_init_that_took_all_of_the_time_says_that_the_handler_was_never_called():
    swallowed = span("suppressed-init", 100_000, 1_100_000, 1, "timeout")
    made = environment(spans=(span("init", 0, 10_000), swallowed))
    (hidden,) = draw((made,), (invocation(1, duration_ms=1_000.0, outcome="timeout"),)).hidden
    assert "nothing else" in hidden.sentence
    assert (hidden.handler_px, hidden.handler_ms) == (0, "")


@given(st.floats(0.01, 900_000, allow_nan=False), st.integers(1, 900_000_000))
def test_the_parts_of_a_duration_are_its_sum(duration_ms, init_us):
    made = environment(spans=(span("suppressed-init", 0, init_us, 1), span("invoke", init_us, init_us + 5, 1)))
    (hidden,) = draw((made,), (invocation(1, duration_ms=duration_ms),)).hidden
    init, handler, whole = (float(t.replace(",", "")) for t in (hidden.init_ms, hidden.handler_ms, hidden.duration_ms))
    assert init + handler == pytest.approx(whole, abs=0.001)
    assert hidden.init_px > 0
    assert hidden.handler_px > 0


def test_an_invocation_whose_handler_was_never_called_is_drawn_empty():
    swallowed = span("suppressed-init", 100_000, 1_100_000, 1, "timeout")
    made = environment(
        spans=(swallowed, span("invoke", 1_100_000, 1_100_001, 1), span("invoke", 2_000_000, 2_003_000, 2))
    )
    marks = drawn((made,), (invocation(1), invocation(2))).lanes[0].marks
    assert [mark.uncalled for mark in marks if mark.kind == "invoke"] == [True, False]


def test_a_label_leaves_room_before_the_next():
    """What does not fit is said in fewer words."""
    spans = [span("suppressed-init", n * 1_000_000, n * 1_000_000 + 900_000, n + 1) for n in range(2)]
    lane = drawn((environment(spans=tuple(spans)),), (invocation(1), invocation(2))).lanes[0]
    first, second = lane.brackets
    assert first.label_right + 12 <= second.x


# --- many environments ------------------------------------------------------------------------------------------------


def many(number):
    made = [life(("init", 1, 40, None), ("invoke", 41, 45, None), name=f"env-{n}") for n in range(1, number + 1)]
    return (*made[:-1], environment(f"env-{number}"))


def test_more_environments_than_a_page_holds_are_folded_away_and_counted():
    timeline = drawn(many(50))
    assert (len(timeline.lanes), len(timeline.folded), timeline.environments) == (LANES_MAX, 50 - LANES_MAX, 50)
    assert timeline.folded_height == sum(lane.height for lane in timeline.folded)


def test_an_environment_with_something_to_see_is_not_folded_away():
    timeline = drawn(many(50), (invocation(1), invocation(2)), (late(1, 2),))
    assert "env-50" in [lane.id for lane in timeline.lanes]
    assert "env-12" in [lane.id for lane in timeline.folded]


@given(st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 300)), max_size=30))
def test_nothing_in_a_row_covers_anything_else(pairs):
    ends = sorted((left, left + length) for left, length in pairs)
    rows = packed(ends)
    for row in set(rows):
        own = [end for end, at in zip(ends, rows, strict=True) if at == row]
        assert all(before[1] < after[0] for before, after in pairwise(own))
