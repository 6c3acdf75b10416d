"""Pages of other origins at a function's URL: preflights that reach no function, and headers that answers get."""

import pytest

from sandbox_runner.errors import ScenarioError
from sandbox_runner.live.cors import headers, preflight
from sandbox_runner.live.http import HttpRequest
from sandbox_runner.scenario.function_url import Cors
from sandbox_runner.scenario.reader import parse_scenario
from tests.builders import a_function, invoke

SHOP = "https://shop.example"
ALL = Cors(
    allow_origins=(SHOP, "https://other.example"),
    allow_methods=("GET", "POST"),
    allow_headers=("authorization", "x-tier"),
    expose_headers=("x-made",),
    max_age_s=300,
    allow_credentials=True,
)
ASKS = (("origin", SHOP), ("access-control-request-method", "POST"))


def request(*pairs, method="GET"):
    return HttpRequest(method, "/", "", pairs, b"", "203.0.113.7")


def test_a_preflight_is_answered_with_what_is_allowed():
    answer = preflight(request(*ASKS, method="OPTIONS"), ALL)

    assert (answer.status, answer.body) == (200, b"")
    assert dict(answer.headers) == {
        "access-control-allow-origin": SHOP,
        "vary": "Origin",
        "access-control-allow-credentials": "true",
        "access-control-expose-headers": "x-made",
        "access-control-allow-methods": "GET,POST",
        "access-control-allow-headers": "authorization,x-tier",
        "access-control-max-age": "300",
    }


def test_a_preflight_of_an_origin_that_may_not_ask_is_answered_without_leave():
    asks = (("origin", "https://elsewhere.example"), ASKS[1])
    assert preflight(request(*asks, method="OPTIONS"), ALL).headers == ()


@pytest.mark.parametrize(
    "sent",
    [request(*ASKS), request(ASKS[0], method="OPTIONS"), request(ASKS[1], method="OPTIONS")],
    ids=["another method", "asks for no method", "no origin"],
)
def test_what_is_no_preflight_goes_to_the_function(sent):
    assert preflight(sent, ALL) is None


def test_without_settings_everything_is_the_functions():
    assert preflight(request(*ASKS, method="OPTIONS"), None) is None
    assert headers(request(*ASKS), None) == ()


@pytest.mark.parametrize(
    ("origins", "origin", "told"),
    [
        ((SHOP,), SHOP, SHOP),
        (("*",), SHOP, SHOP),
        ((SHOP,), "https://elsewhere.example", None),
        ((), SHOP, None),
        (("*",), "", None),
    ],
)
def test_an_answer_names_the_origin_that_may_read_it(origins, origin, told):
    sent = request(("origin", origin)) if origin else request()
    assert dict(headers(sent, Cors(allow_origins=origins))).get("access-control-allow-origin") == told


@pytest.mark.parametrize(
    ("cors", "field"),
    [
        ({"allow_origins": ["a\r\nset-cookie: x=y"]}, "function.url.cors.allow_origins[0]"),
        ({"expose_headers": ["x: y"]}, "function.url.cors.expose_headers[0]"),
        ({"allow_methods": ["OPTIONS"]}, "function.url.cors.allow_methods[0]"),
        ({"max_age_s": 86_401}, "function.url.cors.max_age_s"),
        ({"origins": ["*"]}, "function.url.cors"),
    ],
)
def test_settings_that_make_no_header_are_refused_at_their_field(cors, field):
    with pytest.raises(ScenarioError, match=field.replace("[", r"\[").replace("]", r"\]")):
        parse_scenario({"function": a_function(url={"cors": cors}), "steps": [invoke()]})
