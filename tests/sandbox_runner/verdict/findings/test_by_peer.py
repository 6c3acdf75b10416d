"""A request that fails because of a peer, and would not fail alone, depends on what ran before."""

import pytest

from sandbox_runner.events.records import EnvironmentFrozen, EnvironmentThawed, PeerEvent, PlatformStart
from tests.sandbox_runner.verdict.built_runs import BuiltRun
from tests.told import codes, sentence

ERROR = {"errorType": "ConnectionResetError"}


def seen(run, what, environment="env-1", connection=1):
    return run.add(PeerEvent(peer="backend", connection=connection, what=what), environment)


def two():
    return BuiltRun(("one", "shop"), ("two", "shop"))


def full(holder="env-2", outcome="function-error"):
    """Request 2 is refused by a peer whose place is held."""
    run = two().answered(1, "fine")
    seen(run, "connected", holder, 2)
    run.answered(2, ERROR, outcome=outcome)
    answered = run.events.pop()
    seen(run, "refused", "env-1", 3)
    return run.add(answered.record, answered.environment, answered.request_id)


def dead(closed="closed-by-peer"):
    """The connection of init is closed while frozen; request 2 fails."""
    run = two()
    seen(run, "connected")
    run.answered(1, "fine").add(EnvironmentFrozen(processes=1), "env-1")
    seen(run, closed)
    return run.add(EnvironmentThawed(processes=1), "env-1").answered(2, ERROR, outcome="function-error")


def test_a_peer_that_another_environment_holds_makes_the_request_history_dependent():
    judged = full().alone(2, "fine", "fine").judged()
    (finding,) = judged.findings
    assert (judged.verdict, finding.severity, finding.confidence) == ("history-dependent", "high", "strong")
    assert sentence(finding) == (
        "shop's request 2 failed (function error); on a cold start it succeeds. backend refused a connection from "
        "env-1: all its connections were held by env-2. env-2 had served no request."
    )
    assert (finding.reader.invocation, finding.location.path) == (2, "backend")


def test_a_connection_that_died_in_a_freeze_does_as_well():
    judged = dead().alone(2, "fine", "fine").judged()
    assert judged.verdict == "history-dependent"
    assert sentence(judged).endswith("While env-1 was frozen, backend closed a connection that it had opened in init.")


def test_who_opened_the_connection_is_said():
    run = two().answered(1, "fine")
    answered = run.events.pop()
    seen(run, "connected").add(answered.record, answered.environment, answered.request_id)
    seen(run, "closed-by-peer").answered(2, ERROR, outcome="timeout")
    assert sentence(run.alone(2, "fine", "fine").judged()).endswith("that env-1 had opened in request 1 (shop).")


def test_a_connection_opened_in_the_init_that_a_request_waited_for_is_inits():
    run = two().answered(1, "fine")
    answered = run.events.pop()
    seen(run, "connected").add(PlatformStart(request_id=answered.request_id, version="$LATEST"), "env-1")
    run.add(answered.record, answered.environment, answered.request_id)
    seen(run, "closed-by-peer").answered(2, ERROR, outcome="timeout")
    assert sentence(run.alone(2, "fine", "fine").judged()).endswith("that env-1 had opened in init.")


def test_what_replays_show_again_is_said_instead():
    run = full().alone(2, "fine", "fine").replayed(1, 2, response=ERROR, outcome="function-error")
    (finding,) = run.judged().findings
    assert finding.evidence[0].repeats == 2
    assert not any(code.startswith("peer-") for code in codes(finding))


def test_replays_of_the_same_requests_that_succeed_do_not_refute_it():
    """They have neither the other environment nor the wait."""
    run = full().alone(2, "fine", "fine").replayed(1, 2, response="fine")
    assert run.judged().verdict == "history-dependent"


@pytest.mark.parametrize(
    ("description", "run"),
    [
        ("it fails alone too", full().alone(2, ERROR, ERROR, outcome="function-error")),
        ("it failed alone once", full().alone(2, "fine").alone(2, ERROR, outcome="function-error")),
        ("one answer alone is too few", full().alone(2, "fine")),
        ("it succeeded", full(outcome="success").alone(2, ERROR, ERROR)),
        ("its own environment held the place", full(holder="env-1").alone(2, "fine", "fine")),
        ("it had closed the connection itself", dead("closed-by-client").alone(2, "fine", "fine")),
        ("no peer was there", two().answered(1, 1).answered(2, ERROR, outcome="function-error").alone(2, 1, 1)),
    ],
)
def test_it_is_not_said_where(description, run):
    findings = [each for each in run.judged().findings if each.location and each.location.root == "peer"]
    assert findings == [], description
