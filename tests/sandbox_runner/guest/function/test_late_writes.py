"""Late lines in the supervisor: what a probe is believed, and what only a child can have written."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_runner.guest.function import late_writes
from sandbox_runner.guest.function.late_writes import LateWrites, unclaimed

ROW = ["request-1", "thread", "audit"]


@pytest.fixture
def children(monkeypatch):
    """The processes that are there besides the runtime, by process id; changed by the test."""
    there = {}
    monkeypatch.setattr(late_writes, "process_ids", lambda: ["2", *there])
    monkeypatch.setattr(late_writes, "started_at", lambda pid: there.get(pid, "0"))
    return there


def frame(**said):
    return json.dumps(said).encode()


def test_what_the_probe_says_is_passed_on(children):
    assert LateWrites().rows(frame(late=[ROW], written=["audit"]), ["audit"], "request-2", "2") == [ROW]


def test_rows_of_another_form_are_dropped(children):
    lies = [ROW[:2], [*ROW, "x"], ["a", "demon", "b"], [1, "thread", "b"], "text", None]

    assert LateWrites().rows(frame(late=lies), [], "request-2", "2") == []


def test_a_line_that_nobody_claims_is_the_eldest_childs_of_an_earlier_request(children):
    late = LateWrites()
    children["7"] = "100"
    first = late.rows(frame(written=[]), ["from the child"], "request-1", "2")
    children["8"] = "200"
    second = late.rows(frame(written=["own"]), ["own\n", "from the child"], "request-2", "2")

    assert first == []
    assert second == [["request-1", "child", "from the child"]]


def test_a_child_that_is_gone_says_nothing_any_more(children):
    late = LateWrites()
    children["7"] = "100"
    late.rows(frame(), [], "request-1", "2")
    del children["7"]
    late.rows(frame(), [], "request-2", "2")

    assert late.rows(frame(written=[]), ["whose?"], "request-3", "2") == []


def test_a_process_number_that_is_used_again_is_another_child(children):
    late = LateWrites()
    children["7"] = "100"
    late.rows(frame(), [], "request-1", "2")
    children["7"] = "300"
    late.rows(frame(), [], "request-2", "2")

    assert late.rows(frame(), ["line"], "request-3", "2") == [["request-2", "child", "line"]]


@given(st.lists(st.sampled_from(["a", "b", "c"])), st.lists(st.sampled_from(["a", "b", "c"])))
def test_each_line_is_claimed_once(lines, written):
    assert sorted(unclaimed(lines, written)) == sorted(
        line for kind in "abc" for line in [kind] * max(0, lines.count(kind) - written.count(kind))
    )


@given(st.binary(max_size=100))
def test_any_frame_is_survived(said):
    LateWrites().rows(said, ["line"], "request-1", "2")
