"""Callers that send the same value hide a leak of it: the proof sends another in the place of one of them."""

import pytest

from sandbox_runner.event_templates import Caller, made
from sandbox_runner.results.model import Verdict
from sandbox_runner.scenario.model import Scenario
from sandbox_runner.verdict.evidence.case import Case
from sandbox_runner.verdict.evidence.reading import read_facts
from sandbox_runner.verdict.evidence.suspects import sharing
from tests.sandbox_runner.verdict.built_runs import BuiltRun
from tests.sandbox_runner.verdict.played_handlers import proved
from tests.told import codes, sentence

ALICE = ({"user": "same-7Qx", "n": 1}, "a")
BOB = ({"user": "same-7Qx", "n": 2}, "b")


def keeps_the_first():
    kept = {}
    return lambda payload, _: {"user": kept.setdefault("user", payload["user"])}


def answers_the_last():
    kept = []

    def handler(payload, _):
        kept.append(payload["user"])
        return {"before": kept[-2] if len(kept) > 1 else None}

    return handler


def echoes():
    return lambda payload, _: {"user": payload["user"]}


def keeps_one_for_each():
    kept = {}

    def handler(payload, _):
        hit = payload["user"] in kept
        kept[payload["user"]] = True
        return {"cached": hit}

    return handler


def refuses_strangers():
    """With another value the first request is refused, and nothing is kept of it."""
    ready = []

    def handler(payload, _):
        if payload["user"] != "same-7Qx":
            raise ValueError("who is that?")
        ready.append(1)
        return {"ready": len(ready) > 1}

    return handler


def test_what_an_event_template_writes_for_any_caller_is_nobodys():
    callers = Caller("alice", 1), Caller("bob", 2)
    run = BuiltRun(*((made({"template": "apigateway-v1"}, each), each.name) for each in callers))
    run.answered(1, "x").answered(2, "x")
    assert sharing(Case(run.scenario, read_facts(run.scenario, run.events))) is not None
    data = run.scenario.model_dump(mode="json", by_alias=True)
    for step in data["steps"]:
        step["invoke"]["made_from"] = {"template": "apigateway-v1", "parts": {}}
    scenario = Scenario.model_validate(data)
    assert sharing(Case(scenario, read_facts(scenario, run.events))) is None


@pytest.mark.parametrize("fresh", [keeps_the_first, answers_the_last])
def test_a_leak_of_a_value_that_both_sent_is_found_and_proven(fresh):
    judgement, _, _ = proved(fresh, ALICE, BOB)
    finding = judgement.findings[0]
    assert (judgement.verdict, finding.kind, finding.confidence) == (Verdict.LEAK, "answer-leak", "proven")
    assert (finding.writer.invocation, finding.writer.leaf, finding.reader.invocation) == (1, "user", 2)
    assert "same-7Qx" in sentence(finding)


def test_where_nothing_came_of_it_the_verdict_says_so():
    judgement, replayer, _ = proved(echoes, ALICE, BOB)
    assert judgement.verdict is Verdict.CLEAN
    assert codes(judgement) == ("answers-match", "same-value-sent")
    assert sentence(judgement).endswith(
        "Requests 1 and 2 sent the same `user`; with another one in request 1, request 2 got the same answer."
    )
    assert replayer.count("interference") == 2


def test_where_it_was_not_changed_the_verdict_says_that_it_may_hide_a_leak():
    judgement, replayer, _ = proved(echoes, ALICE, BOB, replays=3)
    assert replayer.count("interference") == 0
    assert sentence(judgement).endswith(
        "Requests 1 and 2 sent the same `user`, which would hide a leak of it: send different values."
    )


@pytest.mark.parametrize("fresh", [keeps_one_for_each, refuses_strangers])
def test_what_is_kept_for_all_who_send_the_same_is_no_leak_of_it(fresh):
    judgement, _, _ = proved(fresh, ALICE, BOB)
    assert [each.kind for each in judgement.findings] == ["history-dependent"]


@pytest.mark.parametrize(
    "payload",
    [
        {"user": "GET", "n": 7},
        {"user": 1, "requestContext": {"stage": "production", "domainName": "shop.example.com"}},
        {"user": 1, "requestContext": {}, "multiValueHeaders": {"Host": ["shop.example.com"]}},
        {"user": 1, "Records": [{"eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:orders"}]},
    ],
)
def test_values_that_are_anybody_s_are_not_changed(payload):
    judgement, replayer, _ = proved(echoes, ({**payload, "x": 1}, "a"), ({**payload, "x": 2}, "b"))
    assert codes(judgement) == ("answers-match",)
    assert replayer.count("interference") == 0


def test_who_calls_is_no_matter_of_the_way_in():
    payload = {"user": "x", "requestContext": {"authorizer": {"sub": "same-7Qx"}, "stage": "production"}}
    judgement, _, _ = proved(echoes, ({**payload, "x": 1}, "a"), ({**payload, "x": 2}, "b"))
    assert "sent the same `requestContext.authorizer.sub`;" in sentence(judgement)
