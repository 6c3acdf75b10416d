"""The tree of errors: who is to blame, and what a person is told."""

import inspect
import re

import pytest

from sandbox_runner import errors
from sandbox_runner.messages import say

RAISED = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if kind.__module__ == errors.__name__]


@pytest.mark.parametrize("kind", RAISED)
def test_every_error_is_of_the_one_tree(kind):
    assert issubclass(kind, errors.HoldoverError)


@pytest.mark.parametrize(
    ("kind", "parent"),
    [
        (errors.HoldoverError, Exception),
        (errors.ScenarioError, errors.HoldoverError),
        (errors.RunCancelled, errors.HoldoverError),
        (errors.OurFailure, errors.HoldoverError),
        (errors.BackendUnavailable, errors.OurFailure),
        (errors.EngineAway, errors.BackendUnavailable),
        (errors.RunNotBegun, errors.BackendUnavailable),
        (errors.SandboxLost, errors.OurFailure),
        (errors.ProtocolViolation, errors.OurFailure),
        (errors.IllegalTransition, errors.OurFailure),
    ],
)
def test_blame_is_where_the_tree_puts_it(kind, parent):
    assert kind.__bases__ == (parent,)


def test_the_tree_drawn_in_the_docstring_is_the_tree():
    drawn = re.findall(r"^ +[│├└─ ]*([A-Z]\w+)(?: {2,}|$)", errors.__doc__, re.MULTILINE)
    assert sorted(drawn) == sorted(kind.__name__ for kind in RAISED)


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        ({}, "the scenario is empty; it needs the keys function and steps"),
        ({"line": 7}, "line 7: the scenario is empty; it needs the keys function and steps"),
        ({"line": 7, "file": "a.yaml"}, "a.yaml:7: the scenario is empty; it needs the keys function and steps"),
    ],
    ids=["no line is known", "the line leads", "the file leads"],
)
def test_a_scenario_error_is_one_sentence(place, shown):
    assert str(errors.ScenarioError(say("scenario-empty"), field="steps[0]", **place)) == shown


def test_a_scenario_error_is_told_in_another_language():
    error = errors.ScenarioError(say("scenario-empty"), line=7)
    assert error.told("ja") == "7 行目: シナリオが空です。関数とステップのキーが必要です。"


def test_a_scenario_error_keeps_where_it_was():
    error = errors.ScenarioError(say("no-anchors"), field="steps[2].invoke", line=9, column=4)
    assert (error.message.code, error.field, error.line, error.column) == ("no-anchors", "steps[2].invoke", 9, 4)
