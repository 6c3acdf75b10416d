"""The comparison of a run with its incident sees each kind of difference."""

from __future__ import annotations

import pytest

from playground.gallery.expectations import Expectation
from sandbox_runner.events.records import Event, LateWork, PeerEvent
from sandbox_runner.messages import say
from tests.gallery.comparison import differences
from tests.playground import run_results

RIGHT = {
    "verdict": "leak",
    "carrier": "someGlobalValue",
    "requests": [
        {"outcome": "success", "start": "cold", "environment": "env-1", "answer": "coldstart", "init_reported": True},
        {"outcome": "success", "start": "warm", "answer": ["warmstart", "message=hoge"], "duration_ms": [1, 2]},
    ],
    "environments": [{"created_by": "request", "serves": [1, 2]}],
    "peer": ["env-1 connected", "env-1 refused"],
    "late": [{"started_by": 1, "ran_in": 2}],
}
FIRST, SECOND = RIGHT["requests"]


def played():
    """Incident 1, with a peer that was called and work that came late."""
    late = LateWork(
        started_by=1, ran_in=2, kind="timer", text="audit", evidence=say("line-names-request", request=1, ran_in=2)
    )
    seen = [PeerEvent(peer="backend", connection=1, what=what) for what in ("connected", "sent", "refused")]
    records = [*seen, late]
    result = run_results.leak()
    last = len(result.events)
    more = [
        Event(seq=last + number, at_us=number, service_at_us=number, environment="env-1", record=record)
        for number, record in enumerate(records)
    ]
    first, second = result.invocations
    invocations = (
        first.model_copy(update={"init_duration_ms": 41.0, "log": ("START one", "hello", "END one")}),
        second,
    )
    return result.model_copy(update={"invocations": invocations, "events": (*result.events, *more)})


def test_a_run_as_expected_has_no_difference():
    assert differences(Expectation.model_validate(RIGHT), played()) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"verdict": ["clean", "retained"]}, "the verdict is leak, not clean or retained"),
        ({"carrier": "somethingElse"}, "no finding is carried by somethingElse"),
        ({"requests": [FIRST]}, "1 requests are expected, 2 were played"),
        ({"requests": [FIRST | {"outcome": "timeout"}, SECOND]}, "request 1: outcome is success, not timeout"),
        ({"requests": [FIRST, SECOND | {"start": "cold"}]}, "request 2: start is warm, not cold"),
        ({"requests": [FIRST | {"environment": "env-2"}, SECOND]}, "request 1: environment is env-1, not env-2"),
        ({"requests": [FIRST | {"error_type": "E.*"}, SECOND]}, "request 1: error type is None, not E.*"),
        ({"requests": [FIRST, SECOND | {"answer": "fuga"}]}, "request 2: the answer has no fuga"),
        ({"requests": [FIRST | {"log": ["END", "hello"]}, SECOND]}, "request 1: its log has no hello where it is"),
        ({"requests": [FIRST | {"silent_on": "hel+o"}, SECOND]}, "request 1: its log has hel+o"),
        ({"requests": [FIRST, SECOND | {"duration_ms": [2, 3]}]}, "request 2: took 1.04 ms, not 2.0 to 3.0"),
        ({"requests": [FIRST | {"init_reported": False}, SECOND]}, "request 1: Init Duration is 41.0"),
        ({"environments": []}, "the environments are [('request', 'on-demand')], not []"),
        ({"environments": [{"created_by": "proactive"}]}, "not [('proactive', 'on-demand')]"),
        ({"environments": [{"created_by": "request", "serves": [1]}]}, "served (1, 2), not (1,)"),
        ({"log": "never written"}, "the log has no never written"),
        ({"peer": ["env-1 refused", "env-1 connected"]}, "in this order"),
        ({"peer": ["env-2 connected"]}, "the peer saw"),
        ({"late": []}, "late work is [(1, 2)], not []"),
    ],
)
def test_a_difference_is_said(changed, said):
    (sentence,) = differences(Expectation.model_validate(RIGHT | changed), played())
    assert said in sentence
