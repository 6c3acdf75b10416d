"""A place carried a value if the answer becomes what it is alone once that place is put back."""

import json

import pytest

from sandbox_runner.events.records import ReplayAnswered, ReplayStarted, StateCaptured, StateLeaf
from sandbox_runner.verdict.evidence.case import Case
from sandbox_runner.verdict.evidence.facts import Answer, Trial
from sandbox_runner.verdict.evidence.reading import read_facts
from sandbox_runner.verdict.findings.by_marker import leaks
from sandbox_runner.verdict.findings.by_state import dependent
from sandbox_runner.verdict.findings.carriers import Question, may_confirm, questions
from tests.sandbox_runner.verdict.built_runs import BuiltRun

PLACE = "app.last"


def trial(response, *restored):
    answers = {index: Answer(f"id-{index}", "success", json.dumps(response)) for index in (1, 2)}
    return Trial("carrier", (1, 2), (), restored, answers)


@pytest.mark.parametrize(
    ("what", "as_it_was", "put_back", "alone", "confirmed"),
    [
        ("the fresh answer", ["alice"], [None], [None, None], True),
        ("still the other's", ["alice"], ["alice"], [None, None], False),
        ("neither", ["alice"], ["carol"], [None, None], False),
        ("drawn anew, as alone", [0.25], [0.5], [0.125, 0.75], True),
        ("drawn anew, and what was not put back was as well", [0.25, 0.375], [0.5], [0.125, 0.75], False),
        ("still what the other seeded", [0.25], [0.25], [0.125, 0.75], False),
    ],
)
def test_a_place_is_confirmed_by_what_is_answered_when_it_was_put_back(what, as_it_was, put_back, alone, confirmed):
    run = BuiltRun((1, "a"), (2, "b")).answered(1, None).answered(2, as_it_was[0]).alone(2, *alone)
    case = Case(run.scenario, read_facts(run.scenario, run.events))
    played = [*(trial(each) for each in as_it_was), *(trial(each, PLACE) for each in put_back)]

    assert may_confirm(case, case.facts.requests[2], Question((1, 2), "", ()), played, PLACE) is confirmed, what


def leaf(carrier, kind, value):
    return StateLeaf(root="python-module", carrier=carrier, path=carrier, kind=kind, value=value)


def walked(*leaves, after):
    return StateCaptured(after_index=after, leaves=leaves, nodes=len(leaves), truncated=False)


CHILD = "child process /bin/cat"


@pytest.mark.parametrize(
    ("count", "place"),
    [(leaf("app.waiting", "int", "9"), CHILD), (leaf("app.waiting", "str", "alice-7Qx"), "app.waiting")],
    ids=["a number is no text", "a text that is"],
)
def test_a_text_that_no_place_held_was_held_by_the_one_thing_that_no_walk_looks_into(count, place):
    run = (
        BuiltRun(("alice-7Qx", "a"), ("bob-91Kz", "b")).answered(1, None).answered(2, "alice-7Qx").alone(2, None, None)
    )
    child = leaf(CHILD, "str", "there")
    run.add(walked(child, leaf("app.waiting", "int", "0"), after=0), "env-1")
    run.add(walked(count, child, after=1), "env-1")
    ((finding,), _) = leaks(run.case())
    assert (finding.location.path, finding.carrier_confirmed) == (place, False)


@pytest.mark.parametrize(
    ("places", "asked"),
    [
        (["threading.enumerate()", "app.last"], ("app.last",)),
        (["worker thread 1"], ()),
    ],
)
def test_what_cannot_be_put_back_is_not_tried(places, asked):
    run = BuiltRun((1, "a"), (2, "b")).answered(1, None).answered(2, "x").alone(2, None, None)
    run.add(walked(after=0), "env-1").add(walked(*(leaf(each, "str", "x") for each in places), after=1), "env-1")
    case = run.case()
    assert [each.places for each in questions(case, dependent(case, ()))] == ([asked] if asked else [])


def put_back(run, number, restored, answer):
    """A replay of both requests for which ``restored`` was put back before the second."""
    run.add(ReplayStarted(purpose="carrier", indexes=(1, 2), round=1, replay=number, restored=restored))
    for index, response in ((1, "null"), (2, answer)):
        record = ReplayAnswered(
            purpose="carrier", index=index, round=1, replay=number, outcome="success", response=response
        )
        run.add(record, None, f"id-{number}-{index}")


def test_of_a_place_and_one_within_it_that_were_both_put_back_the_inner_one_is_named():
    code = "client = Client()\n\ndef handler(event, context):\n    client.last = event\n"
    run = BuiltRun(("alice-7Qx", "a"), ("bob-91Kz", "b"), app=code).answered(1, None).answered(2, "alice-7Qx")
    run.alone(2, None, None).add(walked(after=0), "env-1")
    inner = leaf("app.client", "str", "a").model_copy(update={"path": "app.client.last"})
    run.add(walked(leaf("app.client", "str", "b"), inner, after=1), "env-1")
    conditions = [((), '"alice-7Qx"'), (("app.client",), "null"), (("app.client.last",), "null")]
    for number, (restored, answer) in enumerate(conditions * 2, start=9):
        put_back(run, number, restored, answer)
    ((finding,), _) = leaks(run.case())
    assert (finding.location.path, finding.carrier_confirmed) == ("app.client.last", True)
