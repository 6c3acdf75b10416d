"""Which values can be recognised, and in which forms they are found."""

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_runner.verdict.texts.markers import Marker, contains, forms, markers_of, search


@pytest.mark.parametrize(
    ("description", "payload", "expected"),
    [
        ("a text at its path", {"q": {"message": "hoge"}}, [("q.message", "hoge")]),
        ("an item of a list", {"ids": ["a1b2c3"]}, [("ids[0]", "a1b2c3")]),
        ("a payload that is nothing but a text", "alice-7Qx", [("", "alice-7Qx")]),
        ("a large number", {"account": 4711081500}, [("account", "4711081500")]),
        ("JSON in a body", {"body": '{"token": "t0ken-9"}'}, [("body.token", "t0ken-9")]),
        ("a name that is no word", {"x-user id": "alice-7Qx"}, [('["x-user id"]', "alice-7Qx")]),
        ("equal values, once", {"a": "alice-7Qx", "b": "alice-7Qx"}, [("a", "alice-7Qx")]),
        (
            "the words of a sentence",
            {"a": "to bob@example.com"},
            [("a", "to bob@example.com"), ("a", "bob@example.com")],
        ),
        (
            "the claims of a token",
            {"h": "Bearer eyJhIjoxfQ.eyJzdWIiOiJ1LTQ4MTEifQ.c2Vh"},
            [("h", "Bearer eyJhIjoxfQ.eyJzdWIiOiJ1LTQ4MTEifQ.c2Vh"), ("h", "u-4811")],
        ),
        ("too short", {"a": "abc"}, []),
        ("a truth value", {"a": True, "b": None}, []),
        ("a small or round number", {"a": 42, "b": 10_000, "c": 3.5}, []),
        ("an everyday word", {"method": "POST", "type": "application/json"}, []),
        ("one character over and over", {"a": "------", "b": "aaaaaa"}, []),
        ("signs only", {"a": "…/…/…"}, []),
        ("the service of an event", {"eventSource": "aws:dynamodb"}, []),
        ("nothing", None, []),
    ],
)
def test_a_marker_is_a_leaf_that_is_nobody_else_s(description, payload, expected):
    assert [(marker.path, marker.text) for marker in markers_of(payload)] == expected, description


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("plain", "said Alice-7Qx twice"),
        ("lower-case", "alice-7qx"),
        ("upper-case", "ALICE-7QX"),
        ("reversed", "xQ7-ecilA"),
        ("base64", base64.b64encode(b"Alice-7Qx").decode()),
        ("hex", b"Alice-7Qx".hex()),
        ("md5", hashlib.md5(b"Alice-7Qx").hexdigest()),
        ("sha-1", hashlib.sha1(b"Alice-7Qx").hexdigest()),
        ("sha-256", "sum: " + hashlib.sha256(b"Alice-7Qx").hexdigest()),
        ("sha-512", hashlib.sha512(b"Alice-7Qx").hexdigest()),
    ],
)
def test_a_marker_is_found_in_the_forms_in_which_code_passes_values_on(form, text):
    hit = search(text, Marker("v", "Alice-7Qx"))
    assert hit is not None
    assert hit.form == form


@pytest.mark.parametrize(
    ("form", "value", "text"),
    [
        ("url-encoded", "a b&c=d", "?x=a%20b%26c%3Dd"),
        ("url-encoded", "a b&c=d", "?x=a+b%26c%3Dd"),
        ("base64url", "??>>??>>", base64.urlsafe_b64encode(b"??>>??>>").decode()),
        ("json-escaped", "山田太郎", "\\u5c71\\u7530\\u592a\\u90ce"),
        ("html-escaped", "<b>hoge</b>", "&lt;b&gt;hoge&lt;/b&gt;"),
        ("trimmed", "  hoge-1 ", "[hoge-1]"),
    ],
)
def test_escapes_are_seen_through(form, value, text):
    hit = search(text, Marker("v", value))
    assert hit is not None
    assert hit.form == form


@pytest.mark.parametrize(
    ("text", "wanted", "found"),
    [
        ("message=hoge", "hoge", True),
        ("hogehoge", "hoge", False),
        ("user_hoge_1", "hoge", True),
        ("port 123456", "1234", False),
        ("xhoge hoge", "hoge", True),
        ("prefixalice-7Qxsuffix", "alice-7Qx", True),
    ],
)
def test_a_short_value_counts_only_as_a_word_of_its_own(text, wanted, found):
    assert contains(text, wanted) is found


@given(st.text(min_size=4, max_size=60))
def test_whatever_is_a_marker_is_found_in_a_text_that_holds_it(value):
    for marker in markers_of({"v": value}):
        assert search(f"« {value} »", marker) is not None


@given(st.text(max_size=80))
def test_every_form_is_made_of_any_text_and_none_twice(value):
    made = [text for _, text in forms(value)]
    assert len(made) == len(set(made))


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
        lambda x: st.lists(x) | st.dictionaries(st.text(), x),
    )
)
def test_any_payload_has_markers_or_none(payload):
    assert len({marker.text for marker in markers_of(payload)}) == len(markers_of(payload))
