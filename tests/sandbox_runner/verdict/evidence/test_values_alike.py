"""What is said before a run of values that several callers would send."""

import pytest

from sandbox_runner.messages import render
from sandbox_runner.scenario.reader import parse_scenario
from sandbox_runner.verdict.evidence.values_alike import warning
from tests.builders import a_function, invoke, scenario

ALICE = ({"who": "same-7Qx", "n": 1}, "a")
BOB = ({"who": "same-7Qx", "n": 2}, "b")


def said(*requests, **function):
    found = warning(scenario(*(invoke(*each) for each in requests), **function))
    return render(found) if found else ""


def test_callers_that_send_the_same_are_named_with_the_value():
    assert said(ALICE, BOB) == (
        "Requests 1, 2 send the same `who` (same-7Qx): a leak between them would look like the caller's own data. Use "
        "different values."
    )


def test_every_request_with_the_value_is_named_and_other_values_are_counted():
    more = [({"who": "same-7Qx", "city": "Nagoya-shi"}, each) for each in "abc"]
    assert said(more[0], ({"who": "other-1"}, "d"), *more[1:]).startswith(
        "Requests 1, 3, 4 send the same `who` (same-7Qx) and 1 more value: "
    )


@pytest.mark.parametrize(
    "requests",
    [
        [ALICE, ({"who": "other-3"}, "b")],
        [ALICE, ({"who": "same-7Qx", "n": 2}, "a")],
        [ALICE, ({"other": "same-7Qx"}, "b")],
        [({"n": 1, "ok": True, "x": "GET"}, "a"), ({"n": 1, "ok": True, "x": "GET"}, "b")],
        [({"n": 12345}, "a"), ({"n": "12345"}, "b")],
        [({"requestContext": {}, "Host": "shop.example.com"}, each) for each in "ab"],
        [],
    ],
    ids=["others", "one caller", "another place", "anybody's", "another type", "the way in", "usual"],
)
def test_where_nothing_would_look_like_the_callers_own_nothing_is_said(requests):
    assert said(*requests) == ""


def test_a_value_that_stands_in_the_code_is_nobody_s():
    assert said(ALICE, BOB, files={"app.py": "USUAL = 'same-7Qx'\ndef handler(e, c):\n    return e\n"}) == ""


def test_what_an_event_template_writes_for_anybody_is_nobody_s_and_what_was_said_in_it_is_not():
    def of(**parts):
        event = {"template": "apigateway-v2", **parts}
        steps = [{"invoke": {"event": event, "as": each}} for each in "ab"]
        found = warning(parse_scenario({"version": 2, "function": a_function(), "steps": steps}))
        return found and found.params["leaf"]

    assert of() is None
    assert of(query={"who": "same-7Qx"}) == "rawQueryString"


def test_requests_to_different_functions_are_not_compared():
    functions = {name: a_function() for name in ("one", "two")}
    steps = [{"invoke": {"function": name, "payload": {"who": "same-7Qx"}, "as": name}} for name in functions]
    assert warning(parse_scenario({"version": 2, "functions": functions, "steps": steps})) is None


def test_a_large_scenario_is_looked_at_within_bounds():
    payload = {f"key-{number}": f"value-{number}" for number in range(2_000)}
    found = warning(scenario(*(invoke(payload, f"tenant-{number}") for number in range(40))))
    assert found is not None
    assert found.params["requests"] == list(range(1, 26))
