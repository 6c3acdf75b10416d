"""A place carried a value if the answer becomes what it is alone once that place is put back."""

import json

import pytest

from sandbox_runner.verdict.carriers import Question, may_confirm
from sandbox_runner.verdict.case import Case
from sandbox_runner.verdict.facts import Answer, Trial, read_facts
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
