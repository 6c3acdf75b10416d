"""Answers are taken apart by path, whatever they are."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_runner.verdict.texts.outputs import LEAVES_MAX, leaves


@pytest.mark.parametrize(
    ("description", "text", "expected"),
    [
        ("an object", '{"a": {"b": 1}}', (("a.b", 1),)),
        ("a list", '["x", {"y": true}]', (("[0]", "x"), ("[1].y", True))),
        ("a body that is JSON itself", '{"body": "{\\"m\\": \\"v\\"}"}', (("body.m", "v"),)),
        ("a body that only looks like JSON", '{"body": "{oops"}', (("body", "{oops"),)),
        ("a name twice", '{"a": 1, "a": 2}', (("", '{"a": 1, "a": 2}'),)),
        ("a name twice within", '[{"b": {"a": 1, "a": 2}}]', (("", '[{"b": {"a": 1, "a": 2}}]'),)),
        ("a name twice in a body", '{"body": "{\\"a\\": 1, \\"a\\": 2}"}', (("body", '{"a": 1, "a": 2}'),)),
        ("no JSON", "plain text", (("", "plain text"),)),
        ("nothing", "", (("", ""),)),
        ("null", "null", (("", None),)),
        ("empty containers", '{"a": [], "b": {}}', (("a", "[]"), ("b", "{}"))),
        ("escaped characters", '"\\u5c71"', (("", "山"),)),
        ("a lone surrogate", '"\\ud800"', (("", "\ud800"),)),
    ],
)
def test_an_answer_is_taken_apart_by_path(description, text, expected):
    assert leaves(text) == (expected, False), description


def test_too_many_leaves_are_cut_and_said():
    found, cut = leaves(json.dumps(list(range(LEAVES_MAX + 1))))
    assert (len(found), cut) == (LEAVES_MAX, True)


def test_nesting_ends_somewhere():
    assert leaves("[" * 100 + "1" + "]" * 100)[0]
    assert leaves("[" * 100_000)[0]


@given(st.text())
def test_any_text_can_be_taken_apart(text):
    assert leaves(text)[0]
