"""Reading JSON that somebody sent."""

import contextlib
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.text.json_reader import JsonTextError, read_json

HALF = "half a character in it (a lone surrogate); write the whole character"

BAD = {
    "a missing value": ('{"a": }', "is not valid JSON at line 1, column 7: expecting value"),
    "on its second line": ('{"a": 1,\n "b" 2}', "is not valid JSON at line 2, column 6: expecting ':' delimiter"),
    "not a number": ("[NaN]", "has NaN in it, which JSON cannot express"),
    "infinity": ('{"a": -Infinity}', "has -Infinity in it, which JSON cannot express"),
    "a number too large": ("1e999", "has the number 1e999 in it, which is too large"),
    "too many digits": ("1" * 5000, "has a number with too many digits"),
    "too deep": ("[" * 100_000, "is nested too deeply"),
    "a key twice": ('{"a": 1, "b": {"c": 1, "c": 2}}', "has the key c twice in one object; keep one"),
    "half a character": (r'["x", {"a": "\ud83d"}]', f"has {HALF}"),
    "half a character in a key": (r'{"\udc00": 1}', f"has {HALF}"),
}


@pytest.mark.parametrize(("text", "problem"), BAD.values(), ids=BAD.keys())
def test_what_is_not_json_is_refused_with_a_sentence(text, problem):
    with pytest.raises(JsonTextError) as refused:
        read_json(text)

    assert str(refused.value) == problem


AFTER_A_KEY_TWICE = {
    "unfinished": '[{"a":1,"a":1},',
    "too deep": '[{"a":1,"a":1},' + "[" * 100_000,
    "too many digits": '[{"a":1,"a":1},' + "1" * 5000 + "]",
    "no value": '[{"a":1,"a":1},oops]',
    "not a number": '[{"a":1,"a":1},NaN',
}


@pytest.mark.parametrize("text", AFTER_A_KEY_TWICE.values(), ids=AFTER_A_KEY_TWICE.keys())
def test_a_key_twice_is_told_whatever_comes_after_it(text):
    with pytest.raises(JsonTextError, match="has the key a twice in one object; keep one"):
        read_json(text)


@given(st.text(alphabet='{}[]":,ab1e-\\ud8 \x00', max_size=40))
def test_a_text_of_json_signs_is_read_or_refused_with_a_sentence(text):
    with contextlib.suppress(JsonTextError):
        read_json(text)


def test_the_place_of_a_mistake_is_told_apart():
    with pytest.raises(JsonTextError) as refused:
        read_json("{\n  oops\n}")

    assert (refused.value.line, refused.value.column) == (2, 3)


PLACES = {
    "a key twice": ('{"a": 1, "b": [1, {"c": 1, "c": 2}]}', "b[1].c"),
    "half a character": (r'["x", {"a": "\ud83d"}]', "[1].a"),
    "the whole": (r'"\ud83d"', ""),
}


@pytest.mark.parametrize(("text", "field"), PLACES.values(), ids=PLACES.keys())
def test_the_field_that_cannot_be_read_one_way_is_named(text, field):
    with pytest.raises(JsonTextError) as refused:
        read_json(text)

    assert refused.value.field == field


def test_a_character_written_as_two_escapes_is_whole():
    assert read_json(r'{"\ud83d\ude00": "\ud83d\ude00"}') == {"😀": "😀"}


@given(st.text())
def test_any_text_is_read_or_refused(text):
    with contextlib.suppress(JsonTextError):
        json.dumps(read_json(text), allow_nan=False)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats().filter(math.isfinite) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES)
def test_what_json_can_say_is_read_as_it_was_meant(value):
    assert read_json(json.dumps(value)) == value
