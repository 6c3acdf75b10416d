"""A probe's frames: bounded, and believed only as far as their form goes."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_runner.guest.function.probe_frames import ProbeFrames, Taken, merged_state

LEAF = ["python-module", "app.cache", "app.cache['user']", "str", "hoge", False]
TMP = ["tmp-file", "/tmp/a", "/tmp/a", "file", "kept", False]


def framed(content):
    return len(content).to_bytes(4, "big") + content


def merged(said, tmp=(), leaves_max=10, *, truncated=False, passed_over=False, count=1):
    frame = said if isinstance(said, bytes) else json.dumps(said).encode()
    taken = Taken(frame, passed_over, count)
    body = merged_state(taken, list(tmp), after="invoke", request_id="r", truncated=truncated, leaves_max=leaves_max)
    return json.loads(body)


def test_the_newest_frame_is_kept_and_taken_once():
    frames = ProbeFrames(100)
    frames.feed(framed(b"old") + framed(b"new")[:5])
    frames.feed(framed(b"new")[5:])

    assert frames.take() == Taken(b"new", passed_over=False, frames=2)
    assert frames.take() == (b"", False, 0)


def test_a_frame_over_the_limit_is_passed_over_and_said_to_be():
    frames = ProbeFrames(100)
    frames.feed((10**6).to_bytes(4, "big"))
    for _ in range(100):
        frames.feed(b"x" * 10_000)

    assert frames.take() == (b"", True, 1)
    frames.feed(framed(b"next"))
    assert frames.take() == (b"next", False, 1)


@given(st.lists(st.binary(max_size=50), max_size=10))
def test_any_bytes_are_survived_within_the_limit(pieces):
    frames = ProbeFrames(20)
    for piece in pieces:
        frames.feed(piece)
    newest = frames.take().frame

    assert len(newest) <= 20
    assert merged(newest)["leaves"] == []


def test_both_walks_are_merged_and_the_request_is_ours_to_name():
    lie = {"after": "lie", "request_id": "lie", "nodes": 12, "took_us": 80, "leaves": [LEAF], "disturbed": []}
    state = merged(lie, [TMP])

    assert state.pop("disturbed") == {"code": "probe-out-of-turn", "params": {}}
    assert state == {
        "after": "invoke",
        "request_id": "r",
        "nodes": 13,
        "truncated": False,
        "took_us": 80,
        "leaves": [TMP, LEAF],
        "packages": [],
        "late": [],
    }


def test_leaves_of_another_form_are_dropped():
    lies = [LEAF, LEAF[:5], [*LEAF, 1], [1, *LEAF[1:]], [*LEAF[:5], 0], "text", None, {}]

    assert merged({"leaves": lies})["leaves"] == [LEAF]


def test_a_frame_of_another_form_says_nothing_and_that_something_is_missing():
    for said in (b"", b"[]", b"{", b"\xff", b"[" * 100_000, b'{"leaves": 1, "nodes": -1, "took_us": 1e999}'):
        state = merged(said)
        assert state.pop("disturbed") == {"code": "probe-unreadable", "params": {}}
        assert state == {
            "after": "invoke",
            "request_id": "r",
            "nodes": 0,
            "truncated": True,
            "took_us": 0,
            "leaves": [],
            "packages": [],
            "late": [],
        }


def test_more_leaves_than_asked_for_are_cut_and_said_to_be():
    state = merged({"leaves": [LEAF] * 5}, [TMP], leaves_max=3)

    assert state["leaves"] == [TMP, LEAF, LEAF]
    assert state["truncated"]


WHOLE = {"after": "invoke", "request_id": "r", "leaves": [LEAF], "disturbed": []}


def test_one_whole_frame_about_this_moment_is_undisturbed():
    assert merged(WHOLE)["disturbed"] is None


@pytest.mark.parametrize(
    ("said", "count", "code", "params"),
    [
        (b"", 0, "probe-silent", {}),
        (WHOLE, 2, "probe-frames", {"frames": 2}),
        ({**WHOLE, "request_id": "other"}, 1, "probe-out-of-turn", {}),
        ({**WHOLE, "after": "init"}, 1, "probe-out-of-turn", {}),
        ({**WHOLE, "leaves": [LEAF[:2]]}, 1, "probe-unreadable", {}),
        ({**WHOLE, "disturbed": "no"}, 1, "probe-unreadable", {}),
        ({**WHOLE, "disturbed": [1]}, 1, "probe-unreadable", {}),
        (
            {**WHOLE, "disturbed": ["builtins.len", "sys.modules"]},
            1,
            "probe-replaced",
            {"names": ["builtins.len", "sys.modules"]},
        ),
    ],
)
def test_what_is_not_what_the_probe_says_alone_is_said_to_be_disturbed(said, count, code, params):
    assert merged(said, count=count)["disturbed"] == {"code": code, "params": params}


def test_a_state_too_large_for_a_frame_is_cut_short_and_not_disturbed():
    state = merged(b"", passed_over=True)
    assert (state["truncated"], state["disturbed"]) == (True, None)


def test_names_of_what_was_replaced_are_bounded():
    assert len(json.dumps(merged({**WHOLE, "disturbed": ["x" * 10_000] * 10_000})["disturbed"])) < 500


def test_packages_are_taken_over_within_bounds_and_only_in_their_form():
    rows = [["app.logger", "powertools", "3.1"], ["x", "y"], "text", ["a", 1, "b"]]
    said = {"after": "invoke", "request_id": "r", "leaves": [], "disturbed": [], "packages": rows}
    assert merged(said)["packages"] == [["app.logger", "powertools", "3.1"]]
    assert len(merged(said | {"packages": rows[:1] * 1_000})["packages"]) == 200
