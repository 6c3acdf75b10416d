"""Which lines are suspicious, which request a replay gives them to, and what a line says by itself."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_runner.events.records import EnvironmentFrozen, EnvironmentThawed, Event, LateLine, StateCaptured
from sandbox_runner.proof.late_lines import attributed, bare, gaps, self_evident, suspects
from sandbox_runner.proof.player import LOG_LINES_MAX
from sandbox_runner.verdict.evidence.reading import read_facts
from tests.sandbox_runner.verdict.built_runs import BuiltRun

ID = "0a1b2c3d-0000-4000-8000-00000000000{}"
STAMP = "2026-01-05T10:00:00.123Z"


def two(first=(), second=(), alone=()):
    """Two requests in one environment, and what the second writes alone; ``None`` for a request never played alone."""
    run = BuiltRun(({"v": 1}, "a"), ({"v": 2}, "b")).answered(1, 1, log=first).answered(2, 2, log=second)
    return run if alone is None else run.alone(2, 2, 2, log=alone)


def suspicious(run):
    return suspects(read_facts(run.scenario, run.events), run.events)


def texts(run):
    return [each.text for each in suspicious(run).get("env-1", [])]


def walked(*late, after=2):
    lines = tuple(LateLine(started_by=by, kind=kind, text=text) for by, kind, text in late)
    return StateCaptured(after_index=after, leaves=(), nodes=0, truncated=False, late=lines)


def given_to(run, *states):
    found = attributed(suspicious(run)["env-1"], states, (1, 2))
    return [(record.started_by, record.ran_in, record.kind, record.text) for _, record in found]


@pytest.mark.parametrize(
    ("frame", "line"),
    [
        ("none", "audit"),
        ("Node's console", f"{STAMP}\t{ID.format(1)}\tINFO\taudit"),
        ("Node's console before any request", f"{STAMP}\tundefined\tINFO\taudit"),
        ("Python's logging", f"[WARNING]\t{STAMP}\t{ID.format(1)}\taudit\n"),
        ("JSON", json.dumps({"timestamp": STAMP, "level": "INFO", "requestId": ID.format(1), "message": "audit"})),
    ],
)
def test_a_line_is_compared_without_its_frame(frame, line):
    assert bare(line) == "audit"


def test_ids_and_times_inside_of_a_line_do_not_matter():
    assert bare(f"done {ID.format(1)} at {STAMP}") == bare(f"done {ID.format(2)} at 2026-02-05T10:00:00Z")


@given(st.text(max_size=300))
def test_any_line_is_survived(line):
    assert len(bare(line)) <= 1024


@pytest.mark.parametrize(
    ("why", "run", "found"),
    [
        ("it does not write it alone", two(second=("mine", "whose?"), alone=("mine",)), ["whose?"]),
        ("it writes it once alone", two(second=("audit", "audit"), alone=("audit",)), ["audit"]),
        ("it writes all of it alone", two(second=("mine",), alone=("mine", "more")), []),
        ("it was never played alone", two(second=("whose?",), alone=None), []),
        ("what it writes alone was cut", two(second=("whose?",), alone=("mine",) * LOG_LINES_MAX), []),
        ("the first request has nobody before it", two(first=("whose?",)), []),
    ],
)
def test_a_line_is_suspicious_when_its_request_does_not_write_it_alone(why, run, found):
    assert texts(run) == found


def test_a_late_line_is_given_to_the_request_that_the_replay_says():
    run = two(second=("audit a",))

    assert given_to(run, walked((1, "thread", "audit a"))) == [(1, 2, "thread", "audit a")]


def test_each_line_of_the_replay_explains_one_line_of_the_run():
    run = two(second=("audit", "audit"))

    assert given_to(run, walked((1, "thread", "audit"))) == [(1, 2, "thread", "audit")]


def test_a_line_that_came_out_elsewhere_in_the_replay_is_still_the_same_work():
    run = two(second=("audit",))

    assert given_to(run, walked((1, "timer", "audit"), after=1)) == [(1, 2, "timer", "audit")]


def test_numbers_may_differ_where_nothing_is_equal():
    run = two(second=("took 12 ms",))

    assert given_to(run, walked((1, "promise", "took 15 ms"), (1, "promise", "other"))) == [
        (1, 2, "promise", "took 12 ms")
    ]


def test_what_was_drawn_for_a_line_may_differ_and_of_several_the_nearest_line_is_taken():
    run = two(second=("receipt 2f9c01ab went to ann-7@example.org",))
    near, far = "receipt c085d029 went to ann-7@example.org", "receipt 77aa31fe went to bob-9@example.org"

    assert given_to(run, walked((0, "timer", far), (1, "thread", near))) == [
        (1, 2, "thread", "receipt 2f9c01ab went to ann-7@example.org")
    ]


@pytest.mark.parametrize(
    ("what", "late"),
    [("its own", (2, "thread", "audit")), ("unknown", (-1, "thread", "audit")), ("other text", (1, "thread", "x"))],
)
def test_what_the_replay_does_not_say_is_given_to_nobody(what, late):
    assert given_to(two(second=("audit",)), walked(late)) == []


def test_a_line_with_an_earlier_requests_id_says_so_itself():
    run = two(second=(f"{STAMP}\t{ID.format(1)}\tINFO\taudit",))
    for number in (1, 2):
        run.events = [
            each.model_copy(update={"request_id": ID.format(number)}) if each.request_id == f"id-of-{number}" else each
            for each in run.events
        ]
    facts = read_facts(run.scenario, run.events)
    (suspect,) = suspects(facts, run.events)["env-1"]
    record = self_evident(suspect, facts)

    assert (record.started_by, record.ran_in, record.kind) == (1, 2, "unknown")


def test_a_line_without_an_earlier_id_says_nothing():
    run = two(second=("audit",))
    (suspect,) = suspicious(run)["env-1"]

    assert self_evident(suspect, read_facts(run.scenario, run.events)) is None


def at(seconds, record, environment="env-1"):
    at_us = round(seconds * 1_000_000)
    return Event(seq=1, at_us=at_us, service_at_us=at_us, environment=environment, record=record)


def test_the_waits_are_those_of_the_run_up_to_the_longest():
    frozen, thawed = EnvironmentFrozen(processes=1), EnvironmentThawed(processes=1)
    events = [at(1, frozen), at(1.5, thawed), at(2, frozen), at(3, thawed, "env-2"), at(9, thawed)]

    assert gaps("env-1", events, longest_s=2.0) == (0.0, 0.5, 2.0)
