"""What a sandbox says of itself is taken in within bounds, whatever it says."""

import json

from hypothesis import given
from hypothesis import strategies as st

from sandbox_runner import limits
from sandbox_runner.environment.output import LogAllowance, state_captured
from sandbox_runner.guest import wire

GOOD = ["python-module", "app.cache", "app.cache['user']", "str", "hoge", False]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=()), max_size=5),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


def captured(walk):
    body = walk if isinstance(walk, bytes) else json.dumps(walk).encode()
    return state_captured(wire.StateCaptured("invoke", 0, "r", body), 2)


def test_a_walk_is_recorded_as_it_was_sent():
    record = captured({"leaves": [GOOD], "nodes": 12, "truncated": False, "took_us": 80})
    (leaf,) = record.leaves
    assert (leaf.root, leaf.carrier, leaf.path, leaf.value) == (
        "python-module",
        "app.cache",
        "app.cache['user']",
        "hoge",
    )
    assert (record.after_index, record.nodes, record.truncated, record.took_us) == (2, 12, False, 80)


def test_what_is_no_leaf_is_left_out_and_makes_the_walk_truncated():
    record = captured({"leaves": [GOOD, ["etc", "a", "b", "c", "d", False], [1], None], "nodes": 4})
    assert (len(record.leaves), record.truncated) == (1, True)


def test_more_leaves_than_asked_for_are_cut():
    record = captured({"leaves": [GOOD] * (limits.STATE_LEAVES_MAX + 1)})
    assert (len(record.leaves), record.truncated) == (limits.STATE_LEAVES_MAX, True)


def test_a_long_value_is_cut_and_says_so():
    (leaf,) = captured({"leaves": [[*GOOD[:4], "x" * 10_000, False]]}).leaves
    assert (len(leaf.value), leaf.truncated) == (4096, True)


def test_a_walk_that_is_no_json_is_an_empty_truncated_one():
    for body in (b"", b"[" * 100_000, b"\xff", b"[]"):
        record = captured(body)
        assert (record.leaves, record.truncated) == ((), True)


@given(leaves=JSON, nodes=JSON, truncated=JSON, took_us=JSON)
def test_any_walk_is_taken_in_and_can_be_stored(leaves, nodes, truncated, took_us):
    record = captured({"leaves": leaves, "nodes": nodes, "truncated": truncated, "took_us": took_us})
    assert record.model_dump_json()


def test_an_allowance_is_spent_once():
    allowance = LogAllowance(10)
    assert [allowance.take(size) for size in (6, 6, 4, 1)] == [True, False, True, False]
