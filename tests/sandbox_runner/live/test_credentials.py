"""Credentials are known by the header they come in, and blanked wherever they stand."""

import pytest

from sandbox_runner.live.credentials import Credentials
from sandbox_runner.live.http import HttpRequest


def learnt(*headers):
    known = Credentials()
    known.learn(HttpRequest("GET", "/", "", headers, b"", "::1"))
    return known


@pytest.mark.parametrize(
    ("name", "value", "secret"),
    [
        ("authorization", "Bearer abcdefgh12", "abcdefgh12"),
        ("authorization", "abcdefgh12", "abcdefgh12"),
        ("x-api-key", "abcdefgh12", "abcdefgh12"),
        ("cookie", "a=1; sid=abcdefgh12", "abcdefgh12"),
    ],
)
def test_what_a_header_carries_is_blanked_in_every_string(name, value, secret):
    known = learnt((name, value))
    told = known.blank({"log": [f"got {secret}"], secret: 1, "inner": f'{{"a":"{secret}"}}'})
    assert told == {"log": ["got [credential 1]"], "[credential 1]": 1, "inner": '{"a":"[credential 1]"}'}


def test_one_that_json_writes_otherwise_is_blanked_there_too():
    assert learnt(("x-api-key", 'with-"quotes"')).blank('{"a": "with-\\"quotes\\""}') == '{"a": "[credential 1]"}'


def test_of_two_the_longer_one_is_blanked_as_a_whole():
    known = learnt(("x-api-key", "abcdefgh"), ("cookie", "sid=abcdefgh-and-more"))
    assert known.blank("abcdefgh-and-more abcdefgh") == "[credential 2] [credential 1]"


def test_a_short_value_or_another_header_is_none():
    assert not learnt(("authorization", "Bearer alice"), ("x-request-id", "abcdefgh12"))
