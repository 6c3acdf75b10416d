"""Whom a visitor's request is made for, by the rule that the session's holder chose."""

import pytest

from sandbox_runner.live.callers import Callers, CallersBy
from sandbox_runner.live.http import HttpRequest


def asked(query="", connection="", **headers):
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return HttpRequest("GET", "/", query, pairs, b"", "203.0.113.7", connection=connection)


@pytest.mark.parametrize(
    ("rule", "request_", "caller"),
    [
        ("request", asked("user=a", x_user="b"), ""),
        ("header:X-User", asked(x_user="alice"), "alice"),
        ("header:x-user", asked(), ""),
        ("query:user", asked("user=b%6Fb&user=c"), "bob"),
        ("token", asked(authorization="Bearer s3cret"), "token 1"),
        ("token", asked(authorization="Basic YTpi"), ""),
        ("connection", asked(connection="203.0.113.7:50000"), "connection 1"),
        ("header:x-user", asked(x_user="a\u202eb" + "c" * 100), ("a\\u202eb" + "c" * 100)[:64]),
    ],
)
def test_a_rule_names_the_caller(rule, request_, caller):
    assert Callers(CallersBy.of_text(rule)).caller_of(request_) == caller


def test_tokens_are_numbered_in_the_order_in_which_they_come():
    callers = Callers(CallersBy("token"))
    tokens = [callers.caller_of(asked(authorization=f"Bearer {each}")) for each in "aba"]
    assert tokens == ["token 1", "token 2", "token 1"]


@pytest.mark.parametrize("written", ["", "other", "header", "query:", "token:x", "header:" + "x" * 65, "query:a\tb"])
def test_what_is_no_rule_is_none(written):
    assert CallersBy.of_text(written) is None


@pytest.mark.parametrize("rule", [CallersBy(), CallersBy("query", "user"), CallersBy("connection")])
def test_a_rule_is_read_as_it_was_written(rule):
    assert CallersBy.of_text(str(rule)) == rule
